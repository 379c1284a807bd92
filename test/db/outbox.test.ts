import { expect, it } from 'vitest'
import {
  claimLines,
  deleteLinesSentBefore,
  dueLines,
  extendLineLease,
  insertLine,
  type Lane,
  linesOfStream,
  markDead,
  markLater,
  markRepliesDead,
  markSent,
  outboxBacklog,
  releaseAllLines,
  replaceLine,
} from '#db/queries/outbox.ts'
import { activePauses, deletePausesBefore, pause, pausedUntil, takeSlot } from '#db/queries/pauses.ts'
import { findThread, insertThread, permalinkOf, setPermalink } from '#db/queries/threads.ts'
import type { Store } from '#db/store.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const start = new Date('2026-03-02T12:00:00.000Z')
const after = (ms: number): Date => new Date(start.getTime() + ms)

const add = (store: Store, stream: string, lane: Lane, text = '') =>
  store.write((ctx) => insertLine(ctx, { stream, lane, message: { text }, now: start }))

const addThread = (store: Store, stream: string) =>
  store.write((ctx) =>
    insertThread(ctx, { stream, channel: 'C1', ts: '1.2', permalink: null, createdAt: start }),
  )

const due = async (store: Store, now = start, page = { after: 0, limit: 100 }): Promise<number[]> => {
  const lines = await store.read((ctx) => dueLines(ctx, { now, ...page }))
  return lines.map(({ line }) => line.id)
}

const claim = (store: Store, ids: readonly number[], now = start) =>
  store.write((ctx) => claimLines(ctx, ids, { now, leaseUntil: new Date(now.getTime() + 15_000) }), {
    isolation: 'read committed',
  })

const send = async (store: Store, id: number): Promise<void> => {
  const [line] = await claim(store, [id])
  await store.write((ctx) => markSent(ctx, line!, { ref: 'r', now: start }))
}

