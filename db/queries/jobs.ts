import { and, asc, count, eq, inArray, lt, lte, min, notInArray, sql } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type JobRow = ReadContext['t']['jobs']['$inferSelect']

/** What a new job needs. */
export interface NewJob {
  readonly kind: string
  readonly payload: unknown
  readonly runAt: Date
  readonly createdAt: Date
  /** Whose work it is, where it must not hold up others' work. */
  readonly lane?: string | undefined
  /** While a job with this key is unfinished, another one with it is not made. */
  readonly dedupeKey?: string | undefined
}

/** Makes jobs, in their order, but none whose dedupe key an unfinished one has; answers how many were made. */
export async function insertJobs(ctx: WriteContext, jobs: readonly NewJob[]): Promise<number> {
  if (jobs.length === 0) return 0
  const rows = await ctx.q
    .insert(ctx.t.jobs)
    .values(
      jobs.map((job) => ({
        ...job,
        lane: job.lane ?? '',
        dedupeKey: job.dedupeKey ?? null,
        state: 'available',
      })),
    )
    .onConflictDoNothing()
    .returning({ id: ctx.t.jobs.id })
  return rows.length
}

/** Which lanes a claim looks into: all, one, or all but some, for work that belongs to nobody who is known. */
export type Lanes = 'all' | { readonly only: string } | { readonly allBut: readonly string[] }

/**
 * Takes up to `limit` due jobs of the kinds and lanes under a lease: available ones whose time has come, and those whose holder died. Each
 * claim raises fence and attempt. No job is taken by two claimers.
 */
export async function claimJobs(
  ctx: WriteContext,
  claim: {
    readonly now: Date
    readonly leaseUntil: Date
    readonly limit: number
    readonly kinds: readonly string[]
    readonly lanes?: Lanes | undefined
  },
): Promise<JobRow[]> {
  const { jobs } = ctx.t
  const due = ctx.q
    .select({ id: jobs.id })
    .from(jobs)
    .where(
      and(
        inArray(jobs.state, ['available', 'executing']),
        lte(jobs.runAt, claim.now),
        inArray(jobs.kind, [...claim.kinds]),
        inLanes(ctx, claim.lanes ?? 'all'),
      ),
    )
    .orderBy(asc(jobs.runAt), asc(jobs.id))
    .limit(claim.limit)
  // While a job runs, `run_at` is the end of its lease: one index finds what is due and what was left behind.
  const free = ctx.q.$with('free').as(ctx.skipLocked(due))
  const rows = await ctx.q
    .with(free)
    .update(jobs)
    .set({
      state: 'executing',
      runAt: claim.leaseUntil,
      fence: sql`${jobs.fence} + 1`,
      attempt: sql`${jobs.attempt} + 1`,
    })
    .where(inArray(jobs.id, ctx.q.select({ id: free.id }).from(free)))
    .returning()
  return rows.toSorted((one, other) => one.id - other.id)
}

function inLanes(ctx: ReadContext, lanes: Lanes) {
  const { jobs } = ctx.t
  if (lanes === 'all') return undefined
  return 'only' in lanes ? eq(jobs.lane, lanes.only) : notInArray(jobs.lane, [...lanes.allBut])
}

function held(ctx: ReadContext, job: { readonly id: number; readonly fence: number }) {
  const { jobs } = ctx.t
  return and(eq(jobs.id, job.id), eq(jobs.fence, job.fence), eq(jobs.state, 'executing'))
}

/** Prolongs the lease; false when it was lost. */
export async function extendLease(
  ctx: WriteContext,
  job: { readonly id: number; readonly fence: number },
  leaseUntil: Date,
): Promise<boolean> {
  const rows = await ctx.q
    .update(ctx.t.jobs)
    .set({ runAt: leaseUntil })
    .where(held(ctx, job))
    .returning({ id: ctx.t.jobs.id })
  return rows.length === 1
}

/** How a job goes on after a run. */
export type JobChange =
  | { readonly state: 'completed' | 'failed'; readonly reason: string | null; readonly at: Date }
  | {
      readonly state: 'available'
      readonly reason: string | null
      readonly runAt: Date
      /** What becomes of this attempt; `forgiven` are all that were made. */
      readonly attempt: 'counted' | 'given_back' | 'forgiven'
    }

/** Writes how a run ended; false, with nothing changed, when the lease was lost meanwhile. */
export async function settleJob(
  ctx: WriteContext,
  job: { readonly id: number; readonly fence: number },
  change: JobChange,
): Promise<boolean> {
  const { jobs } = ctx.t
  const fields =
    change.state === 'available'
      ? {
          state: change.state,
          lastReason: change.reason,
          runAt: change.runAt,
          attempt: { counted: jobs.attempt, given_back: sql`${jobs.attempt} - 1`, forgiven: 0 }[
            change.attempt
          ],
        }
      : { state: change.state, lastReason: change.reason, finishedAt: change.at, dedupeKey: null }
  const rows = await ctx.q.update(jobs).set(fields).where(held(ctx, job)).returning({ id: jobs.id })
  return rows.length === 1
}

/** Frees every lease at once: for an engine that only one process uses, when that process starts. */
export async function releaseAllLeases(ctx: WriteContext, now: Date): Promise<void> {
  const { jobs } = ctx.t
  await ctx.q.update(jobs).set({ runAt: now }).where(eq(jobs.state, 'executing'))
}

/** How many jobs wait or run, and since when the oldest due one waits. */
export async function jobBacklog(
  ctx: ReadContext,
  now: Date,
): Promise<{ unfinished: number; oldestDueAt: Date | null }> {
  const { jobs } = ctx.t
  const unfinished = await ctx.q
    .select({ n: count() })
    .from(jobs)
    .where(inArray(jobs.state, ['available', 'executing']))
  const due = await ctx.q
    .select({ at: min(jobs.runAt) })
    .from(jobs)
    .where(and(eq(jobs.state, 'available'), lte(jobs.runAt, now)))
  return { unfinished: unfinished[0]?.n ?? 0, oldestDueAt: due[0]?.at ?? null }
}

/** The unfinished jobs of a kind, by when they are due. */
export async function unfinishedJobs(ctx: ReadContext, kind: string): Promise<JobRow[]> {
  const { jobs } = ctx.t
  return await ctx.q
    .select()
    .from(jobs)
    .where(and(eq(jobs.kind, kind), inArray(jobs.state, ['available', 'executing'])))
    .orderBy(asc(jobs.runAt), asc(jobs.id))
}

/** Forgets finished jobs older than the time. */
export async function deleteJobsFinishedBefore(ctx: WriteContext, before: Date): Promise<void> {
  await ctx.q.delete(ctx.t.jobs).where(lt(ctx.t.jobs.finishedAt, before))
}
