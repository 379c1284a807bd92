import type { z } from 'zod'
import type { WriteContext } from '#db/store.ts'

/**
 * How one run of a job ended. `retry` costs an attempt and comes back after a backoff; `snooze` costs none, and forgives
 * those before it when it says that a part of the work is done for good.
 * `settle` is executed in the same transaction that changes the job, and only while this run still holds the lease.
 */
export type JobResult = JobOutcome & { readonly settle?: (ctx: WriteContext) => Promise<void> }

export type JobOutcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'retry'; readonly reason: string; readonly notBefore?: Date }
  | { readonly kind: 'snooze'; readonly until: Date; readonly partDone?: boolean }
  | { readonly kind: 'failed'; readonly reason: string }

/** What a run is handed. The signal aborts when the lease is lost or the process stops. */
export interface JobRun {
  readonly jobId: string
  /** 1 for the first attempt; a snooze does not raise it. */
  readonly attempt: number
  readonly signal: AbortSignal
}

/** One kind of durable background work. `run` may do network calls and may run twice for the same job. */
export interface JobKind<P = unknown> {
  readonly kind: string
  readonly payload: z.ZodType<P>
  readonly maxAttempts: number
  run(payload: P, run: JobRun): Promise<JobResult>
  /** Settles the business rows when the job is given up: attempts used up, or `failed` returned. */
  givenUp(ctx: WriteContext, payload: P, reason: string): Promise<void>
}
