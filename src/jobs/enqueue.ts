import { insertJob } from '#db/queries/jobs.ts'
import type { WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'

/**
 * Makes a job in the same transaction as what causes it, due now unless told otherwise. With a `dedupeKey` that an
 * unfinished job has, nothing is made.
 */
export async function enqueue(
  ctx: WriteContext,
  clock: Clock,
  job: {
    readonly kind: string
    readonly payload: unknown
    readonly runAt?: Date
    readonly dedupeKey?: string
    /** Whose work it is: the id of an IAM system for work that waits for it. */
    readonly lane?: string
  },
): Promise<void> {
  const now = clock.now()
  await insertJob(ctx, { ...job, runAt: job.runAt ?? now, createdAt: now })
  ctx.touch('jobs')
}
