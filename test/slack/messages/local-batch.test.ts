import { expect, test } from 'vitest'
import type { ImportFacts } from '#src/local-users/batch.ts'
import { batchMessage } from '#src/slack/messages/local/batch-message.ts'
import { draftBatch, galleryBatches, importFacts, localMessages } from '#test/helpers/gallery/local.ts'
import { now } from '#test/helpers/gallery/facts.ts'

const messages = new Map(localMessages)
const textOf = (name: string) => messages.get(name)?.text ?? ''

test('a running batch says how far it is, what failed, how fast it goes and how long that takes', () => {
  expect(textOf('runs')).toMatch(
    /^Import · 9,812 local users · started by <@U0RITA>: ▓{14}░{6} 71 % · 6,967 of 9,812 · 4 failed · 3,482 a second · 1 s left$/u,
  )
})

test('a batch that has just begun claims no pace', () => {
  expect(textOf('begins')).toMatch(/0 % · 0 of 9,812$/u)
})

test('what ended says what was done, what was so already, what failed, and who cancelled it', () => {
  expect(textOf('done')).toContain('⚠️ 9,808 imported, 4 failed.')
  expect(textOf('all well')).toContain('Disable · 1 local user · started by <@U0RITA>: ✅ 1 disabled.')
  expect(textOf('some so already')).toContain('✅ 100 enabled, 20 already enabled.')
  expect(textOf('links')).toContain('✅ 1 new link is on its way, 9,811 enrolled already.')
  expect(textOf('cancelled')).toContain(
    '🚫 Cancelled by <@U0ANA> after 6,967 of 9,812: 6,963 deleted, 4 failed.',
  )
})

test('an import that changes descriptions says so', () => {
  const said = (fields: Partial<ImportFacts>) =>
    batchMessage(
      {
        ...{ ...draftBatch, state: 'done', total: 5, done: 5, changed: 5, failed: 0 },
        facts: { ...importFacts, ...fields },
      },
      now,
    ).text
  expect(said({ fresh: 2, described: 3 })).toContain('✅ 5 imported or updated.')
  expect(said({ fresh: 0, described: 3, emptied: 2 })).toContain('✅ 5 updated.')
  expect(said({ fresh: 5 })).toContain('✅ 5 imported.')
})

test('an import that left something to do says of how many, and offers the file', () => {
  const batch = { ...draftBatch, state: 'done', total: 101, done: 101, changed: 101, failed: 0 } as const
  const { text, blocks } = batchMessage({ ...batch, partly: 100 }, now)
  expect(text).toContain('⚠️ 101 imported (100 of them only in part).')
  expect(JSON.stringify(blocks)).toContain('local_batch_failures')
})

test('a batch that ended with failures offers them as a file beside its details', () => {
  const offers = (name: string) => JSON.stringify(messages.get(name)?.blocks).includes('local_batch_failures')
  expect(['runs', 'done', 'cancelled', 'all well'].map(offers)).toEqual([false, true, true, false])
})

test('what was stopped says why, and what to do', () => {
  expect(textOf('stopped')).toContain(
    '⛔ Stopped after 100 of 9,812: 100 new links are on their way. Something went wrong on my side; the log has the details. Ask for the rest again.',
  )
  expect(textOf('refused')).toContain(
    '⛔ Not started: <@U0RITA> no longer holds the role local-user admin. Somebody who does can ask for it again.',
  )
})

test('only a batch that waits or runs can be cancelled', () => {
  const withCancel = (name: string) =>
    JSON.stringify(messages.get(name)?.blocks).includes('local_batch_cancel')
  expect(['waits', 'begins', 'runs'].map(withCancel)).toEqual([true, true, true])
  expect(['done', 'all well', 'cancelled', 'stopped', 'refused'].map(withCancel)).toEqual(
    Array(5).fill(false),
  )
  expect(batchMessage(galleryBatches[0]!, now).text).toContain('🕓 Waits for its turn.')
})
