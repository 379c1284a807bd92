import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SlackMessage } from '#src/sandbox/slack/index.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')
const minute = 60_000

describeSlapd('a button that is pressed twice at the same time', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (approvers: number) =>
    startBot({ systems: [systemFor(slapd)], changes: { approval: { disable_account: { approvers } } } })
  const reply = (bot: Bot, words: string): Promise<SlackMessage> =>
    bot.until(`a reply with ${words}`, () =>
      bot.slack
        .messages(ids.channel)
        .flatMap((one) => one.replies)
        .find((one) => one.text.includes(words)),
    )
  const times = (bot: Bot, id: string, words: RegExp) => bot.thread(id).match(words)?.length ?? 0

  it('sends a Disable again once', async () => {
    await using bot = await start(0)
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(id, 'Successful')
    await pat.openByHand()
    await bot.pass(5 * minute)
    const drift = await reply(bot, 'enabled again')
    await Promise.all([bot.rita.press(drift, 'Disable again'), bot.rob.press(drift, 'Disable again')])
    await bot.until('one of them to be told', () =>
      [bot.rita, bot.rob].some((who) => who.ephemerals().some((one) => one.text.includes('Nothing of'))),
    )
    await bot.status(id, 'Successful')
    expect(times(bot, id, /sent it again/gu)).toBe(1)
    expect(times(bot, id, /✔ \*unix-ldap\* disabled/gu)).toBe(2)
  })

  it('looks a list up and makes one task of it, and sends its failures again once', async () => {
    await using poor = await startSlapd({ rights: 'no_lock', saysLocked: true })
    await using bot = await startBot({
      systems: [systemFor(poor)],
      changes: { approval: { disable_account: { approvers: 0 } } },
    })
    const people = await Promise.all(Array.from({ length: 5 }, () => addPerson(poor)))
    await bot.rita.command(ids.channel, '/disable-user')
    await (await bot.rita.modal('disable_user')).press('Several people')
    const form = await bot.rita.modal('disable_people')
    await form.fill('people', people.map((one) => one.mail).join('\n'))
    await Promise.all([form.submit(), form.submit()])
    const found = await bot.rita.modal('disable_people_found')
    await Promise.all([found.submit(), found.submit()])
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.status(id, 'Unsuccessful')
    await Promise.all([bot.press(bot.rita, id, 'Retry failed'), bot.press(bot.rob, id, 'Retry failed')])
    await bot.says(id, 'sent it again for 5 people with 5 accounts that failed')
    await bot.until('one of them to be told', () =>
      [bot.rita, bot.rob].some((who) => who.ephemerals().some((one) => one.text.includes('Nothing of'))),
    )
    await bot.until('the second end', () => times(bot, id, /Account disabled: 0 of 5 people, 5 not/gu) === 2)
    expect(bot.taskIds()).toEqual([id])
    expect(times(bot, id, /sent it again/gu)).toBe(1)
    expect(times(bot, id, /✖ \*unix-ldap\* refused/gu)).toBe(10)
  })

  it('withdraws a request once', async () => {
    await using bot = await start(1)
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    const cancel = () => bot.press(bot.rita, id, 'task_menu', 'Cancel task')
    await Promise.all([cancel(), cancel()])
    await bot.status(id, 'Cancelled')
    await bot.pass(2_000)
    expect(times(bot, id, /withdrew this/gu)).toBe(1)
  })

  it('takes an end away once, and moves it once', async () => {
    await using bot = await start(0)
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    await form.fill('ends', '1 hour later')
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.status(id, 'Successful')
    await bot.pass(31 * minute)
    const reminder = await reply(bot, 'this Disable ends')
    await bot.rob.press(reminder, 'Extend')
    const longer = await bot.rob.modal('extend_disable')
    await longer.fill('ends', '4 hours')
    await Promise.all([longer.submit(), longer.submit()])
    await bot.says(id, 'extended this')
    await bot.rita.press(reminder, 'Extend')
    await bot.rob.press(reminder, 'Extend')
    const both = [await bot.rita.modal('extend_disable'), await bot.rob.modal('extend_disable')] as const
    await both[0].fill('ends', '1 hour')
    await both[0].submit()
    await both[1].fill('ends', '4 hours')
    await both[1].submit()
    await bot.sees(bot.rob, `Somebody moved the end of ${id} meanwhile.`)
    await Promise.all([bot.rita.press(reminder, 'Keep disabled'), bot.rob.press(reminder, 'Keep disabled')])
    await bot.says(id, 'took the end away')
    await bot.pass(2_000)
    expect(times(bot, id, /rob extended this/gu)).toBe(1)
    expect(times(bot, id, /rita extended this/gu)).toBe(1)
    expect(times(bot, id, /took the end away/gu)).toBe(1)
  })
})
