import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { configureEstate, type EstateConfig } from '#src/sandbox/estate-config.ts'
import { type Estate, signIns, startEstate } from '#src/sandbox/estate.ts'
import { type Bot, type BotOptions, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { mustBeAsPublished } from '#test/helpers/vendor-schemas.ts'

const describeSamba = await describeWithDirectory('samba')
const alice = 'alice@corp.example'
const everywhere = (works: boolean) =>
  ['corp-ad', 'entra', 'okta', 'unix-ldap'].map((system) => [system, works] as const)

describeSamba('One person in Entra, Okta, Active Directory and OpenLDAP', () => {
  let estate: { [server in keyof Estate]-?: NonNullable<Estate[server]> } & AsyncDisposable
  let config: EstateConfig
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drawbridge-estate-'))
    const { entra, okta, slapd, samba, ...rest } = await startEstate({ withSlapd: true, withSamba: true })
    if (entra === undefined || okta === undefined || slapd === undefined || samba === undefined)
      throw new Error('a server of the estate is missing')
    estate = { entra, okta, slapd, samba, ...rest }
    config = await configureEstate(estate, folder)
  })
  afterAll(async () => {
    await mustBeAsPublished({ graph: estate.entra, okta: estate.okta })
    await estate[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  beforeEach(() => {
    estate.entra.faults.clear()
    estate.okta.faults.clear()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}, options: Partial<BotOptions> = {}) =>
    startBot({ systems: config.systems, env: config.secrets, changes, ...options })
  const decided = async (bot: Bot, line: string) => {
    const id = await bot.ask(bot.rita, line)
    await bot.decide(bot.ana, id, 'Approve')
    return id
  }
  const enableAgain = async (bot: Bot) => {
    await bot.status(await decided(bot, `/enable-user ${alice}`), 'Successful')
    expect(await signIns(estate)).toEqual(everywhere(true))
  }

  it('is found as one, disabled in all four, with the sessions ended, and restored exactly', async () => {
    await using bot = await start()
    const session = estate.entra.openSession(alice)
    const form = await bot.form(bot.rita, `/disable-user ${alice} Token theft, case 4711`)
    expect(form.read()).toContain('found in 4 of 4 systems')
    expect(form.read()).toContain('same source anchor as corp-ad')
    expect(form.read()).toContain('corp-ad goes first, because entra follows it.')
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds().at(-1))
    expect(bot.root(id).text).toContain('entra: after corp-ad')
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    expect(await signIns(estate)).toEqual(everywhere(false))
    expect(session.works()).toBe(false)
    const thread = bot.thread(id)
    expect(thread.indexOf('*corp-ad* disabled')).toBeLessThan(thread.indexOf('*entra* disabled'))
    expect(thread).toContain('Access tokens already issued may work for up to about an hour.')
    expect(thread).not.toContain('next directory synchronization')
    await enableAgain(bot)
  })

  it('tells what each system answered; Retry after the grant asks only the one that refused', async () => {
    await using bot = await start()
    const before = [...estate.okta.app.permissions]
    estate.okta.app.permissions.delete('okta.users.lifecycle.suspend')
    const id = await decided(bot, `/disable-user ${alice}`)
    await bot.status(id, 'Partially successful')
    await bot.says(id, /✖ \*okta\* refused `alice@corp\.example`: Drawbridge lacks the right/u)
    for (const right of before) estate.okta.app.permissions.add(right)
    const calls = estate.entra.calls.length
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.status(id, 'Successful')
    expect(estate.entra.calls.length).toBe(calls)
    expect(await signIns(estate)).toEqual(everywhere(false))
    await enableAgain(bot)
  })

  it('leaves sessions alone when the requester says so', async () => {
    await using bot = await start()
    const session = estate.entra.openSession(alice)
    const form = await bot.form(bot.rita, `/disable-user ${alice}`)
    await form.fill('sessions', [])
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds().at(-1))
    await bot.says(id, 'leaves open sessions alone')
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    await bot.says(id, /✔ \*entra\* .* Open sessions were left alone, as asked\./u)
    estate.entra.setEnabled(alice, true)
    expect(session.works()).toBe(true)
    estate.entra.setEnabled(alice, false)
    await enableAgain(bot)
  })

  it('is signed out where that exists, and told openly where it does not', async () => {
    await using bot = await start()
    const session = estate.entra.openSession(alice)
    const id = await bot.ask(bot.rita, `/force-sign-out ${alice}`)
    await bot.status(id, 'Successful')
    expect(bot.thread(id)).toContain('Signed out in 2 of 2 systems')
    expect(bot.thread(id)).toMatch(/– \*corp-ad\*: this system has no way to end sessions/u)
    expect(session.works()).toBe(false)
    expect(await signIns(estate)).toEqual(everywhere(true))
  })

  it('is protected where a system knows an administrator', async () => {
    await using bot = await start()
    const form = await bot.form(bot.rita, '/disable-user boss@corp.example')
    expect(form.read()).toMatch(/🔒 .*\*entra\*.*Global Administrator/u)
    expect(form.read()).toMatch(/🔒 .*\*corp-ad\*.*Domain Admins/u)
  })

  it('is warned about when the Active Directory cannot be reached: Entra goes on alone after one time limit', async () => {
    const systems = config.systems.map((system) =>
      'kind' in system && system.kind === 'active-directory'
        ? { ...system, url: 'ldaps://127.0.0.1:9' }
        : system,
    )
    await using bot = await start({ enforcement: { call_timeout: '2s' } }, { systems, mayLogErrors: true })
    const id = await decided(bot, `/disable-user ${alice}`)
    await bot.status(id, 'Partially successful')
    await bot.says(id, /✔ \*entra\* .*\*The next directory synchronization will undo this\*/u)
    expect(bot.root(id).text).toContain('the next sync will undo it')
    await bot.status(await decided(bot, `/enable-user ${alice}`), 'Successful')
    expect(await signIns(estate)).toEqual(everywhere(true))
  })

  it('is deactivated instead where Okta cannot suspend: only when that is asked for and approved', async () => {
    await using bot = await start()
    estate.okta.changePerson(alice, { status: 'PASSWORD_EXPIRED' })
    const id = await decided(bot, `/disable-user ${alice}`)
    await bot.status(id, 'Partially successful')
    await bot.says(
      id,
      /✖ \*okta\* can't suspend `alice@corp\.example` while its status is `PASSWORD_EXPIRED`/u,
    )
    expect(estate.okta.person(alice).status).toBe('PASSWORD_EXPIRED')
    const reply = await bot.until('the offer', () =>
      bot.slack
        .messages('C0SECURITY')
        .flatMap((one) => one.replies)
        .find((one) => one.text.includes("can't suspend")),
    )
    await bot.omar.press(reply, 'Deactivate instead')
    await bot.sees(bot.omar, 'This needs the role responder')
    await bot.rita.press(reply, 'Deactivate instead')
    const form = await bot.rita.modal('disable_user')
    expect(form.read()).toContain('takes the account out of all applications')
    await form.submit()
    const instead = await bot.until('the new task', () => bot.taskIds().find((one) => one !== id))
    await bot.says(id, `@rita asked to deactivate the account instead: ${instead}.`)
    expect(estate.okta.person(alice).status).toBe('PASSWORD_EXPIRED')
    await bot.decide(bot.ana, instead, 'Approve')
    await bot.status(instead, 'Successful')
    expect(estate.okta.person(alice).status).toBe('DEPROVISIONED')
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.told(bot.rita, `${instead} is newer and covers this account`)
  })
})
