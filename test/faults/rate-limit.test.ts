import { expect, it } from 'vitest'
import { startOkta } from '#src/sandbox/okta/start.ts'
import { startBot } from '#test/helpers/bot.ts'
import { startCloudSystems } from '#test/helpers/cloud-systems.ts'
import { mustBeAsPublished } from '#test/helpers/vendor-schemas.ts'

it('does not count a pause that a system demands as time that the task took', async () => {
  const login = 'dee@corp.example'
  await using okta = await startOkta({ people: [{ login }] })
  await using bot = await startBot({
    systems: [{ id: 'okta', kind: 'okta', url: okta.url, api_token: okta.apiToken.value }],
    changes: { enforcement: { drift_checks: [], task_timeout: '2m' } },
  })
  const id = await bot.ask(bot.rita, `/disable-user ${login}`)
  const limit = okta.faults.whenever(
    { path: /suspend/u },
    { kind: 'rate_limited', resetInSeconds: 300 },
    { times: 1 },
  )
  await bot.decide(bot.ana, id, 'Approve')
  await bot.until('the answer 429', () => limit.hits() === 1)
  for (let seconds = 0; seconds < 240; seconds += 30) await bot.pass(30_000)
  await bot.status(id, 'In progress')
  await bot.pass(90_000)
  await bot.status(id, 'Successful')
  await mustBeAsPublished({ okta })
})

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
    { kind: 'rate_limited', resetInSeconds: 200 },
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
  await bot.pass(200_000)
  for (const task of tasks) await bot.status(task, 'Successful')
  for (const { login } of people) expect(okta.person(login).status).toBe('SUSPENDED')
  await mustBeAsPublished({ okta })
})

it('waits as long as Okta asks for also where it was only looked for, and changes it then', async () => {
  await using clouds = await startCloudSystems()
  const { entra, okta, entraSystem, oktaSystem, secrets } = clouds
  entra.addPerson({ userPrincipalName: 'eve@corp.example' })
  okta.addPerson({ login: 'eve@corp.example' })
  await using bot = await startBot({ systems: [entraSystem, oktaSystem], env: secrets })
  const limit = okta.faults.whenever(
    { path: /users/u },
    { kind: 'rate_limited', resetInSeconds: 200 },
    { times: 1 },
  )
  const form = await bot.form(bot.rita, '/disable-user eve@corp.example token theft')
  expect(form.read()).toContain('*okta* could not be asked')
  await form.submit()
  const id = await bot.until('the task', () => bot.taskIds()[0])
  expect(limit.hits()).toBe(1)
  await bot.decide(bot.ana, id, 'Approve')
  for (let seconds = 0; seconds < 40; seconds += 5) await bot.pass(5_000)
  await bot.status(id, 'In progress')
  expect(okta.person('eve@corp.example').status).toBe('ACTIVE')
  await bot.pass(200_000)
  await bot.status(id, 'Successful')
  expect(okta.person('eve@corp.example').status).toBe('SUSPENDED')
})
