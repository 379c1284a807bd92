import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import type { SlackMessage } from '#src/sandbox/slack/index.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'
import { type FarDirectory, startFarDirectory } from '#test/helpers/far-directory.ts'

const describeSlapd = await describeWithDirectory('slapd')
const minute = 60_000
const noApproval = { disable_account: { approvers: 0 }, enable_account: { approvers: 0 } }
// Asks whether a change would be allowed, and changes nothing.
const noOperation = '1.3.6.1.4.1.4203.666.5.2'

describeSlapd('the newest word about an account', () => {
  let slapd: Slapd
  let other: Slapd
  beforeAll(async () => {
    ;[slapd, other] = await Promise.all([startSlapd({ saysLocked: true }), startSlapd({ saysLocked: true })])
  })
  afterAll(async () => {
    await Promise.all([slapd, other].map((one) => one[Symbol.asyncDispose]()))
  })
  const start = (systems: readonly object[] = [systemFor(slapd)], approval: object = noApproval) =>
    startBot({ systems, changes: { approval, enforcement: { call_timeout: '2s' } } })
  const done = async (bot: Bot, line: string) => {
    const id = await bot.ask(bot.rita, line)
    await bot.status(id, 'Successful')
    return id
  }
  /** Lets every attempt fail until the task gives up. */
  const givenUp = async (bot: Bot, id: string, status: string) => {
    const warning = 'an IAM system did not do what was asked'
    await bot.until('a failure', () => bot.log.lines.some((line) => line.message === warning))
    for (const ms of [2_000, 4_000, 8_000, 16_000]) await bot.pass(ms)
    await bot.status(id, status)
  }
  const drifts = (bot: Bot, id: string) => bot.thread(id).match(/↔/gu)?.length ?? 0
  const driftOf = (bot: Bot): SlackMessage => {
    const found = bot.slack
      .messages(ids.channel)
      .flatMap((root) => root.replies)
      .find((reply) => reply.text.startsWith('↔'))
    if (found === undefined) throw new Error('no word about the drift')
    return found
  }

  it('is the Enable: a Disable whose answer was lost before it neither says nor does anything later', async () => {
    await using far: FarDirectory = await startFarDirectory(slapd)
    await using bot = await start([far.system])
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    far.fail({ kind: 'cut_after', at: 'modify', without: noOperation, times: 1, thenGone: true })
    await form.submit()
    const older = await bot.until('the Disable', () => bot.taskIds()[0])
    await givenUp(bot, older, 'Unsuccessful')
    await bot.says(older, 'Its state is unknown')
    expect(await pat.canSignIn()).toBe(false)
    far.back()
    await bot.pass(20_000)
    const newer = await done(bot, `/enable-user ${pat.mail}`)
    expect(await pat.canSignIn()).toBe(true)
    await bot.says(older, `Enable ${newer} ended: ✅ Successful.`)
    await bot.until('the menu to go', () => !bot.thread(older).includes('Enable User Account]'))
    const before = bot.thread(older)
    await bot.pass(5 * minute)
    await bot.pass(30 * minute)
    expect(bot.thread(older)).toBe(before)
    await bot.press(bot.rob, older, 'Retry failed')
    await bot.told(bot.rob, `${newer} is newer and covers this account, so ${older} no longer acts on it.`)
    await bot.pass(minute)
    await bot.status(older, 'Unsuccessful')
    expect(await pat.canSignIn()).toBe(true)
  })

  it('is the second Disable: it alone tells that the account was enabled again by hand', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const older = await done(bot, `/disable-user ${pat.mail}`)
    await pat.openByHand()
    const newer = await done(bot, `/disable-user ${pat.mail}`)
    await pat.openByHand()
    await bot.pass(5 * minute)
    await bot.says(newer, /↔ \*unix-ldap\* shows `uid=.*` enabled again/u)
    await bot.pass(30 * minute)
    expect([drifts(bot, older), drifts(bot, newer)]).toEqual([0, 1])
    await bot.status(older, 'Successful')
  })

  it('is the second Disable: Disable again on the drift of the first lapses, and says why', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const older = await done(bot, `/disable-user ${pat.mail}`)
    await pat.openByHand()
    await bot.pass(5 * minute)
    await bot.status(older, 'Unsuccessful')
    const drift = driftOf(bot)
    const newer = await done(bot, `/disable-user ${pat.mail}`)
    await done(bot, `/enable-user ${pat.mail}`)
    await bot.rob.press(drift, 'Disable again')
    await bot.told(
      bot.rob,
      new RegExp(`T-[0-9A-Z]{5} is newer and covers this account, so ${older} no longer`, 'u'),
    )
    expect(bot.rob.ephemerals().at(-1)?.text).not.toContain(`${newer} is newer`)
    await bot.pass(minute)
    expect(await pat.canSignIn()).toBe(true)
  })

  it('is kept per account: Retry elsewhere leaves alone what an Enable has opened since', async () => {
    await using far: FarDirectory = await startFarDirectory(other)
    await using bot = await start([systemFor(slapd), far.system])
    const pat = await addPerson(slapd)
    const same = await addPerson(other, { login: pat.login, mails: [pat.mail] })
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    far.away()
    await form.submit()
    const older = await bot.until('the Disable', () => bot.taskIds()[0])
    await givenUp(bot, older, 'Partially successful')
    const enable = await done(bot, `/enable-user ${pat.mail}`)
    far.back()
    await bot.pass(20_000)
    await bot.press(bot.rita, older, 'Retry failed')
    await bot.status(older, 'Successful')
    await bot.until('what became of each', () =>
      bot.root(older).text.includes(`unix-ldap: disabled, then enabled again by ${enable}`),
    )
    expect(await same.canSignIn()).toBe(false)
    expect(await pat.canSignIn()).toBe(true)
  })

  it('is a Disable that was asked while an Enable is under way: it waits, and comes last', async () => {
    await using far: FarDirectory = await startFarDirectory(slapd)
    await using bot = await start([far.system])
    const pat = await addPerson(slapd)
    await done(bot, `/disable-user ${pat.mail}`)
    const enableForm = await bot.form(bot.rita, `/enable-user ${pat.mail}`)
    await enableForm.fill('safe', ['verified'])
    const disableForm = await bot.form(bot.rob, `/disable-user ${pat.mail}`)
    await disableForm.fill('Accounts', [`*far-ldap*  uid=${pat.login}`])
    far.fail({ kind: 'black_hole', at: 'bind' })
    await enableForm.submit()
    const enable = await bot.until('the Enable', () => bot.taskIds()[1])
    await bot.until('it to work', () => bot.root(enable).text.includes('far-ldap: working'))
    await disableForm.submit()
    const disable = await bot.until('the Disable', () => bot.taskIds()[2])
    await bot.until('it to wait', () => bot.root(disable).text.includes('far-ldap: waiting'))
    far.back()
    await bot.status(enable, 'Successful')
    await bot.status(disable, 'Successful')
    expect(bot.thread(disable)).not.toContain('was already disabled')
    expect(await pat.canSignIn()).toBe(false)
  })

  it('is one Enable however often it is asked for: the second gets a link to the first', async () => {
    await using bot = await start(undefined, { disable_account: { approvers: 0 } })
    const pat = await addPerson(slapd)
    await done(bot, `/disable-user ${pat.mail}`)
    const enable = await bot.ask(bot.rita, `/enable-user ${pat.mail}`)
    const form = await bot.form(bot.rob, `/enable-user ${pat.mail}`)
    await form.fill('safe', ['verified'])
    expect(await form.submit()).toEqual({ kind: 'updated' })
    expect(form.read()).toContain(`This already waits for approval: ${enable}`)
    await bot.decide(bot.ana, enable, 'Approve')
    await bot.status(enable, 'Successful')
    expect(bot.taskIds()).toHaveLength(2)
    expect(await pat.canSignIn()).toBe(true)
  })
})
