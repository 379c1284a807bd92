import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { systemClock } from '#src/clock.ts'
import type { Modal, Slack } from '#src/sandbox/slack/index.ts'
import { cast } from '#src/sandbox/stage.ts'

/**
 * Has somebody disabled as people do it. The time runs from the moment in which the approver sends the form to the
 * moment that the bot wrote down for the last account, which is after its read-back.
 */
export async function approved(
  slack: Slack,
  database: Records,
  email: string,
  systems: number,
): Promise<number> {
  const decision = await askedToDecide(slack, email)
  const startedAt = systemClock.now().getTime()
  await decision.submit()
  const ended = await database.ended(email, systems)
  const failed = ended.enforcements.filter(({ status }) => status !== 'successful')
  if (failed.length > 0) throw new Error(`${email} was not disabled: ${JSON.stringify(failed)}`)
  return ended.atMs - startedAt
}

/** Requests, and opens the approver's form. */
async function askedToDecide(slack: Slack, email: string): Promise<Modal> {
  const rita = slack.as(cast.responder)
  await rita.command(cast.channel, `/disable-user ${email} Bench`)
  await (await rita.modal('disable_user', { timeoutMs: 30_000 })).submit()
  const name = ` Person ${email.split('@')[0]} `
  const asked = await slack.waitUntil(
    () => slack.messages(cast.channel).findLast((root) => root.text.includes(name)),
    { what: `the request about ${email}`, timeoutMs: 30_000 },
  )
  const ana = slack.as(cast.approver)
  await ana.press(asked, 'Approve')
  return await ana.modal('approve_task', { timeoutMs: 30_000 })
}

/** The bot's own records, read beside it. */
export interface Records extends Disposable {
  /** Waits until the task about that address has ended; when the last of its accounts did, and how each one did. */
  ended(email: string, systems: number): Promise<{ readonly atMs: number; readonly enforcements: Rows }>
}

const Rows = z.array(
  z.object({
    system: z.string(),
    status: z.string(),
    reason: z.string().nullable(),
    at: z.number().nullable(),
  }),
)
type Rows = z.infer<typeof Rows>

/** Opens the bot's SQLite file for reading. */
export function openReadOnly(file: string): Records {
  const database = new Database(file, { readonly: true })
  const query = database.prepare(
    `select e.system_id as system, e.status as status, e.reason as reason, e.finished_at as at from enforcements e join tasks t on t.id = e.task_id where t.person_text = ?`,
  )
  return {
    ended: async (email, systems) => {
      const end = performance.now() + 60_000
      for (;;) {
        const rows = Rows.parse(query.all(email))
        const times = rows.flatMap(({ at }) => at ?? [])
        if (rows.length === systems && times.length === systems)
          return { atMs: Math.max(...times), enforcements: rows }
        if (performance.now() > end)
          throw new Error(`${email} is still not disabled: ${JSON.stringify(rows)}`)
        // The times come from the rows; looking seldom only means learning them a little later.
        await wait(100)
      }
    },
    [Symbol.dispose]: () => void database.close(),
  }
}
