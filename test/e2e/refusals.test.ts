import { afterAll, beforeAll, expect, it } from 'vitest'
import { auditEventsOfTask } from '#db/queries/audit.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import type { SlackUser } from '#src/sandbox/slack/world.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')

/** People who may never act, whatever their roles, and what they read. */
const outsiders: readonly (readonly [string, Partial<SlackUser>, string])[] = [
  ['an app', { isBot: true }, 'I take requests from people only, not from apps.'],
  ['a guest of several channels', { isRestricted: true }, 'not from guests'],
  ['a guest of one channel', { isUltraRestricted: true }, 'not from guests'],
  ['somebody deactivated', { deleted: true }, 'Your Slack account is deactivated'],
  ['somebody of a connected organisation', { isStranger: true }, 'members of this workspace only'],
  ['somebody of another workspace', { teamId: 'T0OTHER' }, 'members of this workspace only'],
]

describeSlapd('who is refused', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}) =>
    startBot({ systems: [systemFor(slapd)], changes })

  it.each(outsiders)('refuses every command of %s, also with the role', async (_, change, sentence) => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    bot.slack.updateUser(ids.rita, change)
    for (const command of [`/disable-user ${pat.mail}`, `/enable-user ${pat.mail}`, '/tasks']) {
      await bot.rita.command(ids.channel, command)
      await bot.sees(bot.rita, sentence)
    }
    await bot.rita.command(ids.channel, `/user-status ${pat.mail}`)
    await bot.told(bot.rita, sentence)
    expect(await bot.told(bot.rita, sentence)).not.toContain(pat.name)
    expect(bot.taskIds()).toEqual([])
  })

  it.each(outsiders)('refuses the Approve of %s, also with the role', async (_, change, sentence) => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    bot.slack.updateUser(ids.ana, change)
    await bot.press(bot.ana, id, 'Approve')
    // A click tells the workspace of the person, so that no form opens first.
    if (change.teamId === undefined) await bot.sees(bot.ana, sentence)
    else await bot.told(bot.ana, sentence)
    expect(await pat.lock()).toEqual([])
  })

  it.each(outsiders)(
    'refuses the submitted approval of somebody who became %s',
    async (_, change, sentence) => {
      await using bot = await start()
      const pat = await addPerson(slapd)
      const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
      await bot.press(bot.ana, id, 'Approve')
      const form = await bot.ana.modal('approve_task')
      bot.slack.updateUser(ids.ana, change)
      await form.submit()
      await bot.shows(form, sentence)
      await bot.status(id, 'Pending approval')
      expect(await pat.lock()).toEqual([])
    },
  )

  it('refuses people without a role, each command with the role that it needs', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    await bot.nora.command(ids.channel, `/disable-user ${pat.mail}`)
    await bot.sees(
      bot.nora,
      'This needs the role responder, which you do not hold. An owner of Drawbridge can give it to you.',
    )
    await bot.nora.command(ids.channel, `/enable-user ${pat.mail}`)
    await bot.sees(bot.nora, 'This needs the role responder')
    await bot.nora.command(ids.channel, '/tasks')
    await bot.sees(bot.nora, 'This needs the role viewer')
    await bot.nora.command(ids.channel, `/user-status ${pat.mail}`)
    await bot.told(bot.nora, 'This needs the role viewer')
    expect(await bot.told(bot.nora, 'role')).not.toContain(pat.name)
  })

  it('lets a viewer look, but not ask, retry, cancel, enable or decide', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.press(bot.omar, id, 'task_menu', 'Cancel task')
    await bot.told(bot.omar, `Only the person who asked for ${id} or an owner can withdraw it.`)
    await bot.press(bot.omar, id, 'Approve')
    await bot.sees(bot.omar, 'This needs the role approver')
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    await bot.press(bot.omar, id, 'task_menu', 'Enable User Account')
    await bot.told(bot.omar, 'This needs the role responder')
    await bot.omar.command(ids.channel, `/disable-user ${pat.mail}`)
    await bot.sees(bot.omar, 'This needs the role responder')
    await bot.omar.command(ids.channel, `/user-status ${pat.mail}`)
    const said = await bot.told(bot.omar, pat.name)
    expect(said).toContain('is disabled')
    expect(
      bot.omar
        .ephemerals()
        .at(-1)
        ?.blocks.some((block) => block['type'] === 'actions'),
    ).toBe(false)
  })

  it('checks the role of a responder again when the form is submitted', async () => {
    await using bot = await start({
      roles: { responder: [ids.managers], approver: [ids.approvers], owner: [ids.olga] },
    })
    bot.slack.updateUserGroup(ids.managers, { users: [ids.rita] })
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    bot.slack.updateUserGroup(ids.managers, { users: [ids.rob] })
    await bot.pass(61_000)
    expect(await form.submit()).toMatchObject({ kind: 'errors' })
    expect(form.read()).toContain('This needs the role responder')
    expect(bot.taskIds()).toEqual([])
  })

  it('does nothing and says so while Slack cannot tell who somebody is', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const away = bot.slack.faults.whenever('users.info', { kind: 'status', status: 503 })
    await bot.rita.command(ids.channel, `/disable-user ${pat.mail}`)
    await bot.sees(
      bot.rita,
      'Slack did not tell me who you are just now, so I did nothing. Please try again in a minute.',
    )
    away.lift()
    await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
  })

  it('leaves an audit event of every click by somebody who may not', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    bot.slack.updateUser(ids.abel, { email: pat.mail })
    bot.slack.updateUser(ids.paul, { isRestricted: true })
    await bot.press(bot.rita, id, 'Approve')
    await bot.sees(bot.rita, 'You asked for this')
    await bot.press(bot.abel, id, 'Reject')
    await bot.sees(bot.abel, 'This is about your own account')
    await bot.press(bot.paul, id, 'Approve')
    await bot.sees(bot.paul, 'not from guests')
    await bot.press(bot.omar, id, 'task_menu', 'Cancel task')
    await bot.told(bot.omar, 'can withdraw it')
    await bot.press(bot.rita, id, 'task_menu', 'Cancel task')
    await bot.status(id, 'Cancelled')
    expect(await refusals(bot, id)).toEqual([
      [ids.rita, { tried: 'approve_task', code: 'own_request' }],
      [ids.abel, { tried: 'reject_task', code: 'about_you' }],
      [ids.paul, { tried: 'approve_task', code: 'not_a_member' }],
      [ids.omar, { tried: 'task_menu', code: 'not_allowed' }],
    ])
  })

  it('writes no refusal down when somebody who may was only too late', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    const before = bot.root(id)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    await bot.abel.press(before, 'Approve')
    await bot.sees(bot.abel, `${id} was already approved.`)
    expect(await refusals(bot, id)).toEqual([])
  })
})

async function refusals(bot: Bot, taskId: string) {
  const events = await bot.app.store.read((ctx) => auditEventsOfTask(ctx, taskId))
  return events.filter((one) => one.kind === 'refused').map((one) => [one.actor, one.facts])
}
