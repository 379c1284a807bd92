import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import type { Modal } from '#src/sandbox/slack/index.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { type AddedPerson, addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')

describeSlapd('one task for many people', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}) => startBot({ systems: [systemFor(slapd)], changes })
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
})
