import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')
const minute = 60_000

describeSlapd('owners who are named as a user group', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (owner: readonly string[] = [ids.managers]) =>
    startBot({
      systems: [systemFor(slapd)],
      changes: {
        roles: { viewer: [ids.omar], responder: [ids.rita, ids.rob], approver: [ids.approvers], owner },
      },
    })

  it('withdraw the task of somebody else', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.press(bot.olga, id, 'task_menu', 'Cancel task')
    await bot.status(id, 'Cancelled')
  })

  it('are each told when a channel takes no messages, also who is named beside the group, once', async () => {
    await using bot = await start([ids.managers, ids.olga])
    bot.slack.updateUserGroup(ids.managers, { users: [ids.olga, ids.omar] })
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    bot.slack.updateChannel(ids.channel, { archived: true })
    await bot.press(bot.rita, id, 'task_menu', 'Cancel task')
    await bot.told(bot.olga, 'is archived')
    await bot.told(bot.omar, 'is archived')
    await bot.pass(61_000)
    expect(bot.olga.directMessages()).toHaveLength(1)
    expect(bot.omar.directMessages()).toHaveLength(1)
  })

  it('are told later when Slack cannot say who they are', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    const away = bot.slack.faults.whenever('usergroups.users.list', { kind: 'status', status: 503 })
    await bot.says(id, 'please decide')
    bot.slack.updateChannel(ids.channel, { archived: true })
    await bot.pass(16 * minute)
    await bot.until('a look-up in vain', () => away.hits() > 0)
    expect(bot.olga.directMessages()).toEqual([])
    away.lift()
    await bot.pass(61_000)
    await bot.told(bot.olga, 'is archived')
  })

  it('keep the account of the last of them, whoever asks', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    bot.slack.updateUser(ids.olga, { email: pat.mail })
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    expect(form.read()).toContain('it belongs to the last owner of Drawbridge')
    await form.submit()
    expect(bot.taskIds()).toEqual([])
  })
})
