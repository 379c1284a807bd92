import { type JobChange, type JobRow, settleJob } from '#db/queries/jobs.ts'
import type { Store, WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import { backoffMs } from '#src/jobs/backoff.ts'
import type { JobKind, JobResult } from '#src/jobs/job.ts'
import { keepLease, type LeaseDeps } from '#src/jobs/lease.ts'
import type { Log } from '#src/log.ts'

/** One claimed job, and what its run works with. */
export interface JobWork {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly job: JobRow
  readonly kind: JobKind | undefined
  readonly lease: LeaseDeps
  readonly onUnreadable?: OnUnreadable | undefined
}

/** Called in the transaction in which a job is given up because nobody can read what it is about. */
export type OnUnreadable = (ctx: WriteContext, job: JobRow) => Promise<void>

/** Runs one claimed job and settles how it ended. Throws only when that could not be written; the job comes back then. */
export async function runJob(work: JobWork): Promise<void> {
  const { job, kind, log } = work
  const payload = kind?.payload.safeParse(job.payload)
  if (kind === undefined || payload?.success !== true) {
    log.error({ job: job.id, kind: job.kind, err: payload?.error }, 'a job that cannot be read was given up')
    await settle(work, { kind: 'failed', reason: 'unreadable' }, async (ctx) => work.onUnreadable?.(ctx, job))
    return
  }
  const giveUp = (reason: string) => (ctx: WriteContext) => kind.givenUp(ctx, payload.data, reason)
  const lastWord = job.attempt >= kind.maxAttempts
  if (job.attempt > kind.maxAttempts) {
    const reason = job.lastReason ?? 'its process ended during each attempt'
    await settle(work, { kind: 'failed', reason }, giveUp(reason))
    return
  }
  const lease = keepLease(work.lease)
  try {
    const run = { jobId: String(job.id), attempt: job.attempt, signal: lease.signal }
    const result = await kind.run(payload.data, run)
    await settleResult(work, result, lastWord, giveUp)
  } catch (error) {
    if (lease.isLost()) return
    // The process stops: another one goes on at once, and it counts as no attempt.
    if (work.lease.stopped.aborted) return await settle(work, { kind: 'snooze', until: work.clock.now() })
    log.error({ err: error, job: job.id, kind: job.kind, attempt: job.attempt }, 'a job failed unexpectedly')
    const reason = error instanceof Error ? error.name : 'thrown'
    await settleResult(work, { kind: 'retry', reason }, lastWord, giveUp)
  } finally {
    lease.end()
  }
}

type GiveUp = (reason: string) => (ctx: WriteContext) => Promise<void>

async function settleResult(
  work: JobWork,
  result: JobResult,
  lastWord: boolean,
  giveUp: GiveUp,
): Promise<void> {
  if (result.kind === 'failed') return await settle(work, result, giveUp(result.reason))
  if (result.kind === 'retry' && lastWord)
    return await settle(work, { ...result, kind: 'failed' }, giveUp(result.reason))
  await settle(work, result)
}

/** Writes the job's change and all that the run wants settled in one transaction, and only while the lease holds. */
async function settle(
  work: JobWork,
  result: JobResult,
  inSameWrite?: (ctx: WriteContext) => Promise<void>,
): Promise<void> {
  const { job, store, clock, log } = work
  const change = changeOf(result, job, clock.now())
  const held = await store.write(async (ctx) => {
    if (!(await settleJob(ctx, job, change))) return false
    await result.settle?.(ctx)
    await inSameWrite?.(ctx)
    // What a finished job leads to has woken the runner itself.
    if (change.state === 'available') ctx.touch('jobs')
    return true
  })
  if (!held) log.warn({ job: job.id, kind: job.kind }, 'a job was taken over; this run of it changed nothing')
}

function changeOf(result: JobResult, job: JobRow, now: Date): JobChange {
  if (result.kind === 'completed') return { state: 'completed', reason: null, at: now }
  if (result.kind === 'failed') return { state: 'failed', reason: result.reason, at: now }
  if (result.kind === 'snooze')
    return {
      ...{ state: 'available', reason: job.lastReason, runAt: result.until },
      attempt: result.partDone === true ? 'forgiven' : 'given_back',
    }
  const backoff = new Date(now.getTime() + backoffMs(job.attempt))
  const runAt = result.notBefore !== undefined && result.notBefore > backoff ? result.notBefore : backoff
  return { state: 'available', reason: result.reason, runAt, attempt: 'counted' }
}
