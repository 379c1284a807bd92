import { afterAll, beforeAll, expect, it } from 'vitest'
import { canBind, modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { domainPersonDn } from '#src/sandbox/directories/samba-data.ts'
import { type Samba, startSamba } from '#src/sandbox/directories/samba.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { type Bot, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import {
  addPerson,
  type AddedPerson,
  password,
  domainSystemFor,
  systemFor,
} from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')
const describeSamba = await describeWithDirectory('samba')
const noApproval = { disable_account: { approvers: 0 }, enable_account: { approvers: 0 } }
const locked = ['000001010000Z']

/** Asks for the action and waits until it ended well. */
async function done(bot: Bot, line: string): Promise<string> {
  const id = await bot.ask(bot.rita, line)
  await bot.status(id, 'Successful')
  return id
}

describeSlapd('what Enable puts back in OpenLDAP', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}) =>
    startBot({ systems: [systemFor(slapd)], changes: { approval: noApproval, ...changes } })
  const marks = (pat: AddedPerson) =>
    readAsAdmin(slapd.admin, personDn(pat.login), ['pwdAccountLockedTime', 'pwdEndTime', 'pwdStartTime'])
  const set = (pat: AddedPerson, name: string, ...values: string[]) =>
    modifyAsAdmin(slapd.admin, personDn(pat.login), [{ name, values }])

  it('is the lock by too many wrong passwords that ends by itself, and it is said', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    for (let attempt = 0; attempt < 5; attempt += 1) await canBind(slapd.admin, personDn(pat.login), 'wrong')
    const before = await marks(pat)
    expect(before['pwdAccountLockedTime']).toEqual([expect.stringMatching(/^20/u)])
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    expect(form.read()).toMatch(/\[x\] \*unix-ldap\*.*enabled.*locked by wrong passwords/u)
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.status(id, 'Successful')
    expect((await marks(pat))['pwdAccountLockedTime']).toEqual(locked)
    const enable = await done(bot, `/enable-user ${pat.mail}`)
    await bot.says(enable, 'A lock that was there before Drawbridge came was put back.')
    expect(await marks(pat)).toEqual(before)
    expect(await pat.canSignIn()).toBe(false)
  })

  it('is the end date that the account had', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    await set(pat, 'pwdEndTime', '20350101000000Z')
    const before = await marks(pat)
    await done(bot, `/disable-user ${pat.mail}`)
    expect((await marks(pat))['pwdEndTime']).not.toEqual(before['pwdEndTime'])
    expect(await pat.canSignIn()).toBe(false)
    const enable = await done(bot, `/enable-user ${pat.mail}`)
    await bot.says(enable, 'put back')
    expect(await marks(pat)).toEqual(before)
    expect(await pat.canSignIn()).toBe(true)
  })

  it('is not what somebody else set since the Disable: that is kept, and it is said', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    await done(bot, `/disable-user ${pat.mail}`)
    await set(pat, 'pwdEndTime', '20200202000000Z')
    const enable = await done(bot, `/enable-user ${pat.mail}`)
    await bot.says(
      enable,
      'Other settings of the account were changed by somebody else meanwhile; they are kept.',
    )
    expect(await marks(pat)).toMatchObject({ pwdAccountLockedTime: [], pwdEndTime: ['20200202000000Z'] })
  })

  it('is nothing where an administrator had locked the account before the Disable', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    await pat.lockByHand()
    const before = await marks(pat)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    await form.fill('Accounts', [`*unix-ldap*  uid=${pat.login}`])
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.status(id, 'Successful')
    await bot.says(id, 'was already disabled')
    expect(await marks(pat)).toEqual(before)
    expect(bot.thread(id)).not.toContain('Enable User Account')
    const enable = await bot.form(bot.rita, `/enable-user ${pat.mail}`)
    expect(enable.read()).toContain('it was not disabled by Drawbridge')
    await enable.fill('safe', ['verified'])
    expect((await enable.submit()).kind).toBe('errors')
    expect(await marks(pat)).toEqual(before)
  })

  it('is nothing where an administrator locked the account while the Disable waited', async () => {
    await using bot = await start({ approval: { ...noApproval, disable_account: { approvers: 1 } } })
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await pat.lockByHand()
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    await bot.says(id, 'was already disabled')
    expect(await marks(pat)).toMatchObject({ pwdAccountLockedTime: locked, pwdEndTime: [] })
    const enable = await bot.form(bot.rita, `/enable-user ${pat.mail}`)
    expect(enable.read()).toContain('it was not disabled by Drawbridge')
  })

  it('is what stood there before the first of two Disables, when the lock was lifted by hand in between', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    await set(pat, 'pwdEndTime', '20350101000000Z')
    const before = await marks(pat)
    const first = await done(bot, `/disable-user ${pat.mail}`)
    await pat.openByHand()
    const second = await done(bot, `/disable-user ${pat.mail}`)
    const enable = await done(bot, `/enable-user ${pat.mail}`)
    expect(await marks(pat)).toEqual(before)
    await bot.says(first, `Enable ${enable} ended: ✅ Successful.`)
    await bot.says(second, `Enable ${enable} ended: ✅ Successful.`)
    const again = await bot.form(bot.rita, `/enable-user ${pat.mail}`)
    expect(again.read()).not.toMatch(/\[x\]/u)
  })
})

