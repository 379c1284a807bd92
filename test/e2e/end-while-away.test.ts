import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { type Bot, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson } from '#test/helpers/directory-people.ts'
import { type FarDirectory, startFarDirectory } from '#test/helpers/far-directory.ts'

const describeSlapd = await describeWithDirectory('slapd')
const hour = 60 * 60_000

describeSlapd('the end of a Disable for a length of time', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (far: FarDirectory) => {
    const approval = { disable_account: { approvers: 1 }, enable_account: { approvers: 0 } }
    return startBot({ systems: [far.system], changes: { approval, enforcement: { drift_checks: [] } } })
  }
  const disabledForAnHour = async (bot: Bot) => {
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    await form.fill('ends', '1 hour later')
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds().at(-1))
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    return { pat, id }
  }
  const enableOf = async (bot: Bot, id: string) => {
    const text = await bot.says(id, /The end time is reached: T-.{5} enables the accounts again\./u)
    return /reached: (T-.{5})/u.exec(text)?.[1] ?? ''
  }

  it('is told when it passes while the directory is away, and Retry enables the account', async () => {
    await using far = await startFarDirectory(slapd)
    await using bot = await start(far)
    const { pat, id } = await disabledForAnHour(bot)
    far.away()
    await bot.pass(hour + 1_000)
    const enable = await enableOf(bot, id)
    for (const ms of [2_000, 4_000, 8_000, 16_000, 30_000, 60_000]) await bot.pass(ms)
    await bot.status(enable, 'Unsuccessful')
    await bot.says(enable, /✖ \*far-ldap\* could not be reached/u)
    await bot.says(id, `Enable ${enable} ended: ⛔ Unsuccessful.`)
    expect(await pat.canSignIn()).toBe(false)
    far.back()
    await bot.press(bot.rita, enable, 'Retry failed')
    await bot.status(enable, 'Successful')
    expect(await pat.canSignIn()).toBe(true)
  })

  it('comes at once when it passed long ago, while nothing ran, with no reminder any more', async () => {
    await using far = await startFarDirectory(slapd)
    await using bot = await start(far)
    const { pat, id } = await disabledForAnHour(bot)
    await bot.pass(12 * hour)
    const enable = await enableOf(bot, id)
    await bot.status(enable, 'Successful')
    expect(await pat.canSignIn()).toBe(true)
    expect(bot.thread(id)).not.toContain('this Disable ends')
  })
})