describeOnBothEngines('Queries on the outbox', (open) => {
  it('find only the oldest unsent line of each stream due', async () => {
    const store = await open()
    for (const stream of ['one', 'two', 'one', 'two']) await add(store, stream, 'direct')
    expect(await due(store)).toEqual([1, 2])
    await claim(store, [1])
    expect(await due(store)).toEqual([2])
    await send(store, 2)
    expect(await due(store)).toEqual([4])
    expect(await due(store, start, { after: 4, limit: 100 })).toEqual([])
  })

  it('let the newest line take the place of one that waits, and come no later than that', async () => {
    const store = await open()
    const put = (text: string, notBefore: Date) =>
      store.write((ctx) =>
        replaceLine(ctx, { stream: 'home', lane: 'direct', message: { text }, now: start, notBefore }),
      )
    const texts = async () =>
      (await store.read((ctx) => linesOfStream(ctx, 'home'))).map((one) => one.message)
    await put('later', after(5_000))
    expect(await due(store)).toEqual([])
    await put('now', start)
    await put('again', after(9_000))
    expect(await texts()).toEqual([{ text: 'again' }])
    expect(await due(store)).toEqual([1])
    await claim(store, [1])
    await put('next', after(5_000))
    expect(await texts()).toEqual([{ text: 'again' }, { text: 'next' }])
  })

  it('find nothing of a stream due before its root was posted, and then status and replies side by side', async () => {
    const store = await open()
    await add(store, 'one', 'status')
    await add(store, 'one', 'direct')
    await add(store, 'one', 'reply')
    expect(await due(store)).toEqual([1])
    await claim(store, [1])
    expect(await due(store)).toEqual([])
    await addThread(store, 'one')
    await add(store, 'one', 'status')
    expect(await due(store)).toEqual([2])
    expect(await due(store, after(15_000))).toEqual([1, 2])
  })

  it('tell where the thread of a due line stands', async () => {
    const store = await open()
    await addThread(store, 'one')
    await add(store, 'one', 'reply')
    await add(store, 'two', 'status')
    const lines = await store.read((ctx) => dueLines(ctx, { now: start, after: 0, limit: 9 }))
    expect(lines).toMatchObject([{ thread: { channel: 'C1', ts: '1.2' } }, { thread: null }])
  })

  it('do not double a status line that is not sent yet', async () => {
    const store = await open()
    await add(store, 'one', 'status')
    await add(store, 'one', 'status')
    await add(store, 'two', 'status')
    expect(await store.read((ctx) => linesOfStream(ctx, 'one'))).toMatchObject([{ version: 2 }])
    await send(store, 1)
    await add(store, 'one', 'status')
    expect(await store.read((ctx) => linesOfStream(ctx, 'one'))).toMatchObject([
      { id: 1, state: 'sent' },
      { id: 3, state: 'waiting', version: 1 },
    ])
  })

  it('keep a status line due that became newer while it was being sent', async () => {
    const store = await open()
    await add(store, 'one', 'status')
    const [line] = await claim(store, [1])
    await add(store, 'one', 'status')
    expect(await store.write((ctx) => markSent(ctx, line!, { ref: 'r', now: start }))).toBe(true)
    expect(await due(store)).toEqual([1])
    await send(store, 1)
    expect(await due(store, after(90_000))).toEqual([])
  })

  it('call a line uncertain when whoever was sending it is gone', async () => {
    const store = await open()
    await add(store, 'one', 'direct')
    const [first] = await claim(store, [1])
    expect(first).toMatchObject({ uncertain: false, attempt: 1, fence: 1 })
    expect(await store.write((ctx) => extendLineLease(ctx, first!, after(20_000)))).toBe(true)
    expect(await claim(store, [1], after(15_000))).toEqual([])
    const [second] = await claim(store, [1], after(20_000))
    expect(second).toMatchObject({ uncertain: true, attempt: 2, fence: 2 })
    expect(await store.write((ctx) => extendLineLease(ctx, first!, after(60_000)))).toBe(false)
    expect(await store.write((ctx) => markSent(ctx, first!, { ref: 'r', now: start }))).toBe(false)
    expect(await store.write((ctx) => markDead(ctx, first!, 'x'))).toBe(false)
    expect(await store.write((ctx) => markSent(ctx, second!, { ref: 'r2', now: start }))).toBe(true)
    expect(await store.read((ctx) => linesOfStream(ctx, 'one'))).toMatchObject([
      { state: 'sent', ref: 'r2', uncertain: false },
    ])
  })

  it('give a line back for later, and count deliveries that threw in a row', async () => {
    const store = await open()
    await add(store, 'one', 'direct')
    const later = async (threw: boolean, now: Date): Promise<void> => {
      const [line] = await claim(store, [1], now)
      await store.write((ctx) => markLater(ctx, line!, { until: after(9), uncertain: true, threw }))
    }
    await later(true, start)
    expect(await due(store, after(8))).toEqual([])
    await later(true, after(9))
    expect(await store.read((ctx) => linesOfStream(ctx, 'one'))).toMatchObject([
      { failures: 2, uncertain: true },
    ])
    await later(false, after(9))
    expect(await store.read((ctx) => linesOfStream(ctx, 'one'))).toMatchObject([{ failures: 0, attempt: 3 }])
  })

  it('go on after a dead line, and end only the waiting replies of a stream without a root', async () => {
    const store = await open()
    await add(store, 'one', 'direct')
    await add(store, 'one', 'reply')
    await add(store, 'one', 'direct')
    await add(store, 'two', 'reply')
    const [line] = await claim(store, [1])
    expect(await store.write((ctx) => markDead(ctx, line!, 'is_archived'))).toBe(true)
    expect(await store.write((ctx) => markRepliesDead(ctx, 'one', 'no_thread'))).toBe(1)
    expect(await due(store)).toEqual([3, 4])
  })

  it('free the lines of a process that is gone, which are uncertain then', async () => {
    const store = await open()
    await add(store, 'one', 'direct')
    await add(store, 'two', 'direct')
    const [line] = await claim(store, [1])
    await store.write((ctx) => releaseAllLines(ctx, after(1)))
    expect(await claim(store, [1, 2], after(1))).toHaveLength(2)
    expect(await store.read((ctx) => linesOfStream(ctx, 'one'))).toMatchObject([{ uncertain: true }])
    expect(await store.read((ctx) => linesOfStream(ctx, 'two'))).toMatchObject([{ uncertain: false }])
    expect(await store.write((ctx) => markDead(ctx, line!, 'x'))).toBe(false)
  })

  it('tell how much is waiting, since when and what was given up, and forget what was sent long ago', async () => {
    const store = await open()
    for (const stream of ['one', 'two', 'three']) await add(store, stream, 'direct')
    await send(store, 1)
    const [line] = await claim(store, [2])
    await store.write((ctx) => markDead(ctx, line!, 'x'))
    expect(await store.read(outboxBacklog)).toEqual({ unsent: 1, oldestAt: start, dead: 1 })
    await store.write((ctx) => deleteLinesSentBefore(ctx, start))
    expect(await store.read((ctx) => linesOfStream(ctx, 'one'))).toHaveLength(1)
    await store.write((ctx) => deleteLinesSentBefore(ctx, after(1)))
    expect(await store.read((ctx) => linesOfStream(ctx, 'one'))).toHaveLength(0)
    expect(await store.read(outboxBacklog)).toEqual({ unsent: 1, oldestAt: start, dead: 1 })
  })
})

