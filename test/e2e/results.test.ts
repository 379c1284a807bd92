import { afterAll, beforeAll, expect, it } from 'vitest'
import { modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { slapdTree } from '#src/sandbox/directories/slapd-config.ts'
import { documentedAccess } from '#src/sandbox/directories/slapd-config.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { type Bot, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { startFaultProxy } from '#test/helpers/fault-proxy.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')
const minute = 60_000
const noApproval = { disable_account: { approvers: 0 }, enable_account: { approvers: 0 } }

describeSlapd('results', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}, systems = [systemFor(slapd)]) =>
    startBot({ systems, changes: { approval: noApproval, ...changes } })
  const disabled = async (bot: Bot) => {
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(id, 'Successful')
    return { pat, id }
  }
  /** A server behind a proxy, as a system of a task. */
  const proxied = async (server: Slapd) => {
    const proxy = await startFaultProxy({ host: '127.0.0.1', port: server.port })
    const system = systemFor(server, 'far-ldap', {
      url: `ldap://127.0.0.1:${proxy.port}`,
      ca_file: undefined,
    })
    const away = () => {
      proxy.fail({ kind: 'cut_before', at: 'bind' })
      proxy.cutAll()
    }
    return { proxy, system, away, back: () => proxy.fail(undefined) }
  }

  it('disables, ends with a sentence that says what was seen, and enables exactly what it changed', async () => {
    await using bot = await start()
    const { pat, id } = await disabled(bot)
    await bot.says(
      id,
      /✔ \*unix-ldap\* disabled `uid=.*` in .* s\. Read back at .*: disabled, and the lock is enforced\. Sessions already open there may live on until they end\./u,
    )
    expect(await pat.canSignIn()).toBe(false)
    await bot.press(bot.rita, id, 'task_menu', 'Enable User Account')
    const form = await bot.rita.modal('enable_user')
    expect(form.read()).toContain(`disabled by ${id}`)
    expect(await form.submit()).toMatchObject({ kind: 'refused' })
    await form.fill('safe', ['verified'])
    await form.submit()
    await bot.says(id, /@rita asked to enable again what this task disabled: T-/u)
    await bot.says(id, /Enable T-.* ended: ✅ Successful\./u)
    expect(await pat.canSignIn()).toBe(true)
    expect(await pat.lock()).toEqual([])
    await bot.until('the menu to go', () => !bot.thread(id).includes('[⋯ Enable User Account]'))
  })

  it('tells the thread of the Disable also about an Enable that was asked for with the command', async () => {
    await using bot = await start()
    const { pat, id } = await disabled(bot)
    const enable = await bot.ask(bot.rob, `/enable-user ${pat.mail}`)
    await bot.says(id, `Enable ${enable} ended: ✅ Successful.`)
    await bot.until('the menu to go', () => !bot.thread(id).includes('[⋯ Enable User Account]'))
    expect(await pat.canSignIn()).toBe(true)
  })

  it('calls an account that is disabled already a success, says so, and does not tick it', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    await pat.lockByHand()
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    expect(form.read()).toContain(`[ ] *unix-ldap*  uid=${pat.login} (disabled`)
    await form.fill('Accounts', [`*unix-ldap*  uid=${pat.login}`])
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.status(id, 'Successful')
    await bot.says(id, `\`uid=${pat.login}\` was already disabled. Read back at`)
  })

  it('does not open by Enable what an administrator had locked before', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    await pat.lockByHand()
    const form = await bot.form(bot.rita, `/enable-user ${pat.mail}`)
    expect(form.read()).toContain(
      'it was not disabled by Drawbridge, so it is left as it is (setting enforcement.enable_requires_prior_disable).',
    )
    await form.fill('safe', ['verified'])
    expect((await form.submit()).kind).toBe('errors')
    expect(form.read()).not.toContain('Something went wrong')
    expect(bot.taskIds()).toEqual([])
    expect(await pat.lock()).toHaveLength(1)
  })

  it('enables what others disabled where the setting allows it', async () => {
    await using bot = await start({ enforcement: { enable_requires_prior_disable: false } })
    const pat = await addPerson(slapd)
    await pat.lockByHand()
    const id = await bot.ask(bot.rita, `/enable-user ${pat.mail}`)
    await bot.status(id, 'Successful')
    expect(await pat.canSignIn()).toBe(true)
  })

  it('never calls an account disabled whose lock nothing enforces', async () => {
    await using weak = await startSlapd({ policy: 'no_policy', saysLocked: true })
    await using bot = await start({}, [systemFor(weak)])
    const pat = await addPerson(weak)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(id, 'Unsuccessful')
    await bot.says(
      id,
      /nothing proves that it is enforced|does not enforce it: the person can still sign in/u,
    )
    expect(bot.root(id).text).toMatch(/unix-ldap: lock written, not (?:proven|enforced)/u)
    expect(await pat.canSignIn()).toBe(true)
  })

  it('names a missing right and who grants it; Retry after the grant asks that system alone', async () => {
    await using poor = await startSlapd({ rights: 'no_lock', saysLocked: true })
    await using bot = await start({}, [systemFor(slapd), systemFor(poor, 'poor-ldap')])
    const pat = await addPerson(slapd)
    const same = await addPerson(poor, { login: pat.login, mails: [pat.mail] })
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(id, 'Partially successful')
    await bot.says(
      id,
      /✖ \*poor-ldap\* refused `uid=.*`: Drawbridge lacks the right \*.*pwdAccountLockedTime.*\*.* can grant it\. Then press \*Retry failed\*; only what failed will be asked again\./u,
    )
    const { lock } = documentedAccess(slapdTree.suffix, slapdTree.people, slapdTree.service)
    const config = { ...poor.admin, dn: slapdTree.configAdmin }
    const database = 'olcDatabase={1}mdb,cn=config'
    const { olcAccess = [] } = await readAsAdmin(config, database, ['olcAccess'])
    const rules = [lock, ...olcAccess.map((rule) => rule.replace(/^\{\d+\}/u, ''))]
    await modifyAsAdmin(config, database, [
      { name: 'olcAccess', values: rules.map((rule, index) => `{${index}}${rule}`) },
    ])
    await bot.press(bot.rob, id, 'Retry failed')
    await bot.status(id, 'Successful')
    await bot.says(id, '@rob sent it again to *poor-ldap*.')
    expect(await same.canSignIn()).toBe(false)
    expect(bot.thread(id).match(/\*unix-ldap\* disabled/gu)).toHaveLength(1)
  })

  it('asks a system that was away at the look-up again when the task runs', async () => {
    await using other = await startSlapd({ saysLocked: true })
    const far = await proxied(other)
    await using _ = far.proxy
    await using bot = await start({ approval: { disable_account: { approvers: 1 } } }, [
      systemFor(slapd),
      far.system,
    ])
    const pat = await addPerson(slapd)
    const same = await addPerson(other, { login: 'elsewhere', mails: [pat.mail] })
    far.away()
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    expect(form.read()).toContain('⚠️ *far-ldap* could not be asked (not reachable).')
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    far.back()
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    await bot.says(id, '*far-ldap* disabled `uid=elsewhere`')
    expect(await same.canSignIn()).toBe(false)
  })

  it('skips a system that was away and knows nobody of that name, openly', async () => {
    await using other = await startSlapd({ saysLocked: true })
    const far = await proxied(other)
    await using _ = far.proxy
    await using bot = await start({ approval: { disable_account: { approvers: 1 } } }, [
      systemFor(slapd),
      far.system,
    ])
    const pat = await addPerson(slapd)
    far.away()
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    far.back()
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    await bot.says(id, `– *far-ldap*: nobody called \`${pat.mail}\` is there, so there was nothing to do.`)
    expect(bot.thread(id)).toContain('disabled in 1 of 1 system')
  })

  it('ends unsuccessful for a system that stays away, offers Retry, and Retry finishes it', async () => {
    await using other = await startSlapd({ saysLocked: true })
    const far = await proxied(other)
    await using _ = far.proxy
    await using bot = await start({}, [systemFor(slapd), far.system])
    const pat = await addPerson(slapd)
    const same = await addPerson(other, { login: pat.login, mails: [pat.mail] })
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    far.away()
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.status(id, 'Partially successful')
    await bot.says(
      id,
      /✖ \*far-ldap\* (?:could not be reached, so `uid=.*` was not changed|gave no answer in time).*Press \*Retry failed\* when it is back\./u,
    )
    expect(await same.canSignIn()).toBe(true)
    far.back()
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.status(id, 'Successful')
    expect(await same.canSignIn()).toBe(false)
  })

  it('says that nobody is known when the only system is away and stays away', async () => {
    const far = await proxied(slapd)
    await using _ = far.proxy
    await using bot = await start({}, [far.system])
    const pat = await addPerson(slapd)
    far.away()
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    expect(form.read()).toContain(`No system could be asked about \`${pat.mail}\`.`)
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    for (const ms of [2_000, 3_000, 4_000]) await bot.pass(ms)
    await bot.status(id, 'Unsuccessful')
    await bot.says(id, `could not be reached, so \`${pat.mail}\` was not changed`)
    expect(bot.thread(id)).toContain('Press *Retry failed* when it is back.')
    expect(bot.thread(id)).toContain('[Retry failed]')
  })

  it('sees after five minutes that an account was enabled again, says so, and disables it again', async () => {
    await using bot = await start()
    const { pat, id } = await disabled(bot)
    await pat.openByHand()
    await bot.pass(5 * minute)
    await bot.status(id, 'Unsuccessful')
    await bot.says(
      id,
      /↔ \*unix-ldap\* shows `uid=.*` enabled again \(.*, 5 min after the disable\)\. Usually that is a directory sync or an administrator\./u,
    )
    expect(bot.root(id).text).toContain('unix-ldap: not disabled any more')
    const message = bot.slack
      .messages('C0SECURITY')
      .flatMap((one) => one.replies)
      .find((one) => one.text.startsWith('↔'))
    if (message === undefined) throw new Error('no word about the drift')
    await bot.omar.press(message, 'Disable again')
    await bot.told(bot.omar, 'This needs the role responder')
    await bot.rob.press(message, 'Disable again')
    await bot.status(id, 'Successful')
    expect(await pat.canSignIn()).toBe(false)
    await bot.rob.press(message, 'Disable again')
    await bot.told(bot.rob, `Nothing of ${id} is left to send again.`)
  })

  it('keeps silent at the later looks while all is as it should be', async () => {
    await using bot = await start()
    const { id } = await disabled(bot)
    const before = bot.thread(id)
    await bot.pass(5 * minute)
    await bot.pass(30 * minute)
    expect(bot.thread(id)).toBe(before)
  })

  it('does not take an Enable by Drawbridge for drift', async () => {
    await using bot = await start()
    const { pat, id } = await disabled(bot)
    const enable = await bot.ask(bot.rita, `/enable-user ${pat.mail}`)
    await bot.status(enable, 'Successful')
    await bot.pass(36 * minute)
    expect(bot.thread(id)).not.toContain('↔')
    await bot.status(id, 'Successful')
  })

  it('refuses Retry when a newer task covers the account', async () => {
    await using poor = await startSlapd({ rights: 'no_lock', saysLocked: true })
    await using bot = await start({}, [systemFor(poor)])
    const pat = await addPerson(poor)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(id, 'Unsuccessful')
    const newer = await bot.ask(bot.rob, `/disable-user ${pat.mail}`)
    await bot.status(newer, 'Unsuccessful')
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.told(bot.rita, `${newer} is newer and covers this account, so ${id} no longer acts on it.`)
    await bot.pass(24 * 60 * minute + minute)
    await bot.press(bot.rita, newer, 'Retry failed')
    await bot.told(
      bot.rita,
      `The approval of ${newer} is older than 24 hours. Please ask anew with /disable-user.`,
    )
  })
})
