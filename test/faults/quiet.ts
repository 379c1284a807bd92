import { vi } from 'vitest'
import type { Bot } from '#test/helpers/bot.ts'
import { ids } from '#test/helpers/bot.ts'

/** Waits until the look gives something, while time goes as it goes. Looks again every few milliseconds. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  timeout = 30_000,
): Promise<T> {
  return await vi.waitFor(
    async () => {
      const found = await look()
      if (found !== undefined && found !== null && found !== false) return found
      throw new Error(`waited in vain for ${what}`)
    },
    { timeout, interval: 20 },
  )
}

/** The lines of the outbox that are not sent yet, with the number of tries. */
export async function unsentLines(bot: Bot) {
  const lines = await bot.app.store.read(async ({ q, t }) => await q.select().from(t.outbox))
  return lines.filter((line) => line.state === 'waiting' || line.state === 'sending')
}

/** Waits until a message, or the look-up for a decision, was tried in vain and is tried again. */
export async function triedInVain(bot: Bot): Promise<void> {
  await eventually('a second try', async () => {
    const jobs = await bot.app.store.read(async ({ q, t }) => await q.select().from(t.jobs))
    const lookUp = jobs.some((job) => job.kind === 'decide' && job.state === 'executing' && job.fence >= 2)
    return lookUp || (await unsentLines(bot)).some((line) => line.attempt >= 2)
  })
}

/** What stands in a task's thread, below its message. */
export function replies(bot: Bot, taskId: string): readonly string[] {
  const root = bot.slack.messages(ids.channel).find((message) => message.text.includes(taskId))
  return root?.replies.map((reply) => reply.text) ?? []
}
