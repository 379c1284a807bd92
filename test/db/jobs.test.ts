import { expect, it } from 'vitest'
import {
  claimJobs,
  deleteJobsFinishedBefore,
  extendLease,
  insertJobs,
  jobBacklog,
  type Lanes,
  releaseAllLeases,
  settleJob,
  unfinishedJobs,
} from '#db/queries/jobs.ts'
import { keepOnce, readKept } from '#db/queries/journal.ts'
import type { Store } from '#db/store.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const start = new Date('2026-03-02T12:00:00.000Z')
const after = (ms: number): Date => new Date(start.getTime() + ms)

const add = (store: Store, kind: string, options: { runAt?: Date; dedupeKey?: string } = {}) =>
  store.write((ctx) =>
    insertJobs(ctx, [{ kind, payload: { kind }, runAt: start, createdAt: start, ...options }]),
  )

const claim = (store: Store, now: Date, limit = 10, kinds = ['a', 'b']) =>
  store.write((ctx) => claimJobs(ctx, { now, leaseUntil: new Date(now.getTime() + 15_000), limit, kinds }), {
    isolation: 'read committed',
  })

describeOnBothEngines('Queries on jobs', (open, databases) => {
  it('claim what is due, the oldest first, and raise fence and attempt', async () => {
    const store = await open()
    await add(store, 'b', { runAt: after(-1_000) })
    await add(store, 'a', { runAt: after(-2_000) })
    await add(store, 'a', { runAt: after(1) })
    const [first] = await claim(store, start, 1)
    expect(first).toMatchObject({
      id: 2,
      kind: 'a',
      payload: { kind: 'a' },
      attempt: 1,
      fence: 1,
      state: 'executing',
    })
    expect(await claim(store, start)).toMatchObject([{ id: 1 }])
    expect(await claim(store, start)).toEqual([])
    expect(await claim(store, after(1))).toMatchObject([{ id: 3 }])
  })

  it('leave jobs of kinds that this replica does not know', async () => {
    const store = await open()
    await add(store, 'of_a_newer_release')
    expect(await claim(store, start)).toEqual([])
  })

  it('claim from all lanes, from one, or from those that belong to nobody named', async () => {
    const store = await open()
    for (const lane of ['slow', 'removed', undefined])
      await store.write((ctx) =>
        insertJobs(ctx, [{ kind: 'a', payload: {}, runAt: start, createdAt: start, lane }]),
      )
    const lanesOf = async (lanes: Lanes, limit = 10) => {
      const wanted = { now: start, leaseUntil: start, limit, kinds: ['a'], lanes }
      const rows = await store.write((ctx) => claimJobs(ctx, wanted), { isolation: 'read committed' })
      return rows.map((row) => row.lane)
    }
    expect(await lanesOf({ only: 'fast' })).toEqual([])
    expect(await lanesOf({ only: 'slow' })).toEqual(['slow'])
    expect(await lanesOf({ allBut: ['slow'] })).toEqual(['removed', ''])
    expect(await lanesOf({ allBut: [] })).toEqual(['slow', 'removed', ''])
    expect(await lanesOf('all')).toEqual(['slow', 'removed', ''])
  })

  it('claim a job again when its lease ran out, and never while it holds', async () => {
    const store = await open()
    await add(store, 'a')
    const [first] = await claim(store, start)
    expect(await claim(store, after(14_999))).toEqual([])
    expect(await store.write((ctx) => extendLease(ctx, first!, after(20_000)))).toBe(true)
    expect(await claim(store, after(19_999))).toEqual([])
    expect(await claim(store, after(20_000))).toMatchObject([{ id: 1, attempt: 2, fence: 2 }])
    expect(await store.write((ctx) => extendLease(ctx, first!, after(90_000)))).toBe(false)
  })

  it('settle nothing under an old fence', async () => {
    const store = await open()
    await add(store, 'a')
    const [first] = await claim(store, start)
    const [second] = await claim(store, after(15_000))
    const done = { state: 'completed', reason: null, at: after(16_000) } as const
    expect(await store.write((ctx) => settleJob(ctx, first!, done))).toBe(false)
    expect(await store.read((ctx) => unfinishedJobs(ctx, 'a'))).toHaveLength(1)
    expect(await store.write((ctx) => settleJob(ctx, second!, done))).toBe(true)
    expect(await store.write((ctx) => settleJob(ctx, second!, done))).toBe(false)
    expect(await store.read((ctx) => unfinishedJobs(ctx, 'a'))).toEqual([])
  })

  it('give an attempt back, count it or forgive all, as told', async () => {
    const store = await open()
    await add(store, 'a')
    const [first] = await claim(store, start)
    const back = { state: 'available', reason: 'later', runAt: after(5), attempt: 'given_back' } as const
    await store.write((ctx) => settleJob(ctx, first!, back))
    const [second] = await claim(store, after(5))
    expect(second).toMatchObject({ attempt: 1, fence: 2, lastReason: 'later' })
    await store.write((ctx) => settleJob(ctx, second!, { ...back, attempt: 'counted' }))
    const [third] = await claim(store, after(5))
    expect(third).toMatchObject({ attempt: 2 })
    await store.write((ctx) => settleJob(ctx, third!, { ...back, attempt: 'forgiven' }))
    expect(await claim(store, after(5))).toMatchObject([{ attempt: 1 }])
  })

  it('make a job with a key once while it is unfinished, and again afterwards', async () => {
    const store = await open()
    expect(await add(store, 'a', { dedupeKey: 'k' })).toBe(1)
    expect(await add(store, 'a', { dedupeKey: 'k' })).toBe(0)
    const [job] = await claim(store, start)
    expect(await add(store, 'a', { dedupeKey: 'k' })).toBe(0)
    await store.write((ctx) => settleJob(ctx, job!, { state: 'failed', reason: 'x', at: start }))
    expect(await add(store, 'a', { dedupeKey: 'k' })).toBe(1)
  })

  it('free all leases at once', async () => {
    const store = await open()
    await add(store, 'a')
    await claim(store, start)
    await store.write((ctx) => releaseAllLeases(ctx, after(1)))
    expect(await claim(store, after(1))).toMatchObject([{ id: 1, attempt: 2 }])
  })

  it('tell how much is waiting and since when, and forget what finished long ago', async () => {
    const store = await open()
    await add(store, 'a', { runAt: after(-3_000) })
    await add(store, 'b', { runAt: after(-5_000) })
    await add(store, 'b', { runAt: after(60_000) })
    expect(await store.read((ctx) => jobBacklog(ctx, start))).toEqual({
      unfinished: 3,
      oldestDueAt: after(-5_000),
    })
    for (const job of await claim(store, start))
      await store.write((ctx) => settleJob(ctx, job, { state: 'completed', reason: null, at: start }))
    expect(await store.read((ctx) => jobBacklog(ctx, start))).toEqual({ unfinished: 1, oldestDueAt: null })
    await store.write((ctx) => deleteJobsFinishedBefore(ctx, start))
    expect(await add(store, 'a')).toBe(1)
    await store.write((ctx) => deleteJobsFinishedBefore(ctx, after(1)))
    const ids = await store.read((ctx) => ctx.q.select({ id: ctx.t.jobs.id }).from(ctx.t.jobs))
    expect(ids.map((row) => row.id).toSorted((one, other) => one - other)).toEqual([3, 4])
  })

  it('give 600 jobs to 12 claimers on three replicas so that each job is had exactly once', async () => {
    const url = await databases.newUrl()
    const replicas = databases.dialect === 'postgres' ? 3 : 1
    const stores = await Promise.all(Array.from({ length: replicas }, () => databases.openUrl(url)))
    await stores[0]!.write(async (ctx) => {
      for (let n = 0; n < 600; n += 1)
        await insertJobs(ctx, [{ kind: 'a', payload: { n }, runAt: start, createdAt: start }])
    })
    const had: number[] = []
    const work = async (store: Store): Promise<void> => {
      for (;;) {
        const jobs = await claim(store, start, 3)
        if (jobs.length === 0) return
        for (const job of jobs) {
          const done = { state: 'completed', reason: null, at: start } as const
          const settled = await store.write((ctx) => settleJob(ctx, job, done))
          if (settled) had.push(job.id)
        }
      }
    }
    await Promise.all(Array.from({ length: 12 }, (_, i) => work(stores[i % replicas]!)))
    expect(had).toHaveLength(600)
    expect(new Set(had).size).toBe(600)
    expect(await stores[0]!.read((ctx) => jobBacklog(ctx, start))).toMatchObject({ unfinished: 0 })
  })
})

