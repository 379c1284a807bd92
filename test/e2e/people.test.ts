import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { documentedAccess, slapdTree } from '#src/sandbox/directories/slapd-config.ts'
import { groupDn, personDn } from '#src/sandbox/directories/slapd-data.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import type { Modal } from '#src/sandbox/slack/index.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { type AddedPerson, addPerson, systemFor } from '#test/helpers/directory-people.ts'
import { startFarDirectory } from '#test/helpers/far-directory.ts'
import { databaseUrl, onServer } from '#test/helpers/postgres.ts'

/** Gives the service account the right that it lacked. */
async function grantLock(poor: Slapd): Promise<void> {
  const { lock } = documentedAccess(slapdTree.suffix, slapdTree.people, slapdTree.service)
  const config = { ...poor.admin, dn: slapdTree.configAdmin }
  const database = 'olcDatabase={1}mdb,cn=config'
  const { olcAccess = [] } = await readAsAdmin(config, database, ['olcAccess'])
  const rules = [lock, ...olcAccess.map((rule) => rule.replace(/^\{\d+\}/u, ''))]
  const values = rules.map((rule, index) => `{${index}}${rule}`)
  await modifyAsAdmin(config, database, [{ name: 'olcAccess', values }])
}

const quick = { disable_account: { approvers: 0 }, enable_account: { approvers: 0 } }
// The test run says why when there is no server.
const server = inject('postgresUrl')
const describeSlapd = await describeWithDirectory('slapd')

