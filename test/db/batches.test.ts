import { expect, it } from 'vitest'
import { insertBatch, lastBatches, moveBatch, nextBatch, openBatches } from '#db/queries/batches.ts'
import { start } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

describeOnBothEngines('Queries on batches', (open) => {
  it('name those that wait or run, in the order of working', async () => {
    const store = await open()
    const counts = { total: 1, done: 0, changed: 0, failed: 0, nextPiece: 0 }
    for (const [id, state] of [
      ['a', 'queued'],
      ['b', 'draft'],
      ['c', 'running'],
      ['d', 'queued'],
      ['e', 'queued'],
    ] as const) {
      const batch = { id, state, action: 'delete', requesterId: 'U0', facts: {}, ...counts, createdAt: start }
      await store.write((ctx) => insertBatch(ctx, batch, []))
    }
    await store.write((ctx) => moveBatch(ctx, 'd', ['queued'], { state: 'cancelled' }))
    const rows = await store.read(openBatches)
    expect(rows.map(({ id }) => id)).toEqual(['c', 'a', 'e'])
    expect(await store.read(nextBatch)).toMatchObject({ id: 'c' })
    const later = new Date(start.getTime() + 1)
    await store.write((ctx) => moveBatch(ctx, 'a', ['queued'], { createdAt: later }))
    await store.write((ctx) => moveBatch(ctx, 'c', ['running'], { state: 'done' }))
    expect((await store.read(openBatches)).map(({ id }) => id)).toEqual(['e', 'a'])
    expect((await store.read((ctx) => lastBatches(ctx, 2))).map(({ id }) => id)).toEqual(['a', 'e'])
  })
})
