import { insertJobs } from '#db/queries/jobs.ts'
import type { WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'

/** What somebody wants done. */
export interface WantedJob {
  readonly kind: string
  readonly payload: unknown
  readonly runAt?: Date
  readonly dedupeKey?: string
  /** Whose work it is: the id of an IAM system for work that waits for it. */
  readonly lane?: string
}

/**
 * Makes a job in the same transaction as what causes it, due now unless told otherwise. With a `dedupeKey` that an
 * unfinished job has, nothing is made.
 */
export async function enqueue(ctx: WriteContext, clock: Clock, job: WantedJob): Promise<void> {
  await enqueueAll(ctx, clock, [job])
}

/** The same for several jobs, which become due in their order. */
export async function enqueueAll(ctx: WriteContext, clock: Clock, jobs: readonly WantedJob[]): Promise<void> {
  const now = clock.now()
  await insertJobs(
    ctx,
    jobs.map((job) => ({ ...job, runAt: job.runAt ?? now, createdAt: now })),
  )
  ctx.touch('jobs')
}
