import { claimJobs, extendLease, type JobRow, releaseAllLeases, settleJob } from '#db/queries/jobs.ts'
import type { Store } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import { backoffMs } from '#src/jobs/backoff.ts'
import type { JobKind, JobResult } from '#src/jobs/job.ts'
import { createLoop, type Loop } from '#src/jobs/loop.ts'
import type { Log } from '#src/log.ts'

/** How long a claim holds; a process that dies is noticed after this. */
export const leaseMs = 15_000
const heartbeatMs = 5_000

/** What the runner works with. */
export interface RunnerDeps {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly kinds: readonly JobKind<never>[]
  /** How many jobs run at the same time in this process. */
  readonly concurrency: number
}

export interface Runner {
  /** Claims and runs what is due until nothing is; for tests, which step by hand. Returns how many ran. */
  runAllDue(): Promise<number>
  /** Runs jobs as they become due, woken by commits of this process, else looking each second. */
  start(): Promise<void>
  /** Takes no more jobs, lets running ones end within the grace, then aborts them; their leases run out. */
  stop(graceMs: number): Promise<void>
}

/** Runs durable jobs under leases. A run that lost its lease changes nothing. */
export function createRunner(deps: RunnerDeps): Runner {
  const kinds = new Map(deps.kinds.map((kind) => [kind.kind, kind]))
  const claim = async (limit: number) => {
    const now = deps.clock.now()
    const leaseUntil = new Date(now.getTime() + leaseMs)
    return await deps.store.write((ctx) => claimJobs(ctx, { now, leaseUntil, limit }), {
      isolation: 'read committed',
    })
  }
  const loop: Loop = createLoop({
    log: deps.log,
    concurrency: deps.concurrency,
    claim,
    work: (job: JobRow, signal) => runJob(deps, kinds, job, signal),
  })
  let unsubscribe = () => {}
  return {
    runAllDue: () => loop.drain(),
    async start() {
      // Only one process uses a SQLite file: whoever held a lease on it is gone.
      if (deps.store.dialect === 'sqlite')
        await deps.store.write((ctx) => releaseAllLeases(ctx, deps.clock.now()))
      unsubscribe = deps.store.onCommit('jobs', loop.wake)
      loop.start()
    },
    async stop(graceMs) {
      unsubscribe()
      await loop.stop(graceMs)
    },
  }
}

async function runJob(
  deps: RunnerDeps,
  kinds: ReadonlyMap<string, JobKind<never>>,
  job: JobRow,
  stopped: AbortSignal,
): Promise<void> {
  const kind = kinds.get(job.kind)
  const payload = kind?.payload.safeParse(job.payload)
  if (kind === undefined || payload === undefined || !payload.success) {
    deps.log.error({ job: job.id, kind: job.kind }, 'a job of unknown kind or content was given up')
    await finish(deps, job, { kind: 'failed', reason: 'unreadable' })
    return
  }
  const lost = new AbortController()
  const signal = AbortSignal.any([stopped, lost.signal])
  const beat = setInterval(() => void heartbeat(deps, job, lost), heartbeatMs)
  try {
    const result =
      job.attempt > kind.maxAttempts
        ? ({ kind: 'failed', reason: job.lastReason ?? 'its process died too often' } as const)
        : await kind.run(payload.data, { jobId: String(job.id), attempt: job.attempt, signal })
    await finish(deps, job, result, kind, payload.data)
  } catch (error) {
    if (signal.aborted) return
    deps.log.error(
      { err: error, job: job.id, kind: job.kind, attempt: job.attempt },
      'a job failed unexpectedly',
    )
    const reason = error instanceof Error ? error.name : 'thrown'
    await finish(deps, job, { kind: 'retry', reason }, kind, payload.data)
  } finally {
    clearInterval(beat)
  }
}

async function heartbeat(deps: RunnerDeps, job: JobRow, lost: AbortController): Promise<void> {
  const until = new Date(deps.clock.now().getTime() + leaseMs)
  try {
    const held = await deps.store.write((ctx) => extendLease(ctx, job, until), {
      isolation: 'read committed',
    })
    if (!held) lost.abort(new Error('the lease of this job was lost'))
  } catch (error) {
    deps.log.warn({ err: error, job: job.id }, 'a lease could not be prolonged')
  }
}

/** Writes the job's change and whatever the run wants to settle, in one transaction and only under the lease. */
async function finish<P>(
  deps: RunnerDeps,
  job: JobRow,
  result: JobResult,
  kind?: JobKind<P>,
  payload?: P,
): Promise<void> {
  const now = deps.clock.now()
  const spent = result.kind === 'retry' && kind !== undefined && job.attempt >= kind.maxAttempts
  const givenUp = result.kind === 'failed' || spent
  const held = await deps.store.write(async (ctx) => {
    if (!(await settleJob(ctx, job, givenUp ? failedAt(result, now) : changeOf(result, job, now))))
      return false
    await result.settle?.(ctx)
    if (givenUp && kind !== undefined && payload !== undefined)
      await kind.givenUp(ctx, payload, reasonOf(result) ?? 'given up')
    ctx.touch('jobs')
    return true
  })
  if (!held)
    deps.log.warn(
      { job: job.id, kind: job.kind },
      'a job was taken over by another run; this one changed nothing',
    )
}

function reasonOf(result: JobResult): string | null {
  return result.kind === 'retry' || result.kind === 'failed' ? result.reason : null
}

function failedAt(result: JobResult, at: Date) {
  return { state: 'failed', reason: reasonOf(result), at } as const
}

function changeOf(result: JobResult, job: JobRow, now: Date) {
  switch (result.kind) {
    case 'completed':
      return { state: 'completed', reason: null, at: now } as const
    case 'failed':
      return failedAt(result, now)
    case 'snooze':
      return {
        state: 'available',
        reason: job.lastReason,
        runAt: result.until,
        giveAttemptBack: true,
      } as const
    case 'retry': {
      const later = new Date(now.getTime() + backoffMs(job.attempt))
      const runAt = result.notBefore !== undefined && result.notBefore > later ? result.notBefore : later
      return { state: 'available', reason: result.reason, runAt, giveAttemptBack: false } as const
    }
  }
}
