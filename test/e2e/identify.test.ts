import { afterAll, beforeAll, expect, it } from 'vitest'
import { modifyAsAdmin } from '#src/sandbox/directories/client.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'
import { type FarDirectory, startFarDirectory } from '#test/helpers/far-directory.ts'

const describeSlapd = await describeWithDirectory('slapd')
const noApproval = { disable_account: { approvers: 0 }, enable_account: { approvers: 0 } }

describeSlapd('an account whose system was away at the look-up', () => {
  let slapd: Slapd
  let other: Slapd
  beforeAll(async () => {
    ;[slapd, other] = await Promise.all([startSlapd({ saysLocked: true }), startSlapd({ saysLocked: true })])
  })
  afterAll(async () => {
    await Promise.all([slapd, other].map((one) => one[Symbol.asyncDispose]()))
  })
  const start = (far: FarDirectory, changes: Readonly<Record<string, unknown>> = {}, near: object = {}) =>
    startBot({
      systems: [systemFor(slapd, 'unix-ldap', near), far.system],
      changes: { approval: noApproval, ...changes },
    })
  /** Asks while the far system is away, until it was given up. */
  const askedWhileAway = async (bot: Bot, far: FarDirectory, person: string) => {
    far.away()
    const id = await bot.ask(bot.rita, `/disable-user ${person}`)
    for (const ms of [2_000, 4_000, 8_000, 16_000]) await bot.pass(ms)
    await bot.status(id, 'Partially successful')
    far.back()
    return id
  }

  it('is left alone when the same login belongs to somebody else there', async () => {
    await using far = await startFarDirectory(other)
    await using bot = await start(far)
    const pat = await addPerson(slapd)
    const stranger = await addPerson(other, { login: pat.login, mails: ['stranger@corp.example'] })
    const id = await askedWhileAway(bot, far, pat.login)
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.says(
      id,
      `✖ *far-ldap* has an account that could be \`${pat.login}\`, but it may belong to somebody else, so it was not changed.`,
    )
    await bot.status(id, 'Partially successful')
    expect(await stranger.lock()).toEqual([])
  })

  it('is left alone when that comes to light at the start', async () => {
    await using far = await startFarDirectory(other)
    await using bot = await start(far, { approval: { disable_account: { approvers: 1 } } })
    const pat = await addPerson(slapd)
    const stranger = await addPerson(other, { login: pat.login, mails: ['stranger2@corp.example'] })
    far.away()
    const id = await bot.ask(bot.rita, `/disable-user ${pat.login}`)
    far.back()
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Partially successful')
    await bot.says(id, '✖ *far-ldap* has an account that could be')
    expect(await pat.canSignIn()).toBe(false)
    expect(await stranger.lock()).toEqual([])
  })

  it('is found by the first address of the account that the task covers, and changed', async () => {
    await using far = await startFarDirectory(other)
    await using bot = await start(far)
    const pat = await addPerson(slapd)
    const same = await addPerson(other, { login: `${pat.login}-far`, mails: [pat.mail] })
    const id = await askedWhileAway(bot, far, pat.login)
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.status(id, 'Successful')
    await bot.says(id, `*far-ldap* disabled \`uid=${same.login}\``)
    expect(await same.canSignIn()).toBe(false)
  })

  it('is not found by an address that is not the first: people can edit those themselves', async () => {
    await using far = await startFarDirectory(other)
    await using bot = await start(far, {}, { email_attributes: ['mail', 'description'] })
    const pat = await addPerson(slapd)
    const stranger = await addPerson(other)
    await modifyAsAdmin(slapd.admin, personDn(pat.login), [{ name: 'description', values: [stranger.mail] }])
    const id = await askedWhileAway(bot, far, pat.login)
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.says(id, `– *far-ldap*: nobody called \`${pat.login}\` is there`)
    expect(await stranger.lock()).toEqual([])
  })
})

describeSlapd('the target, recognised also by accounts that the task does not cover', () => {
  let slapd: Slapd
  let silent: Slapd
  beforeAll(async () => {
    ;[slapd, silent] = await Promise.all([startSlapd({ saysLocked: true }), startSlapd({ saysLocked: true })])
  })
  afterAll(async () => {
    await Promise.all([slapd, silent].map((one) => one[Symbol.asyncDispose]()))
  })
  const start = (approval: object) =>
    startBot({ systems: [systemFor(slapd), systemFor(silent, 'silent-ldap')], changes: { approval } })
  const person = async () => {
    const pat = await addPerson(slapd)
    return { pat, mailless: await addPerson(silent, { login: pat.login, mails: [] }) }
  }

  it('cannot ask for the Enable of their account without an address by unticking the one with it', async () => {
    await using bot = await start(noApproval)
    const { pat, mailless } = await person()
    const id = await bot.ask(bot.rita, `/disable-user ${pat.login}`)
    await bot.status(id, 'Successful')
    bot.slack.updateUser(ids.rob, { email: pat.mail })
    const form = await bot.form(bot.rob, `/enable-user ${pat.login}`)
    await form.fill('Accounts', [`*silent-ldap*  uid=${pat.login}`])
    await form.fill('safe', ['verified'])
    expect(await form.submit()).toMatchObject({ kind: 'errors' })
    expect(form.read()).toContain('This is your own account, so somebody else has to ask for it.')
    expect(bot.taskIds()).toEqual([id])
    expect(await mailless.lock()).toHaveLength(1)
  })

  it('cannot approve a task that covers only their account without an address', async () => {
    await using bot = await start({ disable_account: { approvers: 1 } })
    const { pat, mailless } = await person()
    const form = await bot.form(bot.rita, `/disable-user ${pat.login}`)
    await form.fill('Accounts', [`*silent-ldap*  uid=${pat.login}`])
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    bot.slack.updateUser(ids.ana, { email: pat.mail })
    await bot.press(bot.ana, id, 'Approve')
    await bot.sees(bot.ana, 'This is about your own account, so somebody else has to decide.')
    expect(await mailless.lock()).toEqual([])
  })
})