const flagged = {
  login: 'flagged',
  displayName: 'Flo Flagged',
  emails: ['flo@corp.example'],
  userAccountControl: 66_048,
  password,
}
const locking = { login: 'locking', displayName: 'Lou Locking', emails: ['lou@corp.example'], password }
const left = {
  login: 'left',
  displayName: 'Lee Left',
  emails: ['lee@corp.example'],
  userAccountControl: 514,
  password,
}

describeSamba('what Enable puts back in Active Directory', () => {
  let samba: Samba
  let slapd: Slapd
  beforeAll(async () => {
    ;[samba, slapd] = await Promise.all([
      startSamba({ people: [flagged, locking, left] }),
      startSlapd({ saysLocked: true }),
    ])
  })
  afterAll(async () => {
    await samba[Symbol.asyncDispose]()
    await slapd[Symbol.asyncDispose]()
  })
  const start = () =>
    startBot({ systems: [domainSystemFor(samba), systemFor(slapd)], changes: { approval: noApproval } })
  const control = async (who: { readonly displayName: string }) => {
    const read = await readAsAdmin(samba.admin, domainPersonDn(who), ['userAccountControl'])
    return read['userAccountControl']
  }

  it('is the one bit, with what an administrator changed meanwhile kept, and it is said', async () => {
    await using bot = await start()
    await done(bot, '/disable-user flagged')
    expect(await control(flagged)).toEqual(['66050'])
    await modifyAsAdmin(samba.admin, domainPersonDn(flagged), [
      { name: 'userAccountControl', values: ['514'] },
    ])
    const enable = await done(bot, '/enable-user flagged')
    await bot.says(
      enable,
      'Other settings of the account were changed by somebody else meanwhile; they are kept.',
    )
    expect(await control(flagged)).toEqual(['512'])
  })

  it('is not a lock-out by wrong passwords, and it is said', async () => {
    await using bot = await start()
    for (let attempt = 0; attempt < 5; attempt += 1)
      await canBind(samba.admin, domainPersonDn(locking), 'wrong')
    const form = await bot.form(bot.rita, '/disable-user locking')
    expect(form.read()).toMatch(/\[x\] \*corp-ad\*.*locked by wrong passwords/u)
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.status(id, 'Successful')
    const enable = await done(bot, '/enable-user locking')
    await bot.says(enable, "An earlier lock-out by wrong passwords can't be restored.")
    expect(await control(locking)).toEqual(['512'])
  })

  it('is not the account that an administrator had disabled before, beside one that Drawbridge did', async () => {
    await using bot = await start()
    const unix = await addPerson(slapd, { login: 'left', mails: left.emails })
    const form = await bot.form(bot.rita, '/disable-user left')
    expect(form.read()).toMatch(/\[ \] \*corp-ad\*.*disabled/u)
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.status(id, 'Successful')
    expect(await unix.canSignIn()).toBe(false)
    const enable = await bot.form(bot.rita, '/enable-user left')
    expect(enable.read()).toMatch(/corp-ad.*it was not disabled by Drawbridge/u)
    await enable.fill('safe', ['verified'])
    await enable.submit()
    await bot.says(id, /Enable T-.* ended: ✅ Successful\./u)
    expect(await unix.canSignIn()).toBe(true)
    expect(await control(left)).toEqual(['514'])
  })
})
