import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startBot } from '#test/helpers/bot.ts'
import { type CloudSystems, startCloudSystems } from '#test/helpers/cloud-systems.ts'

const minute = 60_000
const mastered = 'alice@corp.example'

describe('a person of Entra', () => {
  let clouds: CloudSystems
  beforeEach(async () => {
    clouds = await startCloudSystems()
  })
  afterEach(async () => {
    await clouds[Symbol.asyncDispose]()
  })
  const start = () => startBot({ systems: [clouds.entraSystem], env: clouds.secrets })
  const isEnabled = () => clouds.entra.person(mastered).properties.accountEnabled

  it('whom a directory masters that Drawbridge does not know is disabled with a warning, and again after the sync', async () => {
    clouds.entra.addPerson({ userPrincipalName: mastered, onPremisesSyncEnabled: true })
    await using bot = await start()
    const id = await bot.ask(bot.rita, `/disable-user ${mastered}`)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    await bot.says(id, /✔ \*entra\* disabled .*\*The next directory synchronization will undo this\*/u)
    await bot.pass(5 * minute)
    expect(bot.thread(id)).not.toContain('enabled again')
    clouds.entra.synchronize()
    expect(isEnabled()).toBe(true)
    await bot.pass(30 * minute)
    await bot.status(id, 'Unsuccessful')
    await bot.says(
      id,
      /↔ \*entra\* shows `alice@corp\.example` enabled again \(.*, 35 min after the disable\)/u,
    )
    const drift = await bot.until('the word about the drift', () =>
      bot.slack
        .messages('C0SECURITY')
        .flatMap((one) => one.replies)
        .find((one) => one.text.startsWith('↔')),
    )
    await bot.rob.press(drift, 'Disable again')
    await bot.status(id, 'Successful')
    expect(isEnabled()).toBe(false)
  })

  it('is protected by what they hold, never by what they are called', async () => {
    clouds.entra.addPerson({ userPrincipalName: 'administration@corp.example' })
    clouds.entra.addPerson({ userPrincipalName: mastered })
    clouds.entra.giveRole(mastered, 'Global Administrator')
    await using bot = await start()
    const plain = await bot.form(bot.rita, '/disable-user administration@corp.example')
    expect(plain.read()).toContain('[x] *entra*')
    expect(plain.read()).not.toContain('🔒')
    const admin = await bot.form(bot.rob, `/disable-user ${mastered}`)
    expect(admin.read()).toMatch(/🔒 .*Global Administrator/u)
    expect(admin.read()).not.toContain('[x] *entra*')
  })

  it('is never found by the part of an address before the @', async () => {
    clouds.entra.addPerson({ userPrincipalName: mastered, onPremisesSamAccountName: 'victim' })
    clouds.entra.addPerson({ userPrincipalName: 'victim@partner.example', onPremisesSamAccountName: 'other' })
    await using bot = await start()
    const form = await bot.form(bot.rita, '/disable-user victim@partner.example')
    expect(form.read()).toContain('victim@partner.example')
    expect(form.read()).not.toContain(mastered)
  })
})