describeOnBothEngines('The journal', (open) => {
  it('keeps the first value under a name and gives that one to everybody', async () => {
    const store = await open()
    const keep = (value: unknown) => store.write((ctx) => keepOnce(ctx, 's', 'before', value, start))
    expect(await keep({ was: [1, 'ü'] })).toEqual({ was: [1, 'ü'] })
    expect(await keep({ was: 'other' })).toEqual({ was: [1, 'ü'] })
    expect(await store.read((ctx) => readKept(ctx, 's', 'before'))).toEqual({ value: { was: [1, 'ü'] } })
    expect(await store.read((ctx) => readKept(ctx, 's', 'after'))).toBeUndefined()
    expect(await store.read((ctx) => readKept(ctx, 'other', 'before'))).toBeUndefined()
  })

  it.each([[null], [undefined], [false], [0], ['']])('tells a kept %j from nothing', async (value) => {
    const store = await open()
    await store.write((ctx) => keepOnce(ctx, 's', 'n', value, start))
    expect(await store.read((ctx) => readKept(ctx, 's', 'n'))).toEqual({ value: value ?? null })
  })

  it('keeps one of two values that are kept at the same time', async () => {
    const store = await open()
    const both = await Promise.all(
      ['one', 'two'].map((value) => store.write((ctx) => keepOnce(ctx, 's', 'n', value, start))),
    )
    expect(both[0]).toBe(both[1])
  })
})
