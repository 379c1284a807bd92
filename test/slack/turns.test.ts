import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTurns } from '#src/slack/turns.ts'

test('those who wait go on in the order in which they came', async () => {
  const { turn } = createTurns()
  const gone: number[] = []
  await Promise.all([1, 2, 3, 4].map(async (name) => turn().then(() => gone.push(name))))
  expect(gone).toEqual([1, 2, 3, 4])
})

test('only one goes on per turn of the event loop', async () => {
  const { turn } = createTurns()
  const gone: number[] = []
  const all = Promise.all(Array.from({ length: 20 }, async (_, name) => turn().then(() => gone.push(name))))
  for (let before = 0; gone.length < 20; before = gone.length) {
    await nextTurn()
    expect(gone.length - before).toBeLessThanOrEqual(1)
  }
  await all
})

test('nobody goes on while things arrive, and nobody waits for ever when they arrive without a pause', async () => {
  const { arrived, turn } = createTurns()
  const since = performance.now()
  let arrivedAt = since
  const gone: { readonly quietMs: number; readonly waitedMs: number }[] = []
  const waiting = async () => {
    await turn()
    const now = performance.now()
    gone.push({ quietMs: now - arrivedAt, waitedMs: now - since })
  }
  const all = waiting()
  while (gone.length === 0) {
    arrivedAt = performance.now()
    arrived()
    await nextTurn()
  }
  await all
  // A machine that stops for a moment makes a pause of its own.
  expect(gone.every(({ quietMs, waitedMs }) => quietMs >= 3 || waitedMs >= 50)).toBe(true)
})
