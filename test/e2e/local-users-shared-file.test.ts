import { expect, it } from 'vitest'
import { recentBatches } from '#src/local-users/batch.ts'
import { ids } from '#test/helpers/bot.ts'
import { auditTrail, lou } from '#test/helpers/local-admin.ts'
import { startStage } from '#test/helpers/local-stage.ts'

const content = 'email;description\r\nann@corp.example;Sales\r\nbob@corp.example;\r\nnonsense;\r\n'

it('a file that an admin shares with the bot is looked at, and imported at the press of a button', async () => {
  await using stage = await startStage()
  const { bot, smtp, user } = stage
  await bot.abel.share(bot.abel.directChannel(), { name: 'people.csv', content })
  await bot.told(bot.abel, 'people.csv: 2 accounts can be imported. Nothing has been imported yet.')
  expect(await user('ann@corp.example')).toBeUndefined()
  const offer = bot.abel.directMessages().at(-1)!
  expect(JSON.stringify(offer.blocks)).toContain('can’t be imported (line 4)')
  expect(JSON.stringify(offer.blocks)).toContain('Line 4: `nonsense` — This is not an e-mail address')
  await bot.abel.press(offer, 'Failed rows (CSV)')
  await bot.told(bot.abel, 'The file is on its way to you as a direct message.')
  await bot.told(bot.abel, 'Here are the rows that failed, with their reasons.')
  await bot.abel.press(offer, 'Import 2 accounts')
  await bot.told(bot.abel, 'The import has started.')
  await bot.until('the mails', () => smtp.arrived.length === 2)
  await bot.until('the end', () =>
    bot.slack.messages(ids.channel).some(({ text }) => text.endsWith('⚠️ 2 imported, 1 failed.')),
  )
  await bot.abel.press(offer, 'Import 2 accounts')
  await bot.told(bot.abel, 'This import was started already.')
  expect(smtp.arrived).toHaveLength(2)
})

it('says to an admin what is wrong with a file', async () => {
  await using stage = await startStage()
  const { bot } = stage
  await bot.abel.share(bot.abel.directChannel(), { name: 'people.csv', content: 'name\nann\n' })
  await bot.told(bot.abel, /email/)
  await bot.abel.share(bot.abel.directChannel(), {
    name: 'big.csv',
    content: Buffer.alloc(5 * 1024 * 1024 + 1, 'a'),
  })
  await bot.told(bot.abel, 'This file is larger than 5 MB.')
  expect(await recentBatches({ store: bot.app.store, clock: bot.clock }, lou, 5)).toEqual([])
})

it('pings nobody and draws no link for what a file holds', async () => {
  await using stage = await startStage()
  const { bot } = stage
  const header = '<!channel>,<https://evil.test|Import>\nann,\n'
  await bot.abel.share(bot.abel.directChannel(), { name: 'people.csv', content: header })
  await bot.told(bot.abel, '&lt;!channel&gt;, &lt;https://evil.test|Import&gt;')
  const answer = bot.abel.directMessages().at(-1)!
  expect(JSON.stringify([answer.text, answer.blocks])).not.toContain('<')
})

it('tells nobody else anything about local users, and records that it was tried', async () => {
  await using stage = await startStage()
  const { bot } = stage
  await bot.rita.share(bot.rita.directChannel(), { name: 'people.csv', content })
  const said = await bot.told(bot.rita, 'There is nothing that I can do with this file for you.')
  expect(said).not.toMatch(/local|import/i)
  const trail = await auditTrail(bot.app.store)
  expect(trail).toMatchObject([{ kind: 'refused', actor: ids.rita, facts: { tried: 'file_shared' } }])
})

it('leaves files alone that are shared in channels', async () => {
  await using stage = await startStage()
  const { bot } = stage
  await bot.abel.share(ids.channel, { name: 'people.csv', content })
  await bot.abel.share(bot.abel.directChannel(), { name: 'other.csv', content })
  await bot.told(bot.abel, 'other.csv: 2 accounts')
  const direct = bot.abel.directMessages().filter((message) => message.userId === bot.slack.botUserId)
  expect(direct).toHaveLength(1)
})
