import { afterAll, beforeAll, expect, it } from 'vitest'
import { outboxBacklog } from '#db/queries/outbox.ts'
import { findTask } from '#db/queries/tasks.ts'
import { startSlapd, type Slapd } from '#src/sandbox/directories/slapd.ts'
import type { Fault } from '#src/sandbox/slack/index.ts'
import { eventually, replies, triedInVain, unsentLines } from '#test/faults/quiet.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'

const describeSlapd = await describeWithDirectory('slapd')
const patience = { timeout: 120_000 }
const hour = 60 * 60_000

let slapd: Slapd
beforeAll(async () => {
  slapd = await startSlapd({ saysLocked: true })
})
afterAll(() => slapd[Symbol.asyncDispose]())

const start = () => startBot({ systems: [systemFor(slapd)], mayLogErrors: true })

const wholeThread = [/please decide/u, /^<@U0ANA> approved/u, /^✔ \*unix-ldap\* disabled/u]

/** The task ended well, and its one thread tells all of it once, in order. */
async function checkTask(bot: Bot, taskId: string): Promise<void> {
  await bot.status(taskId, 'Successful')
  // Not only what is due now: a double of a message would come late.
  await bot.pass(60_000)
  await eventually('an empty outbox', async () => (await unsentLines(bot)).length === 0)
  expect(replies(bot, taskId)).toEqual(wholeThread.map((words) => expect.stringMatching(words)))
  expect(bot.taskIds()).toEqual([taskId])
}

const talking = [
  ...['chat.postMessage', 'chat.update', 'chat.postEphemeral', 'chat.getPermalink'],
  ...['conversations.history', 'conversations.replies', 'views.update'],
]

/** The fault strikes whatever the bot says, until it is lifted. */
function strike(bot: Bot, fault: Fault): () => void {
  const active = talking.map((method) => bot.slack.faults.whenever(method, fault))
  return () => {
    for (const one of active) one.lift()
  }
}

const faults: readonly (readonly [string, (bot: Bot) => Promise<() => unknown>])[] = [
  ['answers with status 503', async (bot) => strike(bot, { kind: 'status', status: 503 })],
  ['asks to come back later', async (bot) => strike(bot, { kind: 'rate_limited', retryAfterSeconds: 1 })],
  ['does not answer', async (bot) => strike(bot, { kind: 'hang' })],
  ['cuts connections', async (bot) => strike(bot, { kind: 'cut' })],
  ['does it and loses the answer', async (bot) => strike(bot, { kind: 'lose_answer' })],
  ['does it and never answers', async (bot) => strike(bot, { kind: 'hang_after' })],
  [
    'refuses connections',
    async (bot) => {
      await bot.slack.faults.closeApi()
      return () => bot.slack.faults.reopenApi()
    },
  ],
]

