import { afterAll, beforeAll, expect, it } from 'vitest'
import { modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { domainGroupDn, domainPersonDn } from '#src/sandbox/directories/samba-data.ts'
import { type Samba, startSamba } from '#src/sandbox/directories/samba.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, password, domainSystemFor, systemFor } from '#test/helpers/directory-people.ts'

const describeSamba = await describeWithDirectory('samba')

function person(login: string, displayName: string) {
  return { login, displayName, emails: [`${login}@corp.example`], password }
}

const people = {
  nested: person('nested', 'Nell Nested'),
  guarded: person('guarded', 'Gus Guarded'),
  once: { ...person('once', 'Otto Once'), adminProtected: true },
  // Nothing but the name is an administrator's.
  namesake: person('administrator2', 'Domain Admin'),
  rising: person('rising', 'Rita Rising'),
  listed: person('listed', 'Liz Listed'),
  both: person('both', 'Bo Both'),
}
const inner = { name: 'helpdesk', members: [domainPersonDn(people.nested)] }
const staff = { name: 'board', members: [domainPersonDn(people.listed)] }
const outer = { name: 'leaders', members: [domainGroupDn(staff)] }
const admins = {
  name: 'Domain Admins',
  builtIn: true,
  members: [domainGroupDn(inner), domainPersonDn(people.both)],
}
const guardedOnes = { name: 'Protected Users', builtIn: true, members: [domainPersonDn(people.guarded)] }

describeSamba('an account that must not be changed like any other is recognised', () => {
  let samba: Samba
  let slapd: Slapd
  beforeAll(async () => {
    ;[samba, slapd] = await Promise.all([
      startSamba({ people: Object.values(people), groups: [inner, staff, outer, admins, guardedOnes] }),
      startSlapd({ saysLocked: true }),
    ])
  })
  afterAll(async () => {
    await samba[Symbol.asyncDispose]()
    await slapd[Symbol.asyncDispose]()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}) =>
    startBot({ systems: [domainSystemFor(samba), systemFor(slapd)], changes })
  const control = async (who: { readonly displayName: string }) => {
    const read = await readAsAdmin(samba.admin, domainPersonDn(who), ['userAccountControl'])
    return read['userAccountControl']
  }
  const refusedIn = async (bot: Bot, login: string, why: RegExp) => {
    const form = await bot.form(bot.rita, `/disable-user ${login}`)
    expect(form.read()).toMatch(/🔒 .*corp-ad/u)
    expect(form.read()).toMatch(why)
    await form.submit()
    expect(form.read()).not.toContain('Something went wrong')
    expect(bot.taskIds()).toEqual([])
    await form.close('all')
    await bot.rita.command(ids.channel, `/user-status ${login}`)
    return await bot.told(bot.rita, login)
  }

  it.each([
    ['by a group in a group of administrators', people.nested, /administrative role \(.*Domain Admins.*\)/u],
    ['by Protected Users', people.guarded, /administrative role \(.*Protected Users.*\)/u],
    ['by the mark of a former administrator', people.once, /administrative role \(adminCount\)/u],
  ])('%s, and refused', async (_, who, why) => {
    await using bot = await start()
    expect(await refusedIn(bot, who.login, why)).toContain('is enabled · protected')
    expect(await control(who)).toEqual(['512'])
  })

  it('by a configured group in a group, and refused', async () => {
    const deny = [`group:corp-ad:${domainGroupDn(outer)}`]
    await using bot = await start({ protected_accounts: { deny } })
    const told = await refusedIn(bot, 'listed', /it is on the list of protected accounts/u)
    expect(told).toContain('is enabled · protected')
  })

  it('as built into the domain, and refused', async () => {
    await using bot = await start()
    const told = await refusedIn(bot, 'Administrator', /administrative role \(.*built-in Administrator.*\)/u)
    expect(told).toContain('is enabled · protected')
  })

  it('never by the look of its name', async () => {
    await using bot = await start()
    const form = await bot.form(bot.rita, '/disable-user administrator2')
    expect(form.read()).toMatch(/\[x\] \*corp-ad\*/u)
    expect(form.read()).not.toContain('🔒')
    await form.close('all')
  })

  it('also when the person becomes an administrator between the approval and the start', async () => {
    await using bot = await start()
    const id = await bot.ask(bot.rita, '/disable-user rising')
    await modifyAsAdmin(samba.admin, domainGroupDn(admins), [
      { name: 'member', values: [...admins.members, domainPersonDn(people.rising)] },
    ])
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Unsuccessful')
    await bot.says(id, /was left alone: `.*rising` is protected, because it holds an administrative role/u)
    expect(await control(people.rising)).toEqual(['512'])
  })

  it('beside an ordinary one of the same person, which alone is changed', async () => {
    await using bot = await start()
    const unix = await addPerson(slapd, { login: 'both', mails: people.both.emails })
    const form = await bot.form(bot.rita, '/disable-user both')
    expect(form.read()).toMatch(/🔒 .*corp-ad.*Domain Admins/u)
    expect(form.read()).toMatch(/\[x\] \*unix-ldap\*  uid=both/u)
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    expect(bot.thread(id)).toContain('disabled in 1 of 1 system')
    expect(bot.thread(id)).not.toContain('*corp-ad* disabled')
    expect(await unix.canSignIn()).toBe(false)
    expect(await control(people.both)).toEqual(['512'])
  })

  it('and changed after two approvers and a reason where the configuration says so, never after one', async () => {
    await using bot = await start({ protected_accounts: { two_approvers: ['listed@corp.example'] } })
    const id = await bot.ask(bot.rita, '/disable-user listed case 12')
    expect(bot.root(id).text).toContain('Pending approval')
    await bot.decide(bot.ana, id, 'Approve')
    await bot.says(id, 'One approval is still missing.')
    await bot.press(bot.ana, id, 'Approve')
    await bot.sees(bot.ana, `You have already decided on ${id}.`)
    expect(await control(people.listed)).toEqual(['512'])
    await bot.decide(bot.abel, id, 'Approve')
    await bot.status(id, 'Successful')
    expect(await control(people.listed)).toEqual(['514'])
    const enable = await bot.ask(bot.rita, '/enable-user listed case 13')
    await bot.decide(bot.ana, enable, 'Approve')
    await bot.says(enable, 'One approval is still missing.')
    expect(await control(people.listed)).toEqual(['514'])
    await bot.decide(bot.abel, enable, 'Approve')
    await bot.status(enable, 'Successful')
    expect(await control(people.listed)).toEqual(['512'])
  })
})
