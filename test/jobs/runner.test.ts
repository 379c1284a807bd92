import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { claimJobs, unfinishedJobs } from '#db/queries/jobs.ts'
import { keepOnce } from '#db/queries/journal.ts'
import type { Store, WriteContext } from '#db/store.ts'
import { type Clock, systemClock } from '#src/clock.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { JobKind, JobResult, JobRun } from '#src/jobs/job.ts'
import { createRunner, type Runner, type RunnerDeps } from '#src/jobs/runner.ts'
import { createKeptLog, type KeptLog } from '#test/helpers/kept-log.ts'
import { createMovedClock } from '#test/helpers/moved-clock.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const Payload = z.object({ n: z.number() })
type Payload = z.infer<typeof Payload>

type Run = (payload: Payload, run: JobRun) => Promise<JobResult>

function workKind(run: Run, more: Partial<JobKind<Payload>> = {}): JobKind<Payload> {
  return { kind: 'work', payload: Payload, maxAttempts: 3, run, givenUp: async () => {}, ...more }
}

const lane = (name: string, concurrency: number) => ({ name, concurrency })

const add = (
  store: Store,
  clock: Clock,
  payload: unknown = { n: 1 },
  more: { runAt?: Date; lane?: string } = {},
) => store.write((ctx) => enqueue(ctx, clock, { kind: 'work', payload, ...more }))

const jobs = (store: Store) => store.read((ctx) => ctx.q.select().from(ctx.t.jobs).orderBy(ctx.t.jobs.id))
const notes = async (store: Store): Promise<string[]> => {
  const rows = await store.read((ctx) => ctx.q.select().from(ctx.t.journal))
  return rows.map((row) => row.name).toSorted()
}
const note = async (ctx: WriteContext, name: string): Promise<void> =>
  void (await keepOnce(ctx, 's', name, 1, new Date(0)))

function setUp(store: Store, kind: JobKind<Payload>, more: Partial<RunnerDeps> = {}) {
  const clock = createMovedClock()
  const log: KeptLog = createKeptLog()
  const runner: Runner = createRunner({ store, clock, log, kinds: [kind], concurrency: 4, ...more })
  return { clock, log, runner }
}

/** A promise that is settled from outside. */
function latch<T = void>() {
  return Promise.withResolvers<T>()
}