describeSlapd('while Slack is away, a task', () => {
  it.concurrent.each(faults)('loses and doubles nothing when Slack %s', patience, async (_, begin) => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail} outage`)
    const lift = await begin(bot)
    expect((await form.submit()).kind).toBe('cleared')
    await triedInVain(bot)
    await lift()
    const taskId = await bot.until('the task', () => bot.taskIds()[0])
    await bot.status(taskId, 'Pending approval')
    await bot.says(taskId, 'please decide')

    await bot.ana.press(bot.root(taskId), 'Approve')
    const decision = await bot.ana.modal('approve_task')
    const liftAgain = await begin(bot)
    expect((await decision.submit()).kind).toBe('updated')
    await triedInVain(bot)
    await liftAgain()
    await checkTask(bot, taskId)
    expect(await pat.canSignIn()).toBe(false)
    await bot.told(bot.rita, `Task ${taskId} was created`)
  })

  it('goes on when all connections drop', patience, async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail} outage`)
    const before = Math.max(...bot.slack.sockets.open())
    bot.slack.sockets.cut()
    expect(await form.submit()).toMatchObject({ kind: 'trouble' })
    const isBack = () =>
      bot.slack.sockets.open().length === 2 && bot.slack.sockets.open().every((id) => id > before)
    await bot.slack.waitUntil(isBack, { timeoutMs: 20_000 })
    expect((await form.submit()).kind).toBe('cleared')
    const taskId = await bot.until('the task', () => bot.taskIds()[0])
    await bot.ana.press(bot.root(taskId), 'Approve')
    const decision = await bot.ana.modal('approve_task')
    expect((await decision.submit()).kind).toBe('updated')
    bot.slack.sockets.cut()
    await checkTask(bot, taskId)
  })

  it('waits while the token is revoked, and goes on once it is good again', patience, async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail} outage`)
    bot.slack.faults.revokeToken(bot.slack.botToken)
    expect((await form.submit()).kind).toBe('cleared')
    await bot.until('the refusal in the log', () =>
      bot.log.lines.some((line) => line.message.startsWith('Slack refuses what the bot needs')),
    )
    bot.slack.faults.acceptToken(bot.slack.botToken)
    await bot.pass(61_000)
    const taskId = await bot.until('the task', () => bot.taskIds()[0])
    await bot.decide(bot.ana, taskId, 'Approve')
    await checkTask(bot, taskId)
  })
})

describeSlapd('a command that arrives while the Web API is away', () => {
  it.each([
    [
      'in words, when forms cannot be opened',
      { kind: 'status', status: 503 },
      'type the command again in a minute',
    ],
    [
      'to type it again, when the trigger has ended',
      { kind: 'error', error: 'expired_trigger_id' },
      'type the command again',
    ],
  ] as const)('is answered through its response_url: %s', patience, async (_, fault, words) => {
    await using bot = await start()
    bot.slack.faults.whenever('views.open', fault)
    await bot.rita.command(ids.channel, '/disable-user somebody')
    await bot.told(bot.rita, words)
    expect(bot.slack.callsOf('response_url')).toHaveLength(1)
    expect(bot.rita.modals()).toEqual([])
  })

  it('is answered later when the response_url fails, too', patience, async () => {
    await using bot = await start()
    bot.slack.faults.whenever('views.open', { kind: 'status', status: 503 })
    const away = bot.slack.faults.whenever('response_url', { kind: 'status', status: 503 })
    await bot.rita.command(ids.channel, '/disable-user somebody')
    await eventually('two tries', () => away.hits() >= 2)
    expect(bot.rita.ephemerals()).toEqual([])
    away.lift()
    await bot.told(bot.rita, 'type the command again')
    expect(bot.rita.ephemerals()).toHaveLength(1)
  })

  it('is answered by direct message when the response_url has ended meanwhile', patience, async () => {
    await using bot = await start()
    bot.slack.faults.whenever('views.open', { kind: 'status', status: 503 })
    const away = bot.slack.faults.whenever('response_url', { kind: 'status', status: 503 })
    await bot.rita.command(ids.channel, '/disable-user somebody')
    await eventually('a try', () => away.hits() >= 1)
    await eventually('the kept answer', async () => (await unsentLines(bot)).length > 0)
    await bot.pass(hour)
    await bot.until('a direct message', () => bot.rita.directMessages().length > 0)
    expect(bot.rita.directMessages().map((message) => message.text)).toEqual([
      expect.stringContaining('type the command again'),
    ])
  })
})

describeSlapd('a decision that is submitted while Slack cannot be asked about people', () => {
  /** Ana has submitted her approval, and the live look-up has failed at least once. */
  async function submitted(bot: Bot) {
    const pat = await addPerson(slapd)
    const taskId = await bot.ask(bot.rita, `/disable-user ${pat.mail} outage`)
    await bot.ana.press(bot.root(taskId), 'Approve')
    const form = await bot.ana.modal('approve_task')
    const away = bot.slack.faults.whenever('users.info', { kind: 'status', status: 503 })
    expect((await form.submit()).kind).toBe('updated')
    await bot.until('a failed look-up', () => away.hits() >= 2)
    expect(replies(bot, taskId).filter((text) => text.includes('approved'))).toEqual([])
    return { pat, taskId, form, away }
  }

  it('is counted afterwards', patience, async () => {
    await using bot = await start()
    const { taskId, away, form } = await submitted(bot)
    away.lift()
    await checkTask(bot, taskId)
    await bot.shows(form, `You approved ${taskId}`)
  })

  it('is refused afterwards when the person is no longer an approver', patience, async () => {
    await using bot = await start()
    const { pat, taskId, away } = await submitted(bot)
    bot.slack.updateUserGroup(ids.approvers, { users: [ids.abel] })
    away.lift()
    await bot.sees(bot.ana, /role|approver/u)
    expect(replies(bot, taskId)).toEqual([expect.stringMatching(wholeThread[0]!)])
    expect(await pat.canSignIn()).toBe(true)
    await bot.decide(bot.abel, taskId, 'Approve')
    await bot.status(taskId, 'Successful')
  })

  it('is refused afterwards when the request has expired meanwhile', patience, async () => {
    await using bot = await start()
    const { pat, taskId, away } = await submitted(bot)
    await bot.pass(24 * hour + 1)
    await bot.status(taskId, 'Expired')
    away.lift()
    await bot.sees(bot.ana, 'expired before anybody decided')
    expect(replies(bot, taskId).filter((text) => text.includes('approved'))).toEqual([])
    expect(await pat.canSignIn()).toBe(true)
  })
})

describeSlapd('a message that can no longer be changed', () => {
  it.each(['message_not_found', 'edit_window_closed', 'cant_update_message'])(
    'is left as it is (%s); the thread tells the rest',
    patience,
    async (error) => {
      await using bot = await start()
      const pat = await addPerson(slapd)
      const taskId = await bot.ask(bot.rita, `/disable-user ${pat.mail} edits`)
      bot.slack.faults.whenever('chat.update', { kind: 'error', error })
      await bot.decide(bot.ana, taskId, 'Approve')
      await bot.says(taskId, '✔ *unix-ldap*')
      await bot.until('the last edit', () => bot.slack.callsOf('chat.update').length >= 2)
      await eventually('an empty outbox', async () => (await unsentLines(bot)).length === 0)
      expect(await bot.app.store.read((ctx) => outboxBacklog(ctx))).toMatchObject({ dead: 0 })
      expect(replies(bot, taskId)).toEqual(wholeThread.map((words) => expect.stringMatching(words)))
    },
  )

  it(
    'was deleted by somebody: the task ends all the same, and the channel is told how',
    patience,
    async () => {
      await using bot = await start()
      const pat = await addPerson(slapd)
      const taskId = await bot.ask(bot.rita, `/disable-user ${pat.mail} deleted`)
      await bot.says(taskId, 'please decide')
      await bot.ana.press(bot.root(taskId), 'Approve')
      const form = await bot.ana.modal('approve_task')
      await fetch(`${bot.slack.apiUrl}chat.delete`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bot.slack.botToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ channel: ids.channel, ts: bot.root(taskId).ts }),
      })
      expect(bot.taskIds()).toEqual([])
      await form.submit()
      await eventually('the end of the task', async () => {
        const task = await bot.app.store.read((ctx) => findTask(ctx, taskId))
        return task?.status === 'successful'
      })
      await eventually('an empty outbox', async () => (await unsentLines(bot)).length === 0)
      expect(await pat.canSignIn()).toBe(false)
      const told = bot.slack.messages(ids.channel).map((message) => message.text)
      expect(told).toEqual([
        expect.stringMatching(`^${taskId}: .*approved`),
        expect.stringMatching(`^${taskId}: .*disabled`),
      ])
      await bot.rita.command(ids.channel, '/tasks')
      const list = await bot.rita.modal('tasks')
      expect(list.read()).toContain('Successful')
    },
  )
})

describeSlapd('a channel that is archived while a task runs', () => {
  it('gets everything once it is back, and owners are told meanwhile', patience, async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const taskId = await bot.ask(bot.rita, `/disable-user ${pat.mail} archived`)
    await bot.says(taskId, 'please decide')
    await bot.ana.press(bot.root(taskId), 'Approve')
    const form = await bot.ana.modal('approve_task')
    bot.slack.updateChannel(ids.channel, { archived: true })
    await form.submit()
    await eventually('the disabled account', async () => !(await pat.canSignIn()))
    await bot.told(bot.olga, 'is archived')
    const edits = () => bot.slack.callsOf('chat.update').length
    await eventually('the end of the task', async () => {
      const task = await bot.app.store.read((ctx) => findTask(ctx, taskId))
      return task?.status === 'successful'
    })
    const before = edits()
    await bot.pass(61_000)
    await bot.until('a refused edit after the end', () => edits() > before)
    expect(replies(bot, taskId)).toHaveLength(1)
    bot.slack.updateChannel(ids.channel, { archived: false })
    await bot.pass(61_000)
    await checkTask(bot, taskId)
    expect(bot.olga.directMessages()).toHaveLength(1)
  })
})
