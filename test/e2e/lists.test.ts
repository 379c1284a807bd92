import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { listeners } from '#src/slack/listeners.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')
const commands = listeners.flatMap((one) => (one.kind === 'command' ? [one.name] : []))
const Rows = z.array(z.record(z.string(), z.string()))

describeSlapd('looking things up', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}) =>
    startBot({ systems: [systemFor(slapd)], changes })
  const list = async (who: Bot['rita'], text = '') => {
    await who.command(ids.channel, `/tasks ${text}`)
    const window = await who.modal('tasks')
    const search = async (words: string) => {
      await window.fill('search', words)
      await window.enter('search')
    }
    return { window, search, shown: () => window.read().match(/T-[0-9A-Z]{5}\b/gu) ?? [] }
  }

  it('finds tasks by part of the id, target, requester and description, and nothing by other words', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd, { name: 'Marguerite Duras' })
    const kim = await addPerson(slapd)
    const one = await bot.ask(bot.rita, `/disable-user ${pat.mail} stolen Token 100%_sure`)
    const two = await bot.ask(bot.rob, `/disable-user ${kim.mail} lost laptop`)
    const { window, search, shown } = await list(bot.omar)
    expect(shown()).toEqual([])
    await window.fill('tasks_filter:whose', 'whose:all')
    await bot.shows(window, '1 to 2 of 2, newest first.')
    expect(shown()).toEqual([two, one])
    const finds: readonly (readonly [string, readonly string[]])[] = [
      [one.slice(2, 6).toLowerCase(), [one]],
      ['GUERITE dur', [one]],
      [`${pat.login}@`, [one]],
      ['rob', [two]],
      ['TOKEN', [one]],
      ['100%_', [one]],
      ['lost%laptop', []],
      ['lost_laptop', []],
      ['\\', []],
      ["'; drop table tasks; --", []],
    ]
    for (const [words, found] of finds) {
      await search(words)
      await bot.until(`the tasks for ${words}, not ${window.read()}`, () => {
        const mentionsWords = window.view().content['private_metadata']
        return String(mentionsWords).includes(JSON.stringify(words)) && shown().join() === found.join()
      })
    }
    expect(window.read()).toContain('No task fits')
  })

  it('filters by status and action, and searches all tasks for a text after the command', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const kim = await addPerson(slapd)
    const one = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    const two = await bot.ask(bot.rita, `/disable-user ${kim.mail}`)
    await bot.decide(bot.ana, one, 'Reject', 'no')
    await bot.status(one, 'Rejected')
    const { window, shown } = await list(bot.rita)
    expect(shown()).toEqual([two, one])
    await window.fill('tasks_filter:status', 'status:rejected')
    await bot.until('one task', () => shown().join() === one)
    expect(window.read()).toContain('↩️')
    await window.fill('tasks_filter:action', 'action:enable_account')
    await bot.shows(window, 'You have not asked for anything like this yet.')
    const found = await list(bot.rob, kim.mail)
    expect(found.shown()).toEqual([two])
  })

  it('filters by system, by age and by who asked', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const kim = await addPerson(slapd)
    const one = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.pass(2 * 24 * 60 * 60 * 1_000)
    const two = await bot.ask(bot.rob, `/disable-user ${kim.mail}`)
    const { window, shown } = await list(bot.omar)
    await window.fill('tasks_filter:whose', 'whose:all')
    await bot.until('both', () => shown().join() === [two, one].join())
    await window.fill('tasks_filter:since', 'since:day')
    await bot.until('the newer one', () => shown().join() === two)
    await window.fill('tasks_filter:since', 'since:week')
    await bot.until('both', () => shown().join() === [two, one].join())
    await window.fill('tasks_requester', ids.rita)
    await bot.until('that of rita', () => shown().join() === one)
    await window.fill('tasks_filter:system', 'system:unix-ldap')
    await bot.until('the one', () => shown().join() === one)
    await window.fill('tasks_filter:whose', 'whose:mine')
    await bot.shows(window, 'No tasks.')
  })

  it('sends what the list shows as a file in a direct message, all pages of it, and nothing of what is not shown', async () => {
    await using bot = await start()
    const made: string[] = []
    const pat = await addPerson(slapd, { name: '=HYPERLINK("x"), Pat' })
    for (const [index, description] of Array.from(
      { length: 12 },
      (_, at) => `+case ${at}, "quoted"`,
    ).entries()) {
      const person = index === 0 ? pat : await addPerson(slapd)
      made.push(await bot.ask(bot.rita, `/disable-user ${person.mail} ${description}`))
    }
    await bot.ask(bot.rob, `/disable-user ${(await addPerson(slapd)).mail}`)
    await bot.decide(bot.ana, made[0]!, 'Approve')
    await bot.status(made[0]!, 'Successful')
    const { window } = await list(bot.rita)
    await window.press('Export CSV')
    await bot.shows(window, 'The file is on its way to you as a direct message.')
    const file = await bot.until(
      'the file',
      () => bot.rita.directMessages().flatMap((message) => message.files)[0],
    )
    expect(file.name).toBe('tasks.csv')
    const rows = Rows.parse(parse(file.bytes, { bom: true, columns: true }))
    expect(rows.map((row) => row['task'])).toEqual(made.toReversed())
    expect(rows.at(-1)).toMatchObject({
      status: 'Successful',
      person: `'${pat.name}`,
      'looked up as': pat.mail,
      requester: ids.rita,
      description: `'+case 0, "quoted"`,
      results: expect.stringContaining(`unix-ldap (uid=${pat.login}): disabled`),
    })
    expect(bot.slack.messages(ids.channel).flatMap((message) => message.files)).toEqual([])
  })

  it('pages through twenty-five tasks, ten at a time', async () => {
    await using bot = await start()
    const made: string[] = []
    for (const who of Array.from({ length: 25 }, () => bot.rita)) {
      const pat = await addPerson(slapd)
      const form = await bot.form(who, `/disable-user ${pat.mail}`)
      await form.submit()
      made.push(await bot.until('one more', () => bot.taskIds()[made.length]))
    }
    const newest = made.toReversed()
    const { window, shown } = await list(bot.rita)
    expect(window.read()).toContain('1 to 10 of 25, newest first.')
    expect(shown()).toEqual(newest.slice(0, 10))
    await window.press('Older')
    await bot.shows(window, '11 to 20 of 25')
    expect(shown()).toEqual(newest.slice(10, 20))
    await window.press('Older')
    await bot.shows(window, '21 to 25 of 25')
    expect(shown()).toEqual(newest.slice(20))
    expect(window.read()).not.toContain('[Older]')
    await window.press('Newer')
    await bot.shows(window, '11 to 20 of 25')
  })

  it('says what to do first where there is no task', async () => {
    await using bot = await start()
    const { window } = await list(bot.rita)
    expect(window.read()).toContain('`/disable-user` makes one.')
    await window.close()
    const found = await list(bot.rita, '<!channel>')
    expect(found.window.read()).toContain('No task fits `<!channel>`.')
  })

  it('shows the status of a person to the asker alone: accounts, last tasks, and what may be done', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    await bot.rita.command(ids.channel, `/user-status ${pat.mail}`)
    await bot.told(bot.rita, `${pat.name}. unix-ldap: uid=${pat.login} is enabled.`)
    expect(bot.rita.read(ids.channel)).toContain('No task about this person so far.')
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    await bot.rob.command(ids.channel, `/user-status ${pat.login}`)
    await bot.told(bot.rob, 'is disabled')
    const read = bot.rob.read(ids.channel)
    expect(read).toContain(`Disable User Account · ${pat.name} — Successful`)
    expect(read).toContain('[Enable User Account]')
    expect(read).not.toContain('[Disable User Account]')
    for (const other of [bot.omar, bot.ana]) expect(other.ephemerals()).toEqual([])
    expect(bot.slack.messages(ids.channel)).toHaveLength(1)
  })

  it('opens the form for the person from the buttons of the status', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    await bot.rita.command(ids.channel, `/user-status ${pat.mail}`)
    await bot.told(bot.rita, 'is enabled')
    const message = bot.rita.ephemerals().at(-1)
    if (message === undefined) throw new Error('no answer')
    await bot.rita.press(message, 'Disable User Account')
    const form = await bot.rita.modal('disable_user')
    expect(form.read()).toContain(pat.name)
    await form.submit()
    await bot.until('the task', () => bot.taskIds()[0])
    await bot.pass(2_000)
    await bot.told(bot.rita, 'was created and waits for approval')
  })

  it('offers in the status of a person what their systems can do, and no more', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    await bot.omar.command(ids.channel, `/user-status ${pat.mail}`)
    await bot.told(bot.omar, 'is enabled')
    expect(bot.omar.read(ids.channel)).not.toContain('[Force Password Reset]')
    await bot.rita.command(ids.channel, `/user-status ${pat.mail}`)
    await bot.told(bot.rita, 'is enabled')
    expect(bot.rita.read(ids.channel)).not.toContain('[Force Sign Out]')
    const [message] = bot.rita.ephemerals()
    await bot.rita.press(message!, 'Force Password Reset')
    await bot.shows(await bot.rita.modal('force_password_reset'), pat.name)
  })

  it.each(commands)(
    'answers help of %s with how to use it, to the asker alone, whatever their role',
    async (command) => {
      await using bot = await start()
      await bot.nora.command(ids.channel, `${command} help`)
      const said = await bot.told(bot.nora, command)
      expect(said).toContain(`*${command}*`)
      expect(bot.nora.modals()).toEqual([])
      expect(bot.rita.ephemerals()).toEqual([])
      expect(bot.slack.messages(ids.channel)).toEqual([])
    },
  )

  it('confirms a request to the requester alone, with a link to the task', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.told(bot.rita, `Task ${id} was created and waits for approval.`)
    const confirmation = bot.rita.ephemerals(ids.channel).at(-1)
    const { ts } = bot.root(id)
    expect(JSON.stringify(confirmation?.blocks)).toContain(`p${ts.replace('.', '')}`)
    expect(bot.rita.read(ids.channel)).toContain('[View task status]')
    expect(bot.rob.ephemerals()).toEqual([])
  })

  it('confirms by a direct message where the bot is not a member', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    await bot.rita.command(ids.elsewhere, `/disable-user ${pat.mail}`)
    await (await bot.rita.modal('disable_user')).submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.told(bot.rita, `Task ${id} was created and waits for approval.`)
    expect(bot.rita.directMessages().at(-1)?.text).toContain(id)
    expect(bot.slack.messages(ids.elsewhere)).toEqual([])
  })

  it('tells an owner when Slack will never take a message; the other messages go on', async () => {
    await using bot = await startBot({
      systems: [systemFor(slapd)],
      changes: { approval: { disable_account: { approvers: 0 } } },
      mayLogErrors: true,
    })
    const fault = { kind: 'error', error: 'invalid_arg_name' } as const
    const inThread = (args: object) => 'thread_ts' in args
    bot.slack.faults.whenever('chat.postMessage', fault, { times: 1, when: inThread })
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(id, 'Successful')
    await bot.told(bot.olga, `Slack would not take a message about ${id} (invalid_arg_name)`)
    await bot.told(bot.rita, `Task ${id} was created`)
    expect(await pat.canSignIn()).toBe(false)
  })

  it("tells an owner when the tasks' channel does not take messages; they wait and arrive in order after the invitation", async () => {
    await using bot = await startBot({
      systems: [systemFor(slapd)],
      changes: { approval: { disable_account: { approvers: 0 } } },
      inChannel: false,
    })
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    expect(await form.submit()).toEqual({ kind: 'cleared' })
    await bot.told(
      bot.olga,
      `The channel <#${ids.channel}> does not take my messages. Please invite me there (/invite)`,
    )
    await bot.until('the account', () => bot.slack.callsOf('chat.postMessage').length > 1)
    expect(bot.taskIds()).toEqual([])
    const members = [
      ...Object.values(bot).flatMap((one) =>
        typeof one === 'object' && 'userId' in one ? [one.userId] : [],
      ),
      bot.slack.botUserId,
    ]
    bot.slack.updateChannel(ids.channel, { members })
    await bot.pass(61_000)
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.status(id, 'Successful')
    await bot.says(id, '*unix-ldap* disabled')
    expect(await pat.canSignIn()).toBe(false)
    expect(bot.olga.directMessages()).toHaveLength(1)
    await bot.told(bot.rita, new RegExp(`Task ${id} was created and (?:runs|is done: Successful)`, 'u'))
  })

  it('says the outcome in the text of every message, for screen readers', async () => {
    await using bot = await start({ approval: { escalate_to: [ids.managers] } })
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail} case 1`)
    expect(bot.root(id).text).toContain(`🕓 Disable User Account · ${pat.name} · ${id}: Pending approval.`)
    await bot.decide(bot.ana, id, 'Approve', 'go')
    const done = await bot.status(id, 'Successful')
    expect(done.text).toContain('unix-ldap: disabled, read back')
    const replies = bot.slack.messages(ids.channel)[0]?.replies ?? []
    expect(replies.map((one) => one.text)).toEqual([
      expect.stringContaining('please decide with *Approve* or *Reject*'),
      '<@U0ANA> approved: _go_.',
      expect.stringMatching(/^✔ \*unix-ldap\* disabled `uid=/u),
    ])
  })
})