describeOnBothEngines('Queries on threads', (open) => {
  it('keep the first place and learn its link later', async () => {
    const store = await open()
    await addThread(store, 'one')
    await store.write((ctx) =>
      insertThread(ctx, { stream: 'one', channel: 'C2', ts: '9', permalink: null, createdAt: start }),
    )
    expect(await store.read((ctx) => findThread(ctx, 'one'))).toMatchObject({ channel: 'C1', ts: '1.2' })
    expect(await store.read((ctx) => permalinkOf(ctx, 'one'))).toBeUndefined()
    await store.write((ctx) => setPermalink(ctx, 'one', 'https://x'))
    expect(await store.read((ctx) => permalinkOf(ctx, 'one'))).toBe('https://x')
    expect(await store.read((ctx) => findThread(ctx, 'two'))).toBeUndefined()
  })
})

describeOnBothEngines('Queries on pauses', (open) => {
  it('pause a key until the latest time asked for, and forget it afterwards', async () => {
    const store = await open()
    await store.write((ctx) => pause(ctx, 'k', after(10)))
    await store.write((ctx) => pause(ctx, 'k', after(5)))
    await store.write((ctx) => pause(ctx, 'l', after(3)))
    expect(await store.read((ctx) => activePauses(ctx, after(4)))).toEqual(new Map([['k', after(10)]]))
    expect(await store.read((ctx) => activePauses(ctx, after(10)))).toEqual(new Map())
    expect(await store.read((ctx) => pausedUntil(ctx, 'l'))).toEqual(after(3))
    expect(await store.read((ctx) => pausedUntil(ctx, 'm'))).toBeUndefined()
    await store.write((ctx) => deletePausesBefore(ctx, after(10)))
    const rows = await store.read((ctx) => ctx.q.select().from(ctx.t.pauses))
    expect(rows.map((row) => row.key)).toEqual(['k'])
  })

  it('give the one place of an interval to one of twenty who ask at the same time', async () => {
    const store = await open()
    const ask = (now: Date) =>
      Promise.all(
        Array.from({ length: 20 }, () =>
          store.write((ctx) => takeSlot(ctx, 'k', now, 1_000), { isolation: 'read committed' }),
        ),
      )
    expect((await ask(start)).filter(Boolean)).toHaveLength(1)
    expect((await ask(after(999))).filter(Boolean)).toHaveLength(0)
    expect((await ask(after(1_000))).filter(Boolean)).toHaveLength(1)
  })
})