describeOnBothEngines('The job runner', (open, databases) => {
  it('runs a due job with its payload and settles it together with what it did', async () => {
    const store = await open()
    const seen: unknown[] = []
    const { clock, runner } = setUp(
      store,
      workKind(async (payload, { attempt, jobId }) => {
        seen.push(payload, attempt, jobId)
        return { kind: 'completed', settle: (ctx) => note(ctx, 'done') }
      }),
    )
    await add(store, clock, { n: 7 })
    expect(await runner.runNext()).toBe(true)
    expect(await runner.runNext()).toBe(false)
    expect(seen).toEqual([{ n: 7 }, 1, '1'])
    expect(await jobs(store)).toMatchObject([{ state: 'completed', finishedAt: clock.now() }])
    expect(await notes(store)).toEqual(['done'])
  })

  it('gives each lane places of its own: however many hang in one, the others go on', async () => {
    const store = await open()
    const hanging = latch()
    const done: number[] = []
    let begun = 0
    const { clock, runner } = setUp(
      store,
      workKind(async ({ n }) => {
        if (n === 0) {
          begun += 1
          await hanging.promise
        } else done.push(n)
        return { kind: 'completed' }
      }),
      { lanes: [lane('slow', 2), lane('fast', 2)] },
    )
    for (let i = 0; i < 40; i += 1) await add(store, clock, { n: 0 }, { lane: 'slow' })
    await add(store, clock, { n: 1 }, { lane: 'fast' })
    await add(store, clock, { n: 2 })
    await add(store, clock, { n: 3 }, { lane: 'of_a_system_that_was_removed' })
    await runner.start()
    await expect.poll(() => new Set(done)).toEqual(new Set([1, 2, 3]))
    await add(store, clock, { n: 4 }, { lane: 'fast' })
    await expect.poll(() => done).toContain(4)
    expect(begun).toBe(2)
    hanging.resolve()
    await expect.poll(() => begun).toBe(40)
    await runner.stop(1_000)
  })

  it('lets a job make the next one with the same key while it settles', async () => {
    const store = await open()
    let left = 3
    const again = (ctx: WriteContext) =>
      enqueue(ctx, clock, { kind: 'work', payload: { n: 1 }, dedupeKey: 'watch' })
    const { clock, runner } = setUp(
      store,
      workKind(async () =>
        (left -= 1) === 0 ? { kind: 'completed' } : { kind: 'completed', settle: again },
      ),
    )
    await store.write(again)
    expect(await runner.runAllDue()).toBe(3)
  })

  it('waits longer before each attempt, gives up after the last one, and says so in the same write', async () => {
    const store = await open()
    const waits: number[] = []
    const { clock, runner } = setUp(
      store,
      workKind(
        async () => ({ kind: 'retry', reason: 'away', settle: (ctx) => note(ctx, `try ${waits.length}`) }),
        {
          givenUp: (ctx, payload, reason) => note(ctx, `given up ${payload.n} ${reason}`),
        },
      ),
    )
    await add(store, clock)
    for (;;) {
      await runner.runAllDue()
      const [job] = await jobs(store)
      if (job!.state !== 'available') break
      waits.push(job!.runAt.getTime() - clock.now().getTime())
      clock.move(waits.at(-1)!)
    }
    expect(waits).toHaveLength(2)
    expect(waits[0]).toBeGreaterThanOrEqual(250)
    expect(waits[1]).toBeGreaterThan(waits[0]! - 1)
    expect(await notes(store)).toEqual(['given up 1 away', 'try 0', 'try 1', 'try 2'])
    expect(await jobs(store)).toMatchObject([{ state: 'failed', lastReason: 'away', attempt: 3 }])
  })

  it('comes back no earlier than a job asks for', async () => {
    const store = await open()
    const { clock, runner } = setUp(
      store,
      workKind(async () => ({
        kind: 'retry',
        reason: 'r',
        notBefore: new Date(clock.now().getTime() + 90_000),
      })),
    )
    await add(store, clock)
    await runner.runNext()
    clock.move(89_999)
    expect(await runner.runNext()).toBe(false)
    clock.move(1)
    expect(await runner.runNext()).toBe(true)
  })

  it('counts no attempt for a snooze', async () => {
    const store = await open()
    const attempts: number[] = []
    const { clock, runner } = setUp(
      store,
      workKind(async (_, { attempt }) => {
        attempts.push(attempt)
        return { kind: 'snooze', until: new Date(clock.now().getTime() + 1_000) }
      }),
    )
    await add(store, clock)
    for (let n = 0; n < 5; n += 1) {
      await runner.runAllDue()
      clock.move(1_000)
    }
    expect(attempts).toEqual([1, 1, 1, 1, 1])
  })

  it('forgives what went wrong before once a run has done a part for good', async () => {
    const store = await open()
    const attempts: number[] = []
    const { clock, runner } = setUp(
      store,
      workKind(async (_, { attempt }) => {
        attempts.push(attempt)
        if (attempts.length === 6) return { kind: 'completed' }
        if (attempts.length % 3 === 0) return { kind: 'snooze', until: clock.now(), partDone: true }
        return { kind: 'retry', reason: 'away' }
      }),
    )
    await add(store, clock)
    for (let n = 0; n < 5; n += 1) {
      await runner.runAllDue()
      clock.move(60_000)
    }
    expect(attempts).toEqual([1, 2, 3, 1, 2, 3])
    expect(await jobs(store)).toMatchObject([{ state: 'completed' }])
  })

  it('gives a failed job up at once', async () => {
    const store = await open()
    const kind = workKind(async () => ({ kind: 'failed', reason: 'no' }), {
      givenUp: (ctx) => note(ctx, 'given up'),
    })
    const { clock, runner } = setUp(store, kind)
    await add(store, clock)
    expect(await runner.runAllDue()).toBe(1)
    expect(await jobs(store)).toMatchObject([{ state: 'failed', lastReason: 'no' }])
    expect(await notes(store)).toEqual(['given up'])
  })

  it('tries a job again that throws, or whose settling throws, and keeps nothing of the latter', async () => {
    const store = await open()
    const { clock, log, runner } = setUp(
      store,
      workKind(async (_, { attempt }) => {
        if (attempt === 1) throw new TypeError('bug')
        const settle = async (ctx: WriteContext): Promise<void> => {
          await note(ctx, `settled ${attempt}`)
          if (attempt === 2) throw new RangeError('bug')
        }
        return { kind: 'completed', settle }
      }),
    )
    await add(store, clock)
    for (let n = 0; n < 3; n += 1) {
      await runner.runAllDue()
      clock.move(60_000)
    }
    expect(await notes(store)).toEqual(['settled 3'])
    expect(await jobs(store)).toMatchObject([{ state: 'completed', attempt: 3 }])
    expect(log.lines.filter((line) => line.level === 'error')).toHaveLength(2)
  })

  it('gives a job up that killed its process at each attempt, without running it again', async () => {
    const store = await open()
    let ran = 0
    const kind = workKind(
      async () => {
        ran += 1
        return { kind: 'completed' }
      },
      { givenUp: (ctx, _, reason) => note(ctx, reason) },
    )
    const { clock, runner } = setUp(store, kind)
    await add(store, clock)
    for (let n = 0; n < 3; n += 1) {
      const now = clock.now()
      await store.write((ctx) =>
        claimJobs(ctx, { now, leaseUntil: new Date(now.getTime() + 1), limit: 1, kinds: ['work'] }),
      )
      clock.move(1)
    }
    await runner.runAllDue()
    expect(ran).toBe(0)
    expect(await notes(store)).toEqual(['its process ended during each attempt'])
  })

  it('gives a job up that it cannot read, says so to whoever asked, and goes on', async () => {
    const store = await open()
    const { clock, log, runner } = setUp(
      store,
      workKind(async () => ({ kind: 'completed' })),
      {
        onUnreadable: (ctx, job) => note(ctx, `unreadable ${job.id}`),
      },
    )
    await add(store, clock, { n: 'seven' })
    await add(store, clock)
    await runner.runAllDue()
    expect(await jobs(store)).toMatchObject([
      { state: 'failed', lastReason: 'unreadable' },
      { state: 'completed' },
    ])
    expect(await notes(store)).toEqual(['unreadable 1'])
    expect(log.lines).toMatchObject([{ level: 'error' }])
  })

  it('changes nothing when the lease was lost while it ran', async () => {
    const store = await open()
    const { clock, log, runner } = setUp(
      store,
      workKind(async (_, { attempt }) => {
        if (attempt === 1) {
          clock.move(15_000)
          await runner.runNext()
        }
        return { kind: 'completed', settle: (ctx) => note(ctx, `attempt ${attempt}`) }
      }),
    )
    await add(store, clock)
    await runner.runNext()
    expect(await notes(store)).toEqual(['attempt 2'])
    expect(log.lines).toMatchObject([{ level: 'warn' }])
  })

  it('keeps the lease of a job that runs long, and aborts it when the lease is lost nevertheless', async () => {
    const store = await open()
    const aborted = latch<unknown>()
    const kind = workKind(async (_, { signal }) => {
      signal.addEventListener('abort', () => aborted.resolve(signal.reason))
      await aborted.promise
      throw new Error('aborted')
    })
    const { log, runner } = setUp(store, kind, { clock: systemClock, leaseMs: 300 })
    await add(store, systemClock)
    const run = runner.runNext()
    const leaseEnd = async () => (await jobs(store))[0]!.runAt.getTime()
    await expect.poll(() => jobs(store)).toMatchObject([{ state: 'executing' }])
    const first = await leaseEnd()
    await expect.poll(leaseEnd).toBeGreaterThan(first + 300)
    expect(await jobs(store)).toMatchObject([{ attempt: 1, fence: 1 }])
    await store.write((ctx) => ctx.q.update(ctx.t.jobs).set({ fence: 9 }))
    expect(await aborted.promise).toMatchObject({ message: 'the lease was lost' })
    await run
    expect(await jobs(store)).toMatchObject([{ state: 'executing', fence: 9 }])
    expect(log.lines).toEqual([])
  })

  it('begins jobs at once when their commits are there, without waiting for a tick, and no more than it may', async () => {
    // Nobody moves this timer, so no tick comes.
    vi.useFakeTimers({ toFake: ['setInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const store = await open()
    const [both, going, all] = [latch(), latch(), latch()]
    let began = 0
    let ended = 0
    const kind = workKind(async () => {
      began += 1
      if (began === 2) both.resolve()
      await going.promise
      const settle = async (ctx: WriteContext): Promise<void> =>
        ctx.afterCommit(() => {
          ended += 1
          if (ended === 5) all.resolve()
        })
      return { kind: 'completed', settle }
    })
    const { runner } = setUp(store, kind, { clock: systemClock, concurrency: 2 })
    await runner.start()
    onTestFinished(() => runner.stop(0))
    for (let n = 0; n < 5; n += 1) await add(store, systemClock)
    await both.promise
    expect(began).toBe(2)
    going.resolve()
    await all.promise
    await runner.stop(10_000)
    expect(await store.read((ctx) => unfinishedJobs(ctx, 'work'))).toEqual([])
  })

  it('begins the next job at once when one ends, without waiting for a tick', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const store = await open()
    const second = latch()
    const ran: number[] = []
    const kind = workKind(async ({ n }) => {
      ran.push(n)
      if (ran.length === 2) second.resolve()
      return { kind: 'completed' }
    })
    const { runner } = setUp(store, kind, { clock: systemClock, concurrency: 1 })
    for (const n of [1, 2]) await add(store, systemClock, { n })
    await runner.start()
    onTestFinished(() => runner.stop(0))
    await second.promise
    await runner.stop(10_000)
    expect(ran).toEqual([1, 2])
  })

  it('lets running jobs end when it stops, and begins no other', async () => {
    const store = await open()
    const began = latch()
    const going = latch()
    const kind = workKind(async () => {
      began.resolve()
      await going.promise
      return { kind: 'completed' }
    })
    const { runner } = setUp(store, kind, { clock: systemClock, concurrency: 1 })
    await add(store, systemClock)
    await add(store, systemClock)
    await runner.start()
    await began.promise
    const stopped = runner.stop(10_000)
    going.resolve()
    await stopped
    expect(await jobs(store)).toMatchObject([{ state: 'completed' }, { state: 'available', attempt: 0 }])
  })

  it('gives a job back without counting an attempt when it does not end in time', async () => {
    const store = await open()
    const began = latch()
    const kind = workKind(async (_, { signal }) => {
      began.resolve()
      return await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')))
      })
    })
    const { runner } = setUp(store, kind, { clock: systemClock })
    await add(store, systemClock)
    await runner.start()
    await began.promise
    await runner.stop(0)
    expect(await jobs(store)).toMatchObject([{ state: 'available', attempt: 0 }])
  })

  it('takes over the job of a process that was killed', async () => {
    const url = await databases.newUrl()
    const store = await databases.openUrl(url)
    await add(store, systemClock)
    const worker = spawn(process.execPath, [new URL('./hanging-worker.ts', import.meta.url).pathname, url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void worker.kill('SIGKILL'))
    await once(worker.stdout, 'data')
    expect(await jobs(store)).toMatchObject([{ state: 'executing', attempt: 1 }])
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    const attempts: number[] = []
    const kind = workKind(async (_, { attempt }) => {
      attempts.push(attempt)
      return { kind: 'completed' }
    })
    // Stands still in the moment of the death, while the dead process's lease holds.
    const clock = createMovedClock(new Date().toISOString())
    const { runner } = setUp(store, kind, { clock })
    expect(await runner.runNext()).toBe(false)
    if (databases.dialect === 'postgres') clock.move(60_000)
    // On SQLite nobody else can be at work, so nobody waits for the lease to run out.
    await runner.start()
    onTestFinished(() => runner.stop(0))
    await expect.poll(() => jobs(store)).toMatchObject([{ state: 'completed' }])
    await runner.stop(10_000)
    expect(attempts).toEqual([2])
  })
})
