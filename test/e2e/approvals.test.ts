import { expect, it } from 'vitest'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { afterAll, beforeAll } from 'vitest'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const minute = 60_000
const hour = 60 * minute

const describeSlapd = await describeWithDirectory('slapd')

describeSlapd('approvals', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}) =>
    startBot({ systems: [systemFor(slapd)], changes })
  const asked = async (bot: Bot) => {
    const pat = await addPerson(slapd)
    return { pat, id: await bot.ask(bot.rita, `/disable-user ${pat.mail} case 4711`) }
  }
  const twoNeeded = { approval: { disable_account: { approvers: 2 } } }

  it('keeps the requester from deciding on their own request, also with the approver role', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.paul, `/disable-user ${pat.mail}`)
    await bot.press(bot.paul, id, 'Approve')
    await bot.sees(bot.paul, 'You asked for this, so somebody else has to decide.')
    await bot.press(bot.paul, id, 'Reject')
    await bot.sees(bot.paul, 'You asked for this, so somebody else has to decide.')
    await bot.status(id, 'Pending approval')
    expect(await pat.lock()).toEqual([])
  })

  it('keeps the target from deciding, by any e-mail of the matched accounts', async () => {
    await using bot = await start()
    const { pat, id } = await asked(bot)
    bot.slack.updateUser(ids.ana, { email: pat.mail.toUpperCase() })
    await bot.press(bot.ana, id, 'Approve')
    await bot.sees(bot.ana, 'This is about your own account, so somebody else has to decide.')
    await bot.decide(bot.abel, id, 'Approve')
    await bot.status(id, 'Successful')
  })

  it('keeps the target from cancelling the task, even an owner', async () => {
    await using bot = await start()
    const { pat, id } = await asked(bot)
    bot.slack.updateUser(ids.olga, { email: pat.mail })
    // Who owns Drawbridge was looked up for the task; a click may count on that for a minute.
    await bot.pass(61_000)
    await bot.press(bot.olga, id, 'task_menu', 'Cancel task')
    await bot.told(bot.olga, `${id} is about your own account, so you can't withdraw it.`)
    await bot.status(id, 'Pending approval')
  })

  it('keeps the target from asking for the Enable of their own account', async () => {
    await using bot = await start()
    const { pat, id } = await asked(bot)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    bot.slack.updateUser(ids.rob, { email: pat.mail })
    await bot.press(bot.rob, id, 'task_menu', 'Enable User Account')
    const form = await bot.rob.modal('enable_user')
    await form.fill('safe', ['verified'])
    expect(await form.submit()).toMatchObject({ kind: 'errors' })
    expect(form.read()).toContain('This is your own account, so somebody else has to ask for it.')
    expect(bot.taskIds()).toEqual([id])
  })

  it('runs only after as many approvers as the policy asks for', async () => {
    await using bot = await start(twoNeeded)
    const { pat, id } = await asked(bot)
    await bot.decide(bot.ana, id, 'Approve', 'seen it')
    await bot.says(id, '@ana approved: _seen it_. One approval is still missing.')
    await bot.status(id, 'Pending approval')
    expect(await pat.canSignIn()).toBe(true)
    await bot.decide(bot.abel, id, 'Approve')
    await bot.status(id, 'Successful')
    expect(bot.thread(id)).toContain('Approved by @ana and @abel')
    expect(await pat.canSignIn()).toBe(false)
  })

  it('counts one decision per approver', async () => {
    await using bot = await start(twoNeeded)
    const { pat, id } = await asked(bot)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.says(id, '@ana approved.')
    for (const verdict of ['Approve', 'Reject']) {
      await bot.press(bot.ana, id, verdict)
      await bot.sees(bot.ana, `You have already decided on ${id}.`)
    }
    await bot.status(id, 'Pending approval')
    expect(await pat.lock()).toEqual([])
  })

  it('counts an approval that was submitted twice once', async () => {
    await using bot = await start(twoNeeded)
    const { id } = await asked(bot)
    await bot.press(bot.ana, id, 'Approve')
    const form = (await bot.ana.modal('approve_task')).frozen()
    await Promise.all([form.submit(), form.submit()])
    await bot.says(id, '@ana approved. One approval is still missing.')
    await bot.pass(1_000)
    await bot.status(id, 'Pending approval')
    expect(bot.thread(id).match(/@ana approved/gu)).toHaveLength(1)
  })

  it('ends with the first Reject, whoever approved before, and changes nothing', async () => {
    await using bot = await start(twoNeeded)
    const { pat, id } = await asked(bot)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.says(id, '@ana approved.')
    const form = await bot.decide(bot.abel, id, 'Reject', 'this is a drill')
    await bot.shows(form, `You rejected ${id}. Nothing was changed.`)
    await bot.status(id, 'Rejected')
    expect(bot.thread(id)).toContain('Rejected by @abel: this is a drill. Nothing was changed.')
    expect(bot.thread(id)).toContain('@abel rejected this: _this is a drill_. Nothing was changed.')
    expect(bot.thread(id)).not.toContain('[Approve]')
    expect(await pat.lock()).toEqual([])
  })

  it('wants a reason for Reject, and not only blanks', async () => {
    await using bot = await start()
    const { id } = await asked(bot)
    await bot.press(bot.ana, id, 'Reject')
    const form = await bot.ana.modal('reject_task')
    expect(await form.submit()).toMatchObject({ kind: 'refused' })
    await form.fill('note', '   ')
    expect(await form.submit()).toMatchObject({ kind: 'errors' })
    expect(form.read()).toContain('Please give a reason: the requester reads it in the thread.')
    await bot.status(id, 'Pending approval')
  })

  it('decides nothing when a button is pressed and the form is closed', async () => {
    await using bot = await start()
    const { id } = await asked(bot)
    await bot.press(bot.ana, id, 'Approve')
    const form = await bot.ana.modal('approve_task')
    expect(form.read()).toContain('it runs at once: each account is disabled and read back')
    await form.close()
    await bot.status(id, 'Pending approval')
  })

  it('lets exactly one of two simultaneous decisions win and tells the other', async () => {
    await using bot = await start()
    const { pat, id } = await asked(bot)
    await bot.press(bot.ana, id, 'Approve')
    await bot.press(bot.abel, id, 'Reject')
    const approve = await bot.ana.modal('approve_task')
    const reject = await bot.abel.modal('reject_task')
    await reject.fill('note', 'no')
    await Promise.all([approve.submit(), reject.submit()])
    const [first, second] = await Promise.all([
      bot.shows(approve, /You approved|was already rejected/u),
      bot.shows(reject, /You rejected|was already approved/u),
    ])
    const approved = first.includes('You approved')
    expect(second.includes('You rejected')).toBe(!approved)
    await bot.status(id, approved ? 'Successful' : 'Rejected')
    expect((await pat.lock()).length).toBe(approved ? 1 : 0)
    expect(bot.thread(id).match(/@ana approved|@abel rejected this/gu)).toHaveLength(1)
  })

  it('tells the later of two approvers that it was approved already, and runs once', async () => {
    await using bot = await start()
    const { id } = await asked(bot)
    await bot.press(bot.ana, id, 'Approve')
    await bot.press(bot.abel, id, 'Approve')
    const forms = [await bot.ana.modal('approve_task'), await bot.abel.modal('approve_task')]
    await Promise.all(forms.map((form) => form.submit()))
    const said = await Promise.all(forms.map((form) => bot.shows(form, /You approved|was already approved/u)))
    expect(said.filter((text) => text.includes('You approved'))).toHaveLength(1)
    await bot.status(id, 'Successful')
    expect(bot.thread(id).match(/disabled `uid=/gu)).toHaveLength(1)
  })

  it('refuses an approver who left the user group between the press and the submission', async () => {
    await using bot = await start()
    const { pat, id } = await asked(bot)
    await bot.press(bot.ana, id, 'Approve')
    const form = await bot.ana.modal('approve_task')
    bot.slack.updateUserGroup(ids.approvers, { users: [ids.abel] })
    await form.submit()
    await bot.shows(form, 'This needs the role approver, which you do not hold.')
    await bot.status(id, 'Pending approval')
    expect(await pat.lock()).toEqual([])
    bot.slack.updateUserGroup(ids.approvers, { users: [ids.abel, ids.ana] })
    await bot.pass(61_000)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
  })

  it('refuses an approver who was deactivated between the press and the submission, also with the form closed', async () => {
    await using bot = await start()
    const { pat, id } = await asked(bot)
    await bot.press(bot.ana, id, 'Approve')
    const form = await bot.ana.modal('approve_task')
    bot.slack.updateUser(ids.ana, { deleted: true })
    await form.submit()
    await form.close()
    await bot.told(bot.ana, 'Your Slack account is deactivated, so I cannot act for you.')
    await bot.status(id, 'Pending approval')
    expect(await pat.lock()).toEqual([])
  })

  it.each([
    ['is empty', { users: [] }],
    ['is disabled', { disabled: true }],
  ])('lets nobody decide while the user group %s', async (_, change) => {
    await using bot = await start()
    const { id } = await asked(bot)
    bot.slack.updateUserGroup(ids.approvers, change)
    await bot.pass(61_000)
    for (const who of [bot.ana, bot.abel]) {
      await bot.press(who, id, 'Approve')
      await bot.sees(who, 'This needs the role approver, which you do not hold.')
    }
    await bot.status(id, 'Pending approval')
  })

  it('lets an owner without the approver role cancel, but not approve', async () => {
    await using bot = await start()
    const { pat, id } = await asked(bot)
    await bot.press(bot.olga, id, 'Approve')
    await bot.sees(bot.olga, 'This needs the role approver, which you do not hold.')
    await bot.press(bot.olga, id, 'task_menu', 'Cancel task')
    await bot.status(id, 'Cancelled')
    await bot.says(id, '@olga withdrew this request. Nothing was changed.')
    expect(await pat.lock()).toEqual([])
  })

  it('lets only the requester or an owner cancel', async () => {
    await using bot = await start()
    const { id } = await asked(bot)
    await bot.press(bot.rob, id, 'task_menu', 'Cancel task')
    await bot.told(bot.rob, `Only the person who asked for ${id} or an owner can withdraw it.`)
    await bot.press(bot.rita, id, 'task_menu', 'Cancel task')
    await bot.status(id, 'Cancelled')
  })

  it.each([
    [
      'approved',
      (bot: Bot, id: string) => bot.decide(bot.abel, id, 'Approve'),
      'Successful',
      'was already approved',
    ],
    [
      'rejected',
      (bot: Bot, id: string) => bot.decide(bot.abel, id, 'Reject', 'no'),
      'Rejected',
      'was already rejected',
    ],
    [
      'expired',
      (bot: Bot) => bot.pass(24 * hour + minute),
      'Expired',
      'expired before anybody decided. It can be asked for again',
    ],
    [
      'cancelled',
      (bot: Bot, id: string) => bot.press(bot.rita, id, 'task_menu', 'Cancel task'),
      'Cancelled',
      'was withdrawn before anybody decided',
    ],
  ] as const)('answers a stale button of a task that was %s', async (_, end, status, sentence) => {
    await using bot = await start()
    const { id } = await asked(bot)
    const stale = bot.root(id)
    await end(bot, id)
    await bot.status(id, status)
    await bot.ana.press(stale, 'Approve')
    await bot.sees(bot.ana, `${id} ${sentence}`)
    await bot.rita.press(stale, 'task_menu', { option: 'Cancel task' })
    await bot.told(bot.rita, `${id} no longer waits for approval, so it can't be withdrawn.`)
    await bot.status(id, status)
  })

  it('reminds the approvers, escalates to people who gain no right by it, and expires; each once', async () => {
    await using bot = await start({ approval: { escalate_to: [ids.managers] } })
    const { pat, id } = await asked(bot)
    const pings = (group: string) => bot.slack.pings.filter((ping) => ping.id === group).length
    await bot.says(id, '@approvers: please decide')
    expect(pings(ids.approvers)).toBe(1)
    await bot.pass(15 * minute)
    await bot.says(id, '@approvers: this still waits. One approval is missing; it expires')
    expect(pings(ids.approvers)).toBe(2)
    expect(pings(ids.managers)).toBe(0)
    await bot.pass(15 * minute)
    await bot.says(id, '@managers: nobody has decided yet.')
    expect(pings(ids.managers)).toBe(1)
    await bot.press(bot.olga, id, 'Approve')
    await bot.sees(bot.olga, 'This needs the role approver')
    await bot.pass(24 * hour)
    await bot.status(id, 'Expired')
    expect(bot.thread(id).match(/Nobody decided in time, so this request expired/gu)).toHaveLength(1)
    expect(pings(ids.approvers)).toBe(2)
    expect(await pat.lock()).toEqual([])
  })

  it('tells nobody anything more once somebody decided', async () => {
    await using bot = await start({ approval: { escalate_to: [ids.managers] } })
    const { id } = await asked(bot)
    await bot.decide(bot.ana, id, 'Reject', 'no')
    await bot.status(id, 'Rejected')
    await bot.pass(25 * hour)
    expect(bot.thread(id)).not.toMatch(/still waits|nobody has decided|Nobody decided/u)
    expect(bot.slack.pings.filter((ping) => ping.id === ids.approvers)).toHaveLength(1)
  })

  it('counts a decision that was submitted while Slack could not be asked, once it can', async () => {
    await using bot = await start()
    const { id } = await asked(bot)
    await bot.press(bot.ana, id, 'Approve')
    const form = await bot.ana.modal('approve_task')
    await bot.pass(61_000)
    const away = bot.slack.faults.whenever('usergroups.users.list', {
      kind: 'rate_limited',
      retryAfterSeconds: 5,
    })
    await form.submit()
    await bot.until('Slack to be asked', () => away.hits() > 0)
    away.lift()
    await bot.pass(6_000)
    await bot.status(id, 'Successful')
  })

  it('runs at once where the policy needs no approver', async () => {
    await using bot = await start({ approval: { disable_account: { approvers: 0 } } })
    const { pat, id } = await asked(bot)
    await bot.status(id, 'Successful')
    expect(await pat.canSignIn()).toBe(false)
    expect(bot.slack.pings.filter((ping) => ping.kind === 'group')).toEqual([])
  })
})