describeSlapd('one task for many people', () => {
  let slapd: Slapd
  beforeAll(async () => {
    const groups = [{ name: 'guarded', members: [personDn('nobody')] }]
    slapd = await startSlapd({ saysLocked: true, groups })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}) =>
    startBot({ systems: [systemFor(slapd)], changes })
  const guardedGroup = groupDn('guarded')
  const putInto = async (group: string, login: string) =>
    await modifyAsAdmin(slapd.admin, group, [{ name: 'member', values: [personDn(login)] }])
  const crowd = async (count: number) =>
    await Promise.all(Array.from({ length: count }, () => addPerson(slapd)))
  const signIn = async (people: readonly AddedPerson[]) =>
    (await Promise.all(people.map((one) => one.canSignIn()))).filter(Boolean).length

  /** Opens the form for several people. */
  const several = async (bot: Bot, command = '/disable-user'): Promise<Modal> => {
    await bot.rita.command(ids.channel, command)
    const form = await bot.rita.modal(command.slice(1).replaceAll('-', '_'))
    await form.press('Several people')
    return await bot.rita.modal('disable_people')
  }
  /** Sends the list and waits until everybody was looked up. */
  const found = async (bot: Bot, form: Modal): Promise<Modal> => {
    const sent = await form.submit()
    if (sent.kind !== 'updated') throw new Error(`the list was not taken: ${form.read()}`)
    await bot.until(
      'the list to be looked up',
      () => /Create|Nobody on this list/u.test(top(bot)) || undefined,
    )
    const shown = bot.rita.modals().at(-1)
    if (shown === undefined) throw new Error('the form is gone')
    return shown
  }
  const top = (bot: Bot) => bot.rita.modals().at(-1)?.read() ?? ''
  const create = async (bot: Bot, form: Modal): Promise<string> => {
    const known = new Set(bot.taskIds())
    const sent = await form.submit()
    if (sent.kind !== 'cleared') throw new Error(`the form was not taken: ${form.read()}`)
    return await bot.until('the message of the task', () => bot.taskIds().find((id) => !known.has(id)))
  }
  const file = async (bot: Bot, taskId: string, name: string): Promise<string> => {
    const message = await bot.until(`the file ${name}`, () =>
      bot.slack
        .messages(ids.channel)
        .flatMap((one) => one.replies)
        .find((one) => one.files.some((each) => each.name === name)),
    )
    expect(message.threadTs).toBe(bot.root(taskId).ts)
    return message.files[0]?.bytes.toString() ?? ''
  }

  it('disables 40 people after one approval, and tells who was left out, with lines', async () => {
    const guarded = await addPerson(slapd)
    await using bot = await start({ protected_accounts: { deny: [guarded.mail] } })
    const people = await crowd(40)
    const lines = [
      ...people.map((one) => one.mail),
      'nobody@corp.example',
      people[0]?.login ?? '',
      guarded.mail,
    ]
    const form = await several(bot)
    await form.fill('people', lines.join('\n'))
    await form.fill('description', 'Case 4712')
    const summary = await found(bot, form)
    const text = summary.read()
    expect(text).toContain('40 people')
    expect(text).toContain('Left out: 3')
    expect(text).toMatch(/Line 41: `nobody@corp\.example` — no IAM system knows this name/u)
    expect(text).toMatch(/Line 42: .* — the same person as in line 1/u)
    expect(text).toMatch(/Line 43: .* — protected: .* in unix-ldap/u)
    const id = await create(bot, summary)
    expect(bot.root(id).text).toContain('40 people')
    expect(await signIn(people)).toBe(40)
    const decision = await bot.decide(bot.ana, id, 'Approve', 'go')
    expect(decision.read()).toBeDefined()
    await bot.status(id, 'Successful')
    expect(await signIn(people)).toBe(0)
    expect(await guarded.canSignIn()).toBe(true)
    const thread = await bot.says(id, /Account disabled: 40 of 40 people\./u)
    expect(thread.split('\n').length).toBeLessThan(30)
    const csv = await file(bot, id, `${id}-results.csv`)
    expect(csv.split('\r\n').filter((line) => line.includes(',successful,'))).toHaveLength(40)
    expect(csv).toMatch(/^41,nobody@corp\.example,.*,left out,/mu)
  })

  it('asks approvers with counts and names, and lets nobody on the list decide', async () => {
    await using bot = await start()
    const [one, ana] = [await addPerson(slapd), await addPerson(slapd, { mails: ['ana@corp.example'] })]
    bot.slack.addUser({ id: ids.ana, name: 'ana', email: 'ana@corp.example' })
    const form = await several(bot)
    await form.fill('people', `${one.mail}, ${ana.mail}`)
    const id = await create(bot, await found(bot, form))
    await bot.ana.press(bot.root(id), 'Approve')
    await bot.sees(bot.ana, /about your own account/u)
    await bot.abel.press(bot.root(id), 'Approve')
    const decision = await bot.abel.modal('approve_task')
    expect(decision.read()).toContain('2 people')
    expect(decision.read()).toContain(one.name)
    await decision.close()
    await bot.rita.press(bot.root(id), 'task_menu', { option: 'Cancel task' })
    await bot.status(id, 'Cancelled')
    expect(await signIn([one, ana])).toBe(2)
  })

  it('takes a CSV file, and enables everybody again from the menu, as they were', async () => {
    await using bot = await start({ approval: quick })
    const people = await crowd(12)
    await people[0]?.lockByHand()
    const form = await several(bot)
    const rows = people.map((one) => `"${one.name}";${one.mail};`)
    const content = `\uFEFFName;E-Mail;why\r\n${rows.join('\r\n')}\r\nJo;;no address\r\n`
    await form.attach('file', [{ name: 'people.csv', content }])
    const summary = await found(bot, form)
    expect(summary.read()).toContain('12 people')
    expect(summary.read()).toMatch(/Line 14: `.*` — cannot be read as a name/u)
    const id = await create(bot, summary)
    await bot.status(id, 'Successful')
    expect(await signIn(people)).toBe(0)
    expect(await file(bot, id, `${id}-results.csv`)).toContain('already disabled')

    await bot.press(bot.rita, id, 'task_menu', 'Enable User Account')
    await bot.until('the list to be looked up', () => top(bot).includes('Create') || undefined)
    const enable = bot.rita.modals().at(-1)
    expect(enable?.read()).toContain('11 people')
    expect(await enable?.submit()).toMatchObject({ kind: 'refused' })
    await enable?.fill('safe', ['verified'])
    const enableId = await create(bot, enable ?? form)
    await bot.status(enableId, 'Successful')
    // Whom Drawbridge found disabled it leaves disabled.
    expect(await signIn(people)).toBe(11)
    await bot.says(id, new RegExp(`Enable ${enableId} ended: ✅ Successful`, 'u'))
  })

  it('tells failures up to a bound, and Retry sends again only what failed', async () => {
    await using poor = await startSlapd({ rights: 'no_lock', saysLocked: true })
    await using bot = await startBot({
      systems: [systemFor(slapd), systemFor(poor, 'poor-ldap')],
      changes: { approval: quick },
    })
    const people = await crowd(14)
    for (const { login, mail } of people) await addPerson(poor, { login, mails: [mail] })
    const form = await several(bot)
    await form.fill('people', people.map((one) => one.mail).join('; '))
    const summary = await found(bot, form)
    expect(summary.read()).toContain('*unix-ldap* 14, *poor-ldap* 14')
    const id = await create(bot, summary)
    await bot.status(id, 'Partially successful')
    const thread = await bot.says(id, /0 of 14 people, 14 in part\. \*Retry failed\*/u)
    expect(thread.match(/✖/gu)).toHaveLength(10)
    expect(thread).toContain('More than 10 accounts failed.')
    await grantLock(poor)
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.status(id, 'Successful')
    await bot.says(id, /sent it again for 14 people with 14 accounts/u)
    const csv = await file(bot, id, `${id}-results-2.csv`)
    expect(csv.split('\r\n').filter((line) => line.includes(',successful,'))).toHaveLength(28)
    expect(csv).not.toContain('already')
  })

  it('leaves accounts to the task that covers them already, and says so', async () => {
    await using bot = await start()
    const people = await crowd(3)
    const waiting = await bot.ask(bot.rita, `/disable-user ${people[1]?.mail}`)
    const list = async () => {
      const form = await several(bot)
      await form.fill('people', people.map((one) => one.mail).join('\n'))
      return await found(bot, form)
    }
    const id = await create(bot, await list())
    expect(bot.root(id).text).toContain('2 people')
    const again = await list()
    expect(await again.submit()).toMatchObject({ kind: 'updated' })
    expect(top(bot)).toMatch(/already waits for approval: T-/u)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    expect(await signIn(people)).toBe(1)
    expect(await file(bot, id, `${id}-results.csv`)).toContain(`${waiting} does this already`)
  })

  it('opens the form for several people when several addresses are typed', async () => {
    await using bot = await start({ approval: quick })
    const people = await crowd(2)
    await bot.rita.command(ids.channel, `/force-sign-out ${people.map((one) => one.mail).join(', ')}`)
    const form = await bot.rita.modal('sign_out_people')
    const id = await create(bot, await found(bot, form))
    // A directory has no sessions to end: nothing to do here is no success.
    await bot.status(id, 'Unsuccessful')
    expect(await file(bot, id, `${id}-results.csv`)).toContain('no such action there')
  })

  it('ends a temporary Disable of several people by itself', async () => {
    await using bot = await start({ approval: quick })
    const people = await crowd(3)
    const form = await several(bot)
    await form.fill('people', people.map((one) => one.mail).join(','))
    await form.fill('ends', '1 hour later')
    const id = await create(bot, await found(bot, form))
    await bot.status(id, 'Successful')
    expect(await signIn(people)).toBe(0)
    await bot.pass(61 * 60_000)
    const text = await bot.says(id, /The end time is reached: T-/u)
    await bot.status(/reached: (T-.{5})/u.exec(text)?.[1] ?? '', 'Successful')
    expect(await signIn(people)).toBe(3)
  })

  it('refuses a list of nobody, too many, and both ways at once, under the field', async () => {
    await using bot = await start()
    const form = await several(bot)
    expect(await form.submit()).toMatchObject({ kind: 'errors' })
    expect(form.read()).toContain('Paste e-mail addresses or logins')
    await form.fill('people', Array.from({ length: 501 }, (_, index) => `p${index}`).join(','))
    await form.submit()
    expect(form.read()).toContain('501 people')
    await form.fill('people', 'a@corp.example')
    await form.attach('file', [{ name: 'people.csv', content: 'email\na@corp.example' }])
    await form.submit()
    expect(form.read()).toContain('not both')
  })

  it('leaves somebody alone whom protection reached after the request, and changes the others', async () => {
    const people = await crowd(3)
    await putInto(guardedGroup, 'nobody')
    await using bot = await start({ protected_accounts: { deny: [`group:unix-ldap:${guardedGroup}`] } })
    const form = await several(bot)
    await form.fill('people', people.map((one) => one.mail).join('\n'))
    const id = await create(bot, await found(bot, form))
    await putInto(guardedGroup, people[1]?.login ?? '')
    await bot.decide(bot.ana, id, 'Approve')
    // The status is that of the least successful of them.
    await bot.status(id, 'Unsuccessful')
    await bot.says(id, 'is protected, because it is on the list of protected accounts')
    expect(await Promise.all(people.map((one) => one.canSignIn()))).toEqual([false, true, false])
  })

  it('goes back to approval before anybody is changed when one of them turns out to need two approvers', async () => {
    const people = await crowd(3)
    await putInto(guardedGroup, 'nobody')
    const rules = { two_approvers: [`group:unix-ldap:${guardedGroup}`] }
    await using bot = await start({ protected_accounts: rules })
    const form = await several(bot)
    await form.fill('people', people.map((one) => one.mail).join('\n'))
    await form.fill('description', 'Case 4713')
    const id = await create(bot, await found(bot, form))
    await putInto(guardedGroup, people[2]?.login ?? '')
    await bot.decide(bot.ana, id, 'Approve')
    await bot.says(id, 'this waits again, because')
    await bot.status(id, 'Pending approval')
    expect(await signIn(people)).toBe(3)
    await bot.decide(bot.abel, id, 'Approve')
    await bot.status(id, 'Successful')
    expect(await signIn(people)).toBe(0)
  })

  it('says which system could not be asked, and asks it when the task runs', async () => {
    await using other = await startSlapd({ saysLocked: true })
    await using far = await startFarDirectory(other)
    await using bot = await startBot({
      systems: [systemFor(slapd), far.system],
      changes: { approval: quick },
    })
    const people = await crowd(10)
    for (const { login, mail } of people) await addPerson(other, { login, mails: [mail] })
    far.away()
    const form = await several(bot)
    await form.fill('people', people.map((one) => one.mail).join('\n'))
    await form.submit()
    await bot.until('the list to be looked up', () => top(bot).includes('Create') || undefined)
    expect(top(bot)).toContain('far-ldap could not be asked about everybody')
    expect(top(bot)).toContain('10 people')
    far.back()
    const shown = bot.rita.modals().at(-1)
    const id = await create(bot, shown ?? form)
    await bot.status(id, 'Successful')
    const csv = await file(bot, id, `${id}-results.csv`)
    expect(csv.split('\r\n').filter((line) => /,far-ldap,.*,successful,/u.test(line))).toHaveLength(10)
  })

  it('lets a new Disable of one person take that person out of an Enable of several, and all of them end it', async () => {
    await using bot = await start({ approval: { disable_account: { approvers: 0 } } })
    const people = await crowd(3)
    const disable = async (chosen: readonly AddedPerson[]) => {
      const form = await several(bot)
      await form.fill('people', chosen.map((one) => one.mail).join('\n'))
      const id = await create(bot, await found(bot, form))
      await bot.status(id, 'Successful')
      return id
    }
    const enable = async (id: string) => {
      await bot.press(bot.rita, id, 'task_menu', 'Enable User Account')
      await bot.until('the list to be looked up', () => top(bot).includes('Create') || undefined)
      const form = bot.rita.modals().at(-1)
      await form?.fill('safe', ['verified'])
      return await create(bot, form ?? (await several(bot)))
    }
    const first = await disable(people)
    const enableId = await enable(first)
    await disable(people.slice(0, 1))
    expect(bot.root(enableId).text).toContain('Pending approval')
    await bot.decide(bot.ana, enableId, 'Approve')
    await bot.status(enableId, 'Unsuccessful')
    expect(await Promise.all(people.map((one) => one.canSignIn()))).toEqual([false, true, true])

    const second = await disable(people)
    const pending = await enable(second)
    await disable(people)
    await bot.status(pending, 'Cancelled')
  })

  it.skipIf(server === '')('works on PostgreSQL, where many end at the same time', async () => {
    const name = `people_${randomUUID().replaceAll('-', '')}`
    await onServer(server, `CREATE DATABASE ${name}`)
    try {
      await using bot = await start({ database: { url: databaseUrl(server, name) } })
      const people = await crowd(40)
      const form = await several(bot)
      await form.fill('people', people.map((one) => one.mail).join('\n'))
      const id = await create(bot, await found(bot, form))
      await bot.decide(bot.ana, id, 'Approve')
      await bot.status(id, 'Successful')
      expect(await signIn(people)).toBe(0)
      const csv = await file(bot, id, `${id}-results.csv`)
      expect(csv.split('\r\n').filter((line) => line.includes(',successful,'))).toHaveLength(40)
      expect(bot.thread(id).match(/Successful\. Account disabled: 40 of 40/gu)).toHaveLength(1)
    } finally {
      await onServer(server, `DROP DATABASE ${name} WITH (FORCE)`)
    }
  })
})
