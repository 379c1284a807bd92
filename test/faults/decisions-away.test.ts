import { afterAll, beforeAll, expect, it } from 'vitest'
import { auditEventsOfTask } from '#db/queries/audit.ts'
import { startSlapd, type Slapd } from '#src/sandbox/directories/slapd.ts'
import type { Modal } from '#src/sandbox/slack/people/modal.ts'
import type { Person } from '#src/sandbox/slack/people/person.ts'
import { eventually, replies, unsentLines } from '#test/faults/quiet.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'

const describeSlapd = await describeWithDirectory('slapd')
const patience = { timeout: 120_000 }

describeSlapd("several decisions that are given while Slack's Web API is away", () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(() => slapd[Symbol.asyncDispose]())
  const start = (approvers: number) =>
    startBot({
      systems: [systemFor(slapd)],
      changes: { approval: { disable_account: { approvers } } },
      mayLogErrors: true,
    })
  const open = async (
    bot: Bot,
    who: Person,
    taskId: string,
    verdict: 'Approve' | 'Reject',
  ): Promise<Modal> => {
    await who.press(bot.root(taskId), verdict)
    const form = await who.modal(`${verdict.toLowerCase()}_task`)
    if (verdict === 'Reject') await form.fill('note', 'not this one')
    return form
  }
  /** Submits, and waits until somebody was looked up for it in vain. */
  const submit = async (bot: Bot, form: Modal) => {
    const tries = () => bot.slack.callsOf('users.info').length
    const before = tries()
    expect((await form.submit()).kind).toBe('updated')
    await bot.slack.waitUntil(() => tries() > before)
  }
  const counted = async (bot: Bot, taskId: string) =>
    (await bot.app.store.read((ctx) => auditEventsOfTask(ctx, taskId)))
      .filter((one) => one.kind === 'decision_counted')
      .map((one) => one.actor)
  const quiet = (bot: Bot) => eventually('an empty outbox', async () => (await unsentLines(bot)).length === 0)

  it(
    'are counted in the order in which they were given: an Approve before a Reject has approved',
    patience,
    async () => {
      await using bot = await start(1)
      const pat = await addPerson(slapd)
      const taskId = await bot.ask(bot.rita, `/disable-user ${pat.mail} outage`)
      const first = await open(bot, bot.ana, taskId, 'Approve')
      const second = await open(bot, bot.abel, taskId, 'Reject')
      const away = bot.slack.faults.whenever('users.info', { kind: 'status', status: 503 })
      await submit(bot, first)
      // By now the first is asked about more seldom than the second will be.
      await bot.pass(40_000)
      await submit(bot, second)
      away.lift()
      await bot.shows(second, `${taskId} was already approved.`)
      await bot.status(taskId, 'Successful')
      expect(await counted(bot, taskId)).toEqual([ids.ana])
      expect(await pat.canSignIn()).toBe(false)
    },
  )

  it('all arrive, each once and in their order, and none twice', patience, async () => {
    await using bot = await start(3)
    const pat = await addPerson(slapd)
    const taskId = await bot.ask(bot.rita, `/disable-user ${pat.mail} outage`)
    const who = [bot.abel, bot.paul, bot.ana]
    const forms: Modal[] = []
    for (const one of who) forms.push(await open(bot, one, taskId, 'Approve'))
    const again = forms[0]!.frozen()
    await bot.slack.faults.closeApi()
    for (const form of forms) {
      expect((await form.submit()).kind).toBe('updated')
      await bot.pass(20_000)
    }
    expect((await again.submit()).kind).toBe('updated')
    expect(await pat.canSignIn()).toBe(true)
    await bot.slack.faults.reopenApi()
    await bot.status(taskId, 'Successful')
    await quiet(bot)
    expect(replies(bot, taskId)).toEqual([
      expect.stringContaining('please decide'),
      '<@U0ABEL> approved. 2 approvals are still missing.',
      '<@U0PAUL> approved. One approval is still missing.',
      '<@U0ANA> approved.',
      expect.stringMatching(/^✔ \*unix-ldap\* disabled/u),
    ])
    expect(await counted(bot, taskId)).toEqual([ids.abel, ids.paul, ids.ana])
  })

  it('do not wait for one whose person Slack cannot tell, when it tells the others', patience, async () => {
    await using bot = await start(1)
    const pat = await addPerson(slapd)
    const taskId = await bot.ask(bot.rita, `/disable-user ${pat.mail} outage`)
    const first = await open(bot, bot.ana, taskId, 'Approve')
    const second = await open(bot, bot.abel, taskId, 'Approve')
    bot.slack.faults.whenever(
      'users.info',
      { kind: 'status', status: 503 },
      { when: (args) => args['user'] === ids.ana },
    )
    await submit(bot, first)
    expect((await second.submit()).kind).toBe('updated')
    await eventually('the end of the patience', async () => {
      await bot.pass(5_000)
      return bot.root(taskId).text.includes(': Successful.')
    })
    expect(await counted(bot, taskId)).toEqual([ids.abel])
  })
})
