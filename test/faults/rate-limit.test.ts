import { expect, it } from 'vitest'
import { startOkta } from '#src/sandbox/okta/start.ts'
import { startBot } from '#test/helpers/bot.ts'

it('waits as long as Okta asks for, in all tasks, sends nothing meanwhile, and finishes them all', async () => {
  const people = ['ann', 'ben', 'cem'].map((name) => ({
    login: `${name}@corp.example`,
    email: `${name}@corp.example`,
  }))
  await using okta = await startOkta({ people })
  await using bot = await startBot({
    systems: [{ id: 'okta', kind: 'okta', url: okta.url, api_token: okta.apiToken.value }],
    changes: { enforcement: { drift_checks: [] } },
  })
  const tasks: string[] = []
  for (const { login } of people) tasks.push(await bot.ask(bot.rita, `/disable-user ${login} token theft`))
  const [first = '', ...others] = tasks
  const limit = okta.faults.whenever(
    { path: /suspend/u },
    { kind: 'rate_limited', resetInSeconds: 50 },
    { times: 1 },
  )
  await bot.decide(bot.ana, first, 'Approve')
  await bot.until('the answer 429', () => limit.hits() === 1)
  const sent = okta.calls.length
  for (const task of others) {
    await bot.decide(bot.ana, task, 'Approve')
    await bot.status(task, 'In progress')
  }
  await bot.pass(20_000)
  expect(okta.calls.length).toBe(sent)
  await bot.pass(40_000)
  for (const task of tasks) await bot.status(task, 'Successful')
  for (const { login } of people) expect(okta.person(login).status).toBe('SUSPENDED')
  expect(okta.complaints).toEqual([])
})
