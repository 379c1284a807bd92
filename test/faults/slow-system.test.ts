import { expect, it } from 'vitest'
import { startSlapd } from '#src/sandbox/directories/slapd.ts'
import { startBot } from '#test/helpers/bot.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { startFaultProxy } from '#test/helpers/fault-proxy.ts'

const describeSlapd = await describeWithDirectory('slapd')
const patience = { timeout: 120_000 }

describeSlapd('a directory that takes every connection and never answers', () => {
  it('delays nothing in another one, and its part is done once it answers again', patience, async () => {
    await using quick = await startSlapd({ saysLocked: true })
    await using slow = await startSlapd({ saysLocked: true })
    await using proxy = await startFaultProxy({ host: '127.0.0.1', port: slow.port })
    const url = `ldap://127.0.0.1:${proxy.port}`
    await using bot = await startBot({
      systems: [systemFor(quick, 'quick'), systemFor(slow, 'slow', { url, ca_file: undefined })],
      changes: { enforcement: { call_timeout: '5s', calls_per_system: 2, drift_checks: [] } },
      mayLogErrors: true,
    })
    const tasks: string[] = []
    for (let i = 0; i < 6; i += 1) {
      const { login, mail } = await addPerson(quick)
      await addPerson(slow, { login })
      tasks.push(await bot.ask(bot.rita, `/disable-user ${mail} more than the slow one can take`))
    }
    proxy.fail({ kind: 'black_hole', at: 'bind' })
    for (const task of tasks) await bot.decide(bot.ana, task, 'Approve')
    for (const task of tasks) {
      const thread = await bot.says(task, '✔ *quick* disabled')
      expect(thread).not.toContain('✔ *slow*')
    }
    proxy.fail(undefined)
    proxy.cutAll()
    for (const task of tasks) {
      const thread = await bot.says(task, /[✔✖] \*slow\*/u)
      if (!thread.includes('✖ *slow*')) continue
      await bot.status(task, 'Partially successful')
      await bot.press(bot.rita, task, 'Retry failed')
    }
    for (const task of tasks) await bot.says(task, '✔ *slow* disabled')
  })
})
