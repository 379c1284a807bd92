import { expect, it } from 'vitest'
import { readLocalSettings } from '#src/local-users/settings.ts'
import { ids } from '#test/helpers/bot.ts'
import { roles, startStage } from '#test/helpers/local-stage.ts'

it('a form that somebody else was faster than changes only what was changed in it', async () => {
  await using stage = await startStage({ roles: { ...roles, local_user_admin: [ids.abel, ids.rita] } })
  const { bot } = stage
  const open = async (who: typeof bot.abel) => {
    await who.command(ids.channel, '/local-users')
    const window = await who.modal('local_users')
    await window.press('Settings')
    await bot.sees(who, 'Text on the sign-in page')
    return who.modals().at(-1)!
  }
  const settings = () => bot.app.store.read(readLocalSettings)
  const [first, second] = [await open(bot.abel), await open(bot.rita)]
  await first.fill('mfa', 'mfa')
  await first.submit()
  await bot.sees(bot.abel, 'The settings were saved.')
  await second.fill('brandingText', 'Build servers')
  await second.submit()
  await bot.sees(bot.rita, 'The settings were saved.')
  expect(await settings()).toEqual({ mfaRequired: true, brandingText: 'Build servers' })
  // The window shows what holds now, and can be changed on.
  await bot.rita.modals().at(-1)!.fill('mfa', [])
  await bot.rita.modals().at(-1)!.submit()
  await bot.until('no second factor', async () => !(await settings()).mfaRequired)
  expect((await settings()).brandingText).toBe('Build servers')
})

it('the settings lead to the access rules, and those to the groups', async () => {
  await using stage = await startStage({ roles: { ...roles, local_user_admin: [ids.abel] } })
  const { bot } = stage
  await bot.abel.command(ids.channel, '/local-users')
  await (await bot.abel.modal('local_users')).press('Settings')
  await bot.sees(bot.abel, 'Text on the sign-in page')
  await bot.abel.modals().at(-1)!.press('Access rules')
  await bot.sees(bot.abel, 'Who may reach what by signing in.')
  await bot.abel.modals().at(-1)!.press('Groups')
  await bot.sees(bot.abel, '== Local groups ==')
})
