import { Client } from 'ldapts'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { type Bot, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { startFaultProxy } from '#test/helpers/fault-proxy.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')
const minute = 60_000
const noApproval = { approval: { disable_account: { approvers: 0 }, enable_account: { approvers: 0 } } }

describeSlapd('things that happen at the same time or meanwhile', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}, systems = [systemFor(slapd)]) =>
    startBot({ systems, changes })

  it('lets a Cancel and an Approve at the same time end in one of the two, and tells both people', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.press(bot.ana, id, 'Approve')
    const form = await bot.ana.modal('approve_task')
    await Promise.all([form.submit(), bot.press(bot.rita, id, 'task_menu', 'Cancel task')])
    const said = await bot.shows(form, /You approved|was withdrawn before anybody decided/u)
    const approved = said.includes('You approved')
    await bot.status(id, approved ? 'Successful' : 'Cancelled')
    if (approved) await bot.told(bot.rita, `${id} no longer waits for approval, so it can't be withdrawn.`)
    expect((await pat.lock()).length).toBe(approved ? 1 : 0)
  })

  it('sends a failed part again once when Retry is pressed by two people at the same time', async () => {
    await using poor = await startSlapd({ rights: 'no_lock', saysLocked: true })
    await using bot = await start(noApproval, [systemFor(poor)])
    const pat = await addPerson(poor)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(id, 'Unsuccessful')
    await Promise.all([bot.press(bot.rita, id, 'Retry failed'), bot.press(bot.rob, id, 'Retry failed')])
    await bot.until('one of them to be told', () =>
      [bot.rita, bot.rob].some((who) =>
        who.ephemerals().some((one) => one.text.includes(`Nothing of ${id} is left to send again.`)),
      ),
    )
    await bot.until('the second end', () => bot.thread(id).split('✖ *unix-ldap* refused').length === 3)
    await bot.status(id, 'Unsuccessful')
    expect(bot.thread(id).match(/sent it again/gu)).toHaveLength(1)
  })

  it('sends nothing again under an approval that is older than a day, and says what to do', async () => {
    await using poor = await startSlapd({ rights: 'no_lock', saysLocked: true })
    await using bot = await start(noApproval, [systemFor(poor)])
    const pat = await addPerson(poor)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(id, 'Unsuccessful')
    await bot.pass(23 * 60 * 60_000)
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.says(id, 'sent it again')
    await bot.status(id, 'Unsuccessful')
    const before = bot.thread(id)
    await bot.pass(2 * 60 * 60_000)
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.told(
      bot.rita,
      `The approval of ${id} is older than 24 hours. Please ask anew with /disable-user.`,
    )
    expect(bot.thread(id)).toBe(before)
  })

  it('makes one Enable of two people who ask for it at the same time', async () => {
    await using bot = await start({ approval: { disable_account: { approvers: 0 } } })
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(id, 'Successful')
    const people = [bot.rita, bot.rob]
    for (const who of people) await bot.press(who, id, 'task_menu', 'Enable User Account')
    const forms = await Promise.all(people.map((who) => who.modal('enable_user')))
    for (const form of forms) await form.fill('safe', ['verified'])
    const sent = await Promise.all(forms.map((form) => form.submit()))
    expect(sent.map((one) => one.kind).toSorted()).toEqual(['cleared', 'updated'])
    await bot.until('the Enable', () => bot.taskIds().length === 2)
    await bot.pass(2_000)
    expect(bot.taskIds()).toHaveLength(2)
  })

  it('says that an account is gone when it was deleted after the request', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await remove(slapd, pat.login)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Unsuccessful')
    await bot.says(
      id,
      `✖ *unix-ldap* no longer has the account \`uid=${pat.login}\`. Nothing was changed there.`,
    )
  })

  it('never leaves a task In progress for ever: at its limit it ends, with Retry', async () => {
    await using proxy = await startFaultProxy({ host: '127.0.0.1', port: slapd.port })
    const far = systemFor(slapd, 'far-ldap', { url: `ldap://127.0.0.1:${proxy.port}`, ca_file: undefined })
    await using bot = await start(
      { ...noApproval, enforcement: { call_timeout: '90s', task_timeout: '2m' } },
      [far],
    )
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    proxy.fail({ kind: 'black_hole', at: 'bind' })
    proxy.cutAll()
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.until('it to work', () => bot.root(id).text.includes('far-ldap: working'))
    await vi.waitFor(
      () => {
        bot.clock.move(1_000)
        expect(bot.root(id).text).toContain(': Unsuccessful.')
      },
      { timeout: 20_000, interval: 20 },
    )
    await bot.says(id, 'in the time a task may take. Its state is unknown.')
    expect(bot.thread(id)).toContain('[Retry failed]')
    proxy.fail(undefined)
    proxy.cutAll()
  })

  it('enables only what Drawbridge disabled when an administrator had disabled the person elsewhere', async () => {
    await using other = await startSlapd({ saysLocked: true })
    await using bot = await start(noApproval, [systemFor(slapd), systemFor(other, 'hr-ldap')])
    const pat = await addPerson(slapd)
    const same = await addPerson(other, { login: pat.login, mails: [pat.mail] })
    await same.lockByHand()
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(id, 'Successful')
    const enable = await bot.ask(bot.rob, `/enable-user ${pat.mail}`)
    await bot.status(enable, 'Successful')
    expect(await pat.canSignIn()).toBe(true)
    expect(await same.canSignIn()).toBe(false)
    expect(bot.thread(enable)).not.toContain('hr-ldap')
  })

  it('restores what stood there before the first of two Disables', async () => {
    await using bot = await start(noApproval)
    const pat = await addPerson(slapd)
    const disable = async (who: Bot['rita']) => {
      const form = await bot.form(who, `/disable-user ${pat.mail}`)
      await form.fill('Accounts', [`*unix-ldap*  uid=${pat.login}`])
      const known = bot.taskIds().length
      await form.submit()
      const id = await bot.until('the task', () => bot.taskIds()[known])
      await bot.status(id, 'Successful')
      return id
    }
    const first = await disable(bot.rita)
    const second = await disable(bot.rob)
    await bot.says(second, 'was already disabled')
    const enable = await bot.ask(bot.rita, `/enable-user ${pat.mail}`)
    await bot.status(enable, 'Successful')
    expect(await pat.canSignIn()).toBe(true)
    await bot.says(first, `Enable ${enable} ended: ✅ Successful.`)
    await bot.pass(36 * minute)
    for (const id of [first, second]) expect(bot.thread(id)).not.toContain('↔')
  })

  it('takes a person at the keyboard through a mistake: mistyped, found, described, created', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user x${pat.mail} case 1`)
    expect(form.read()).toContain('I found nobody called')
    expect(form.read()).toContain('[Find]')
    await form.fill('Person', pat.mail)
    await form.submit()
    await bot.until('the card', () => form.read().includes(pat.name))
    expect(form.value('description')).toMatchObject({ value: 'case 1' })
    expect(await form.submit()).toEqual({ kind: 'cleared' })
  })
})

/** Deletes a person as the administrator. */
async function remove(slapd: Slapd, login: string): Promise<void> {
  const client = new Client({ url: slapd.ldapUrl })
  await client.bind(slapd.admin.dn, slapd.admin.password)
  await client.del(personDn(login))
  await client.unbind()
}
