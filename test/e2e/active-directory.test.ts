import { afterAll, beforeAll, expect, it } from 'vitest'
import { canBind, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { domainPersonDn } from '#src/sandbox/directories/samba-data.ts'
import { type Samba, startSamba } from '#src/sandbox/directories/samba.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, password, domainSystemFor, systemFor } from '#test/helpers/directory-people.ts'

const describeSamba = await describeWithDirectory('samba')

const alice = {
  login: 'anguyen',
  displayName: 'Alice Nguyen',
  emails: ['alice@corp.example'],
  userAccountControl: 66_048,
  password,
}
const boss = { login: 'boss', displayName: 'Bea Boss', emails: ['boss@corp.example'], password }

describeSamba('Active Directory beside OpenLDAP', () => {
  let samba: Samba
  let slapd: Slapd
  beforeAll(async () => {
    const groups = [{ name: 'Domain Admins', members: [domainPersonDn(boss)], builtIn: true }]
    samba = await startSamba({ people: [alice, boss], groups })
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await samba[Symbol.asyncDispose]()
    await slapd[Symbol.asyncDispose]()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}) =>
    startBot({ systems: [domainSystemFor(samba), systemFor(slapd)], changes })
  const control = async () =>
    (await readAsAdmin(samba.admin, domainPersonDn(alice), ['userAccountControl']))['userAccountControl']

  it('disables one person in both, asking the second by the address of the first, and restores both exactly', async () => {
    await using bot = await start()
    const unix = await addPerson(slapd, { login: 'alice-unix', mails: alice.emails })
    const id = await bot.ask(bot.rita, '/disable-user anguyen')
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    expect(bot.thread(id)).toContain('disabled in 2 of 2 systems')
    expect(await canBind(samba.admin, domainPersonDn(alice), password)).toBe(false)
    expect(await unix.canSignIn()).toBe(false)
    expect(await control()).toEqual(['66050'])
    const enable = await bot.ask(bot.rita, '/enable-user anguyen')
    await bot.decide(bot.ana, enable, 'Approve')
    await bot.status(enable, 'Successful')
    expect(await control()).toEqual(['66048'])
    expect(await canBind(samba.admin, domainPersonDn(alice), password)).toBe(true)
    expect(await unix.canSignIn()).toBe(true)
  })

  it('never offers a detected administrator, and says why', async () => {
    await using bot = await start()
    const form = await bot.form(bot.rita, '/disable-user boss@corp.example')
    expect(form.read()).toMatch(/🔒 .*corp-ad.*it holds an administrative role \(.*Domain Admins.*\)/u)
    await form.submit()
    expect(bot.taskIds()).toEqual([])
  })

  it('asks for two approvers and a reason for a detected administrator where the configuration says so', async () => {
    await using bot = await start({ protected_accounts: { detected: 'two_approvers' } })
    const form = await bot.form(bot.rita, '/disable-user boss@corp.example')
    expect(form.read()).toContain('needs two approvers')
    expect(await form.submit()).toMatchObject({ kind: 'errors' })
    expect(form.read()).toContain('Please give a reason.')
    await form.fill('Description', 'case 4711')
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.decide(bot.ana, id, 'Approve')
    await bot.says(id, 'One approval is still missing.')
    await bot.press(bot.rita, id, 'task_menu', 'Cancel task')
    await bot.status(id, 'Cancelled')
  })

  it("never offers the service account of Drawbridge's own connection", async () => {
    await using bot = await start({ protected_accounts: { detected: 'two_approvers' } })
    const form = await bot.form(bot.rita, '/disable-user svc-drawbridge')
    expect(form.read()).toContain('it is the account that Drawbridge itself uses to connect')
    await form.submit()
    expect(bot.taskIds()).toEqual([])
  })
})
