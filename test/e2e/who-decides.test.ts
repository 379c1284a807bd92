import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')
const hour = 60 * 60_000

describeSlapd('who decides', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })

  it('is never the requester, also when they own Drawbridge and approve for others', async () => {
    const everything = [ids.olga]
    await using bot = await startBot({
      systems: [systemFor(slapd)],
      changes: {
        roles: { viewer: [], responder: everything, approver: [...everything, ids.ana], owner: everything },
      },
    })
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.olga, `/disable-user ${pat.mail}`)
    for (const button of ['Approve', 'Reject']) {
      await bot.press(bot.olga, id, button)
      await bot.sees(bot.olga, 'You asked for this, so somebody else has to decide.')
    }
    await bot.status(id, 'Pending approval')
    expect(await pat.lock()).toEqual([])
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
  })

  it('has a whole day for it', async () => {
    await using bot = await startBot({ systems: [systemFor(slapd)] })
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.pass(23 * hour)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    expect(await pat.canSignIn()).toBe(false)
  })

  it('is known by the Slack account: an address that changed or was taken over gives and takes no right', async () => {
    await using bot = await startBot({ systems: [systemFor(slapd)] })
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    bot.slack.updateUser(ids.ana, { email: 'ana.married@corp.example' })
    bot.slack.updateUser(ids.nora, { email: 'ana@corp.example' })
    await bot.press(bot.nora, id, 'Approve')
    await bot.sees(bot.nora, 'This needs the role approver, which you do not hold.')
    await bot.status(id, 'Pending approval')
    expect(await pat.lock()).toEqual([])
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
  })
})
