import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { type Bot, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')
const minute = 60_000
const hour = 60 * minute

describeSlapd('a Disable for a length of time', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = () => {
    const approval = { disable_account: { approvers: 1 }, enable_account: { approvers: 0 } }
    return startBot({ systems: [systemFor(slapd)], changes: { approval } })
  }
  const replyOf = async (bot: Bot, start_: string) =>
    await bot.until(`a reply that starts with ${start_}`, () =>
      bot.slack
        .messages('C0SECURITY')
        .flatMap((one) => one.replies)
        .find((one) => one.text.includes(start_)),
    )
  const disabledFor = async (bot: Bot, length: string) => {
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    await form.fill('ends', length)
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds().at(-1))
    expect(bot.root(id).text).toContain('Pending approval')
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    return { pat, id }
  }

  it('tells the approver its length, reminds half-way of an hour, and enables at the end by itself', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    await form.fill('ends', '1 hour later')
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds().at(-1))
    await bot.rita.press(bot.root(id), 'Approve')
    await bot.ana.press(bot.root(id), 'Approve')
    const decision = await bot.ana.modal('approve_task')
    expect(decision.read()).toContain('After 1 hour the accounts are enabled again.')
    await decision.submit()
    await bot.status(id, 'Successful')
    expect(await pat.canSignIn()).toBe(false)
    await bot.pass(31 * minute)
    await bot.says(id, /@rita: this Disable ends .*\. Then the accounts are enabled again\./u)
    await bot.pass(30 * minute)
    const text = await bot.says(id, /The end time is reached: T-.{5} enables the accounts again\./u)
    const enable = /reached: (T-.{5})/u.exec(text)?.[1] ?? ''
    await bot.status(enable, 'Successful')
    expect(bot.root(enable).text).toContain('Requested by Drawbridge')
    await bot.says(id, `Enable ${enable} ended: ✅ Successful.`)
    expect(await pat.canSignIn()).toBe(true)
    const reminder = await replyOf(bot, 'this Disable ends')
    await bot.rita.press(reminder, 'Keep disabled')
    await bot.told(bot.rita, `${id} has ended, or a newer task has the word about its accounts.`)
  })

  it('ends later when a responder extends it, and not at the old time', async () => {
    await using bot = await start()
    const { pat, id } = await disabledFor(bot, '1 hour later')
    await bot.pass(31 * minute)
    const reminder = await replyOf(bot, 'this Disable ends')
    await bot.omar.press(reminder, 'Extend')
    await bot.sees(bot.omar, 'This needs the role responder')
    await bot.rob.press(reminder, 'Extend')
    const form = await bot.rob.modal('extend_disable')
    await form.fill('ends', '4 hours')
    await form.submit()
    await bot.says(id, /@rob extended this: it now ends/u)
    await bot.pass(30 * minute)
    expect(bot.thread(id)).not.toContain('The end time is reached')
    expect(await pat.canSignIn()).toBe(false)
    await bot.pass(4 * hour)
    await bot.says(id, /The end time is reached: T-.{5} enables/u)
    await bot.says(id, /Enable T-.{5} ended: ✅ Successful\./u)
    expect(await pat.canSignIn()).toBe(true)
  })

  it('stays for good when a responder keeps it', async () => {
    await using bot = await start()
    const { pat, id } = await disabledFor(bot, '4 hours later')
    await bot.pass(3 * hour + minute)
    const reminder = await replyOf(bot, 'this Disable ends')
    await bot.rob.press(reminder, 'Keep disabled')
    await bot.says(id, '@rob took the end away: the accounts stay disabled until somebody enables them.')
    await bot.pass(2 * hour)
    expect(bot.thread(id)).not.toContain('The end time is reached')
    expect(await pat.canSignIn()).toBe(false)
    await bot.rob.press(reminder, 'Keep disabled')
    await bot.told(bot.rob, `${id} has no end any more: the accounts stay disabled.`)
  })

  it('leaves an account to a newer Disable, and says so', async () => {
    await using bot = await start()
    const { pat, id } = await disabledFor(bot, '1 hour later')
    const form = await bot.form(bot.rob, `/disable-user ${pat.mail}`)
    await form.fill('Accounts', [`*unix-ldap*  uid=${pat.login}`])
    await form.submit()
    const newer = await bot.until('the newer task', () => bot.taskIds().find((one) => one !== id))
    await bot.decide(bot.ana, newer, 'Approve')
    await bot.status(newer, 'Successful')
    await bot.pass(61 * minute)
    await bot.says(id, `What ${newer} covers is left to it, because it is newer. Nothing was enabled.`)
    expect(await pat.canSignIn()).toBe(false)
  })

  it('says that nothing is left when somebody enabled the account before the end', async () => {
    await using bot = await start()
    const { pat, id } = await disabledFor(bot, '1 hour later')
    const enable = await bot.ask(bot.rob, `/enable-user ${pat.mail}`)
    await bot.status(enable, 'Successful')
    await bot.pass(61 * minute)
    await bot.says(id, 'The end time is reached. Nothing of this task is left to enable.')
    expect(bot.thread(id)).not.toContain('this Disable ends')
    expect(bot.taskIds()).toHaveLength(2)
  })
})
