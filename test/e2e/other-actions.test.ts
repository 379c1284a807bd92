import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')

describeSlapd('Force Password Reset and Force Sign Out', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = () => startBot({ systems: [systemFor(slapd)] })

  it('makes somebody choose a new password, after approval, and leaves the account enabled', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/force-password-reset ${pat.mail} Phished`)
    expect(form.title()).toBe('Force Password Reset')
    expect(form.read()).toContain('[x]')
    expect(form.read()).toContain('The account stays enabled')
    expect(form.read()).not.toContain('Disable until')
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds().at(-1))
    await bot.ana.press(bot.root(id), 'Approve')
    const decision = await bot.ana.modal('approve_task')
    expect(decision.read()).toContain('@rita asks to force a new password for')
    expect(decision.read()).toContain('the person has to choose a new password at the next sign-in')
    await decision.submit()
    await bot.status(id, 'Successful')
    await bot.says(
      id,
      /✔ \*unix-ldap\* took the demand for a new password for `uid=.*` in .* s\. This system gives no way to look\./u,
    )
    expect(bot.root(id).text).toContain('unix-ldap: new password demanded, accepted, no way to look')
    // Looking in again shows what stands there.
    await bot.rita.command('C0SECURITY', `/user-status ${pat.mail}`)
    await bot.told(bot.rita, 'must change password')
  })

  it('says openly that a directory has no sessions to end, and counts that as nothing done', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/force-sign-out ${pat.mail}`)
    await bot.status(id, 'Unsuccessful')
    await bot.says(
      id,
      /– \*unix-ldap\*: this system has no way to end sessions, so nothing was done for `uid=.*`\. Those that are open live on until they end\./u,
    )
    expect(bot.root(id).text).toContain('unix-ldap: no such action there, nothing done')
    expect(await pat.canSignIn()).toBe(true)
  })

  it('keep a Disable as it is: its Retry, its later looks and its Enable go on', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    const out = await bot.ask(bot.rita, `/force-sign-out ${pat.mail}`)
    await bot.status(out, 'Unsuccessful')
    await pat.openByHand()
    await bot.pass(5 * 60_000)
    await bot.says(id, /↔ \*unix-ldap\* shows `uid=.*` enabled again/u)
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.status(id, 'Successful')
    expect(await pat.canSignIn()).toBe(false)
  })
})
