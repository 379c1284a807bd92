import { expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { insertLine, type Lane, linesOfStream } from '#db/queries/outbox.ts'
import { findThread } from '#db/queries/threads.ts'
import { keepOnce } from '#db/queries/journal.ts'
import type { Store } from '#db/store.ts'
import { type Clock, systemClock } from '#src/clock.ts'
import { type ClaimedLine, createRelay, type Delivery, type RelayDeps } from '#src/outbox/relay.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { createMovedClock } from '#test/helpers/moved-clock.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const Message = z.object({ text: z.string() })
type Message = z.infer<typeof Message>
type Line = ClaimedLine<Message>
type Deps = RelayDeps<Message>

const add = (store: Store, clock: Clock, stream: string, lane: Lane, text: string) =>
  store.write(async (ctx) => {
    await insertLine(ctx, { stream, lane, message: { text }, now: clock.now() })
    ctx.touch('outbox')
  })

const lines = (store: Store, stream: string) => store.read((ctx) => linesOfStream(ctx, stream))

const given = async (store: Store): Promise<string[]> => {
  const rows = await store.read((ctx) => ctx.q.select().from(ctx.t.journal))
  return rows.map((row) => row.name).toSorted()
}

/** A place that takes messages: posts a root where there is none, and remembers what it was handed. */
function setUp(store: Store, more: Partial<Deps> = {}) {
  const clock = createMovedClock()
  const log = createKeptLog()
  const handed: Line[] = []
  const deliver = async (line: Line): Promise<Delivery> => {
    handed.push(line)
    if (line.lane !== 'status') return { kind: 'sent', ref: `ref ${line.id}` }
    return {
      kind: 'sent',
      ref: 'root',
      ...(line.thread === undefined && { thread: { channel: 'C1', ts: '1.0' } }),
    }
  }
  const deps: Deps = {
    store,
    clock,
    log,
    concurrency: 4,
    message: Message,
    deliver,
    limitsOf: () => ({ pauseKeys: [] }),
    onDead: async (ctx, line, reason) =>
      void (await keepOnce(ctx, 's', `${line.message.text}: ${reason}`, 1, clock.now())),
    ...more,
  }
  return {
    clock,
    log,
    handed,
    relay: createRelay(deps),
    deps,
    texts: () => handed.map((line) => line.message.text),
  }
}

describeOnBothEngines('The relay', (open, databases) => {
  it('posts the root first and then what was said, in that order, one after the other', async () => {
    const store = await open()
    const { clock, relay, handed, texts } = setUp(store)
    await add(store, clock, 'one', 'reply', 'first')
    await add(store, clock, 'one', 'reply', 'second')
    await add(store, clock, 'one', 'status', 'root')
    await add(store, clock, 'one', 'direct', 'third')
    expect(await relay.relayAllDue()).toBe(4)
    expect(texts()).toEqual(['root', 'first', 'second', 'third'])
    expect(handed[1]).toMatchObject({
      lane: 'reply',
      thread: { channel: 'C1', ts: '1.0' },
      attempt: 1,
      uncertain: false,
    })
    expect(await lines(store, 'one')).toMatchObject([
      { state: 'sent', ref: 'ref 1', sentAt: clock.now() },
      { state: 'sent' },
      { state: 'sent', ref: 'root' },
      { state: 'sent' },
    ])
    expect(await relay.relayOnce()).toBe(false)
  })

  it('never has two lines of one conversation on their way at the same time', async () => {
    const store = await open()
    const onTheirWay = new Map<string, number>()
    let most = 0
    const { clock, relay } = setUp(store, {
      concurrency: 8,
      deliver: async ({ stream }) => {
        onTheirWay.set(stream, (onTheirWay.get(stream) ?? 0) + 1)
        most = Math.max(most, ...onTheirWay.values())
        await new Promise(setImmediate)
        onTheirWay.set(stream, (onTheirWay.get(stream) ?? 0) - 1)
        return { kind: 'sent' }
      },
    })
    for (let n = 0; n < 30; n += 1) await add(store, clock, `s${n % 3}`, 'direct', `${n}`)
    expect(await relay.relayAllDue()).toBe(30)
    expect(most).toBe(1)
  })

  it('lets a line that has to wait hold up its own conversation and no other', async () => {
    const store = await open()
    let away = true
    const sent: string[] = []
    const { clock, relay } = setUp(store, {
      deliver: async ({ message }) => {
        if (away && message.text === 'a1') return { kind: 'later' }
        sent.push(message.text)
        return { kind: 'sent' }
      },
    })
    for (const [stream, text] of [
      ['a', 'a1'],
      ['a', 'a2'],
      ['b', 'b1'],
    ] as const)
      await add(store, clock, stream, 'direct', text)
    await relay.relayAllDue()
    expect(sent).toEqual(['b1'])
    away = false
    clock.move(500)
    await relay.relayAllDue()
    expect(sent).toEqual(['b1', 'a1', 'a2'])
  })

  it('waits longer after each try that has to wait, or until the time it was told', async () => {
    const store = await open()
    const answers: Delivery[] = [
      { kind: 'later' },
      { kind: 'later' },
      { kind: 'later', until: new Date('2026-03-02T13:00:00Z') },
    ]
    const { clock, relay } = setUp(store, { deliver: async () => answers.shift() ?? { kind: 'sent' } })
    await add(store, clock, 'one', 'direct', 'x')
    const waits: number[] = []
    for (let n = 0; n < 3; n += 1) {
      await relay.relayAllDue()
      const [line] = await lines(store, 'one')
      waits.push(line!.notBefore.getTime() - clock.now().getTime())
      if (n < 2) clock.move(waits[n]!)
    }
    expect(waits[0]).toBeGreaterThanOrEqual(250)
    expect(waits[1]).toBeGreaterThanOrEqual(500)
    expect(await lines(store, 'one')).toMatchObject([
      { state: 'waiting', notBefore: new Date('2026-03-02T13:00:00Z') },
    ])
  })

  it('edits once for many changes, and once more for a change that came while it was editing', async () => {
    const store = await open()
    let edits = 0
    const { clock, relay } = setUp(store, {
      deliver: async () => {
        edits += 1
        if (edits === 2) await add(store, clock, 'one', 'status', 'newer')
        return { kind: 'sent', ref: 'root', ...(edits === 1 && { thread: { channel: 'C1', ts: '1.0' } }) }
      },
    })
    await add(store, clock, 'one', 'status', 'root')
    await relay.relayAllDue()
    for (let n = 0; n < 5; n += 1) await add(store, clock, 'one', 'status', 'changed')
    await relay.relayAllDue()
    expect(edits).toBe(3)
    expect(await lines(store, 'one')).toMatchObject([{ state: 'sent' }, { state: 'sent', version: 6 }])
  })

  it('says that a line is uncertain after an answer that was lost, until it was sent', async () => {
    const store = await open()
    const seen: boolean[] = []
    const answers: Delivery[] = [{ kind: 'later', uncertain: true }, { kind: 'later' }]
    const { clock, relay } = setUp(store, {
      deliver: async ({ uncertain }) => {
        seen.push(uncertain)
        return answers.shift() ?? { kind: 'sent' }
      },
    })
    await add(store, clock, 'one', 'direct', 'x')
    for (let n = 0; n < 3; n += 1) {
      await relay.relayAllDue()
      clock.move(60_000)
    }
    expect(seen).toEqual([false, true, true])
  })

  it('says that a line is uncertain when another relay died with it, and changes nothing for that one', async () => {
    const store = await open()
    const seen: unknown[] = []
    const { clock, relay } = setUp(store, {
      deliver: async ({ uncertain, attempt }) => {
        seen.push([uncertain, attempt])
        if (attempt > 1) return { kind: 'sent', ref: 'second' }
        // As if this one stood still for longer than its lease.
        clock.move(15_000)
        await relay.relayOnce()
        return { kind: 'sent', ref: 'first', thread: { channel: 'C1', ts: '1.0' } }
      },
    })
    await add(store, clock, 'one', 'status', 'x')
    await relay.relayOnce()
    expect(seen).toEqual([
      [false, 1],
      [true, 2],
    ])
    expect(await lines(store, 'one')).toMatchObject([{ state: 'sent', ref: 'second' }])
    expect(await store.read((ctx) => findThread(ctx, 'one'))).toMatchObject({ ts: '1.0' })
  })

  it('lets no replica call what one of them was told to leave alone for a while', async () => {
    const url = await databases.newUrl()
    const [here, there] = [await databases.openUrl(url), await databases.openUrl(url)]
    const clock = createMovedClock()
    const limitsOf = ({ message }: Line) => ({ pauseKeys: ['all', message.text] })
    const until = new Date(clock.now().getTime() + 30_000)
    const limited = setUp(here, {
      clock,
      limitsOf,
      deliver: async () => ({ kind: 'later', until, pauseKeys: ['C1'] }),
    })
    const other = setUp(there, { clock, limitsOf })
    await add(here, clock, 'one', 'direct', 'C1')
    await limited.relay.relayOnce()
    await add(here, clock, 'two', 'direct', 'C1')
    await add(here, clock, 'three', 'direct', 'C2')
    await other.relay.relayAllDue()
    expect(other.texts()).toEqual(['C2'])
    clock.move(30_000)
    await other.relay.relayAllDue()
    expect(other.texts()).toEqual(['C2', 'C1'])
    clock.move(1_100)
    await other.relay.relayAllDue()
    expect(other.texts()).toEqual(['C2', 'C1', 'C1'])
  })

  it('calls where it was told to wait one by one afterwards, and for a minute only', async () => {
    const store = await open()
    const answers: Delivery[] = [
      { kind: 'later', pauseKeys: ['C1'], until: new Date('2026-03-02T12:00:10Z') },
    ]
    const sent: string[] = []
    const { clock, relay } = setUp(store, {
      limitsOf: ({ message }) => ({ pauseKeys: [message.text] }),
      deliver: async ({ message }) => {
        const answer = answers.shift()
        if (answer === undefined) sent.push(message.text)
        return answer ?? { kind: 'sent' }
      },
    })
    const addMany = async (text: string, streams: string) => {
      for (let n = 0; n < 8; n += 1) await add(store, clock, `${streams}${n}`, 'direct', text)
    }
    await add(store, clock, 'first', 'direct', 'C1')
    await relay.relayAllDue()
    await addMany('C1', 'a')
    await addMany('C2', 'b')
    await relay.relayAllDue()
    expect(sent).toEqual(Array.from({ length: 8 }, () => 'C2'))
    sent.length = 0
    clock.move(10_000)
    for (let turn = 1; turn <= 9; turn += 1) {
      await relay.relayAllDue()
      expect(sent).toHaveLength(turn)
      clock.move(1_100)
    }
    clock.move(60_000)
    await addMany('C1', 'c')
    await relay.relayAllDue()
    expect(sent).toHaveLength(17)
  })

  it('finds what may go behind many lines that may not', async () => {
    const store = await open()
    const clock = createMovedClock()
    const { relay, texts } = setUp(store, {
      clock,
      limitsOf: ({ message }) => ({ pauseKeys: [message.text] }),
    })
    await store.write(async (ctx) => {
      await ctx.q
        .insert(ctx.t.pauses)
        .values({ key: 'paused', until: new Date(clock.now().getTime() + 1_000) })
      for (let n = 0; n < 250; n += 1)
        await insertLine(ctx, {
          stream: `s${n}`,
          lane: 'direct',
          message: { text: 'paused' },
          now: clock.now(),
        })
      await insertLine(ctx, { stream: 'last', lane: 'direct', message: { text: 'free' }, now: clock.now() })
    })
    expect(await relay.relayAllDue()).toBe(1)
    expect(texts()).toEqual(['free'])
  })

  it('keeps a pace with all replicas together', async () => {
    const url = await databases.newUrl()
    const [here, there] = [await databases.openUrl(url), await databases.openUrl(url)]
    const clock = createMovedClock()
    const limitsOf = () => ({ pauseKeys: [], pace: { key: 'edit', intervalMs: 1_000 } })
    const one = setUp(here, { clock, limitsOf })
    const other = setUp(there, { clock, limitsOf })
    for (let n = 0; n < 4; n += 1) await add(here, clock, `s${n}`, 'direct', `${n}`)
    const sent: number[] = []
    for (let n = 0; n < 4; n += 1) {
      await Promise.all([one.relay.relayAllDue(), other.relay.relayAllDue()])
      sent.push(one.handed.length + other.handed.length)
      clock.move(1_000)
    }
    expect(sent).toEqual([1, 2, 3, 4])
  })

  it('gives up what cannot be sent, tells whoever asked, and goes on with the next line', async () => {
    const store = await open()
    const { clock, relay, log } = setUp(store, {
      deliver: async ({ message }) =>
        message.text === 'bad' ? { kind: 'dead', reason: 'gone' } : { kind: 'sent' },
    })
    await add(store, clock, 'one', 'direct', 'bad')
    await add(store, clock, 'one', 'direct', 'good')
    await relay.relayAllDue()
    expect(await lines(store, 'one')).toMatchObject([
      { state: 'dead', deadReason: 'gone' },
      { state: 'sent' },
    ])
    expect(await given(store)).toEqual(['bad: gone'])
    expect(log.lines).toMatchObject([{ level: 'error', facts: { reason: 'gone' } }])
  })

  it('gives up the replies of a root that cannot be posted, and posts a later root all the same', async () => {
    const store = await open()
    let archived = true
    const sent: string[] = []
    const { clock, relay } = setUp(store, {
      deliver: async ({ lane, message }) => {
        if (lane === 'status' && archived) return { kind: 'dead', reason: 'is_archived' }
        sent.push(message.text)
        return { kind: 'sent', ...(lane === 'status' && { thread: { channel: 'C1', ts: '1.0' } }) }
      },
    })
    await add(store, clock, 'one', 'status', 'root')
    await add(store, clock, 'one', 'reply', 'first')
    await add(store, clock, 'one', 'direct', 'to you')
    await relay.relayAllDue()
    expect(sent).toEqual(['to you'])
    expect(await given(store)).toEqual(['root: is_archived'])
    await add(store, clock, 'one', 'reply', 'second')
    await relay.relayAllDue()
    expect(await given(store)).toEqual(['root: is_archived', 'second: no_thread'])
    archived = false
    await add(store, clock, 'one', 'status', 'root')
    await add(store, clock, 'one', 'reply', 'third')
    await relay.relayAllDue()
    expect(sent).toEqual(['to you', 'root', 'third'])
  })

  it('keeps the replies when only an edit of the root is refused', async () => {
    const store = await open()
    const { clock, relay } = setUp(store, {
      deliver: async ({ lane, thread }) => {
        if (lane === 'reply') return { kind: 'later', until: new Date('2027-01-01') }
        if (thread !== undefined) return { kind: 'dead', reason: 'message_not_found' }
        return { kind: 'sent', thread: { channel: 'C1', ts: '1.0' } }
      },
    })
    await add(store, clock, 'one', 'status', 'root')
    await relay.relayAllDue()
    await add(store, clock, 'one', 'reply', 'first')
    await add(store, clock, 'one', 'status', 'root')
    await relay.relayAllDue()
    expect(await lines(store, 'one')).toMatchObject([
      { state: 'sent' },
      { state: 'waiting' },
      { state: 'dead' },
    ])
  })

  it('tries again what throws, as uncertain, and gives it up when it throws ten times in a row', async () => {
    const store = await open()
    const seen: boolean[] = []
    const { clock, relay } = setUp(store, {
      deliver: async ({ uncertain }) => {
        seen.push(uncertain)
        throw new TypeError('bug')
      },
    })
    await add(store, clock, 'one', 'direct', 'x')
    for (let n = 0; n < 12; n += 1) {
      await relay.relayAllDue()
      clock.move(60_000)
    }
    expect(seen).toEqual([false, ...Array.from({ length: 9 }, () => true)])
    expect(await given(store)).toEqual(['x: failed'])
  })

  it('gives up a line that it cannot read, and goes on', async () => {
    const store = await open()
    const { clock, relay, texts, log } = setUp(store)
    await store.write((ctx) =>
      insertLine(ctx, { stream: 'one', lane: 'direct', message: { v: 9 }, now: clock.now() }),
    )
    await add(store, clock, 'one', 'direct', 'next')
    await relay.relayAllDue()
    expect(texts()).toEqual(['next'])
    expect(await lines(store, 'one')).toMatchObject([
      { state: 'dead', deadReason: 'unreadable' },
      { state: 'sent' },
    ])
    expect(log.lines).toMatchObject([{ level: 'error' }])
  })

  it('sends at once what a commit adds while it runs, without waiting for a tick', async () => {
    // Nobody moves this timer, so no tick comes.
    vi.useFakeTimers({ toFake: ['setInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const store = await open()
    const sent: string[] = []
    const all = Promise.withResolvers<void>()
    const { relay } = setUp(store, {
      clock: systemClock,
      deliver: async ({ message }) => {
        sent.push(message.text)
        if (message.text === 'c') all.resolve()
        return { kind: 'sent' }
      },
    })
    await relay.start()
    onTestFinished(() => relay.stop(0))
    for (const text of ['a', 'b', 'c']) await add(store, systemClock, 'one', 'direct', text)
    await all.promise
    await relay.stop(10_000)
    expect(sent).toEqual(['a', 'b', 'c'])
  })

  it('gives a line back as uncertain when it does not end in time while it stops', async () => {
    const store = await open()
    const began = Promise.withResolvers<void>()
    const { relay } = setUp(store, {
      clock: systemClock,
      deliver: (_line, signal) =>
        new Promise((_resolve, reject) => {
          began.resolve()
          signal.addEventListener('abort', () => reject(new Error('aborted')))
        }),
    })
    await add(store, systemClock, 'one', 'direct', 'x')
    await relay.start()
    await began.promise
    await relay.stop(0)
    expect(await lines(store, 'one')).toMatchObject([{ state: 'waiting', uncertain: true }])
  })
})
