import { expect, it } from 'vitest'
import { localUsersByEmailKeys } from '#db/queries/local-users.ts'
import type { Person } from '#src/sandbox/slack/people/person.ts'
import { addUser } from '#src/local-users/add.ts'
import { requestBatch } from '#src/local-users/batch.ts'
import { type Bot, ids } from '#test/helpers/bot.ts'
import { actorWith } from '#test/helpers/local-admin.ts'
import { enrolled, startStage } from '#test/helpers/local-stage.ts'

const abel = { ...actorWith('local_user_admin'), userId: ids.abel }

const people = async (bot: Bot, names: readonly string[]) => {
  for (const name of names) {
    const email = `${name}@corp.example`
    await addUser({ store: bot.app.store, clock: bot.clock }, abel, { email, description: '' })
    const [row] = await bot.app.store.read((ctx) => localUsersByEmailKeys(ctx, [email]))
    await enrolled(bot, row!.id)
  }
}

/** Waits until the Home tab of this person says this. */
const shows = async (bot: Bot, who: Person, sentence: string | RegExp) => {
  const text = () => who.home()?.read() ?? ''
  const says = () => (typeof sentence === 'string' ? text().includes(sentence) : sentence.test(text()))
  await bot.until(
    () => `the Home tab to say ${String(sentence)}, not: ${text()}`,
    () => says(),
  )
  return text()
}

it('shows a local-user admin and approver what waits, the counts and how far a batch is', async () => {
  await using stage = await startStage()
  const { bot, says, now } = stage
  await people(bot, ['ann', 'bob'])
  const id = await bot.ask(bot.rita, '/disable-user ann@corp.example Case 4711')
  await bot.abel.openHome()
  const home = await shows(bot, bot.abel, '*2* in all · 2 enabled · 0 disabled')
  expect(home).toContain('Waits for you · 1')
  expect(home).not.toContain('Disable a user')
  await shows(bot, bot.abel, '*local* · ● well')
  await bot.abel.home()?.press('Approve')
  const form = await bot.abel.modal('approve_task')
  expect(form.read()).toContain(id)
  await form.submit()
  await bot.status(id, 'Successful')
  await form.close()
  await bot.abel.home()?.press('Look again')
  await shows(bot, bot.abel, 'Nothing waits for your decision.')
  await shows(bot, bot.abel, '1 disabled')
  await bot.abel.home()?.press('Local users')
  await says('1 to 2 of 2.')
  await now().close()
  await bot.abel.home()?.press('Local groups')
  await says('*All local users* · 2 members')
})

it('shows a responder the own tasks and quick actions, and nothing of local users', async () => {
  await using stage = await startStage()
  const { bot } = stage
  await people(bot, ['ann'])
  await bot.rita.openHome()
  await shows(bot, bot.rita, 'You have not asked for anything yet.')
  const id = await bot.ask(bot.rita, '/disable-user ann@corp.example')
  const home = await shows(bot, bot.rita, new RegExp(`${id}.*Pending approval`))
  expect(home).toContain('Your tasks · 1')
  expect(home).not.toMatch(/local users/i)
  expect(home).not.toMatch(/waits for you/i)
  await bot.rita.home()?.press('Disable a user')
  const form = await bot.rita.modal('disable_user')
  expect(form.read()).toContain('Person')
})

it('says to people without a role how to get one, and nothing else', async () => {
  await using stage = await startStage()
  const { bot } = stage
  await people(bot, ['ann'])
  await bot.nora.openHome()
  const home = await shows(bot, bot.nora, 'You hold no role in Drawbridge yet')
  expect(home).not.toMatch(/local|ann@/i)
  expect(JSON.stringify(bot.nora.home()?.view().content)).not.toContain('home_')
})

it('shows how far a batch is while it runs, in place', async () => {
  await using stage = await startStage()
  const { bot } = stage
  await people(bot, ['ann', 'bob'])
  await bot.abel.openHome()
  await shows(bot, bot.abel, '*2* in all')
  const away = bot.slack.faults.whenever('users.info', { kind: 'error', error: 'internal_error' })
  await requestBatch({ store: bot.app.store, clock: bot.clock }, abel, 'disable', { kind: 'all', typed: '2' })
  await bot.pass(31_000)
  await shows(bot, bot.abel, /Disable · 2 local users · started by @abel\*\s+🕓 Waits for its turn\./)
  away.lift()
  await bot.pass(11_000)
  await shows(bot, bot.abel, '2 disabled')
  expect(bot.abel.home()?.read()).not.toContain('started by')
})
