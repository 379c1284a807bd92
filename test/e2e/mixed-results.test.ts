import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { startBot } from '#test/helpers/bot.ts'
import { type CloudSystems, startCloudSystems } from '#test/helpers/cloud-systems.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')

describeSlapd('one person in three systems', () => {
  let slapd: Slapd
  let clouds: CloudSystems
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  beforeEach(async () => {
    clouds = await startCloudSystems()
  })
  afterEach(async () => {
    await clouds[Symbol.asyncDispose]()
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (enforcement: object = {}) =>
    startBot({
      systems: [systemFor(slapd), clouds.oktaSystem, clouds.entraSystem],
      env: clouds.secrets,
      changes: {
        approval: { disable_account: { approvers: 0 } },
        enforcement: { drift_checks: [], ...enforcement },
      },
      mayLogErrors: true,
    })
  const somebody = async () => {
    const pat = await addPerson(slapd)
    clouds.okta.addPerson({ login: pat.mail })
    clouds.entra.addPerson({ userPrincipalName: pat.mail })
    return pat
  }

  it('has each result told, although one system answers rubbish and another one nothing', async () => {
    await using bot = await start({ call_timeout: '1s' })
    const pat = await somebody()
    const rubbish = clouds.okta.faults.whenever({ method: 'POST', path: /suspend$/u }, { kind: 'garbage' })
    const silence = clouds.entra.faults.whenever({ method: 'PATCH' }, { kind: 'hang' })
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.says(id, /✔ \*unix-ldap\* disabled/u)
    for (let again = 0; again < 8; again += 1) await bot.pass(30_000)
    await bot.status(id, 'Partially successful')
    await bot.says(id, /✖ \*okta\*/u)
    await bot.says(id, /✖ \*entra\*/u)
    expect(bot.thread(id).match(/[✔✖–] \*/gu)).toHaveLength(3)
    rubbish.lift()
    silence.lift()
    await bot.pass(60_000)
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.status(id, 'Successful')
    expect(clouds.okta.person(pat.mail).status).toBe('SUSPENDED')
    expect(clouds.entra.person(pat.mail).properties.accountEnabled).toBe(false)
  })

  it('is not called done where the account is disabled and its sessions live on', async () => {
    await using bot = await start()
    const pat = await somebody()
    const session = clouds.entra.openSession(pat.mail)
    clouds.okta.app.permissions.delete('okta.users.lifecycle.clearSessions')
    const unknown = clouds.entra.faults.whenever(
      { method: 'POST', path: /revokeSignInSessions$/u },
      { kind: 'graph_error', status: 404, code: 'Request_ResourceNotFound' },
    )
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(id, 'Partially successful')
    await bot.says(
      id,
      /✖ \*okta\* disabled .* open sessions could not be ended: .*okta\.users\.lifecycle\.clearSessions/u,
    )
    await bot.says(id, /✖ \*entra\* disabled .* open sessions could not be ended/u)
    expect(bot.root(id).text).toContain('okta: disabled, but sessions live on')
    expect(bot.root(id).text).toContain('entra: disabled, but sessions live on')
    expect(clouds.okta.person(pat.mail).status).toBe('SUSPENDED')
    unknown.lift()
    clouds.okta.app.permissions.add('okta.users.lifecycle.clearSessions')
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.status(id, 'Successful')
    expect(clouds.okta.person(pat.mail).sessions).toEqual([])
    clouds.entra.setEnabled(pat.mail, true)
    expect(session.works()).toBe(false)
  })

  it('is changed only where the evidence is strong, or somebody ticks the account', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const other = clouds.okta.addPerson({
      login: 'somebody-else@corp.example',
      profile: { secondEmail: pat.mail },
    })
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    expect(form.read()).toMatch(/\[x\] \*unix-ldap\* .*same e-mail/u)
    expect(form.read()).toMatch(/\[ \] \*okta\* .*by a second e-mail: tick it if this is the same person/u)
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.status(id, 'Successful')
    expect(await pat.canSignIn()).toBe(false)
    expect(clouds.okta.person(other.id).status).toBe('ACTIVE')
    expect(clouds.okta.calls.filter(({ path }) => path.includes('/lifecycle/'))).toEqual([])
  })
})
