import { and, asc, count, eq, gt, inArray, lt, lte, min, ne, notInArray, or, sql } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type LineRow = ReadContext['t']['outbox']['$inferSelect']

/** `status` is the root message of a stream, posted once and then edited; the others are sent once each, in order. */
export type Lane = 'status' | 'reply' | 'direct'

const unsent = ['waiting', 'sending']

/** Adds a line at the end of its stream. A status line that is not sent yet is not doubled: it only counts as newer. */
export async function insertLine(
  ctx: WriteContext,
  line: {
    readonly stream: string
    readonly lane: Lane
    readonly message: unknown
    readonly now: Date
    readonly notBefore?: Date | undefined
  },
): Promise<void> {
  const { outbox } = ctx.t
  const { stream, lane, message, now } = line
  if (lane === 'status') {
    const bumped = await ctx.q
      .update(outbox)
      .set({ version: sql`${outbox.version} + 1` })
      .where(and(eq(outbox.stream, stream), eq(outbox.lane, 'status'), inArray(outbox.state, unsent)))
      .returning({ id: outbox.id })
    if (bumped.length > 0) return
  }
  await ctx.q
    .insert(outbox)
    .values({ stream, lane, message, state: 'waiting', notBefore: line.notBefore ?? now, createdAt: now })
}

/**
 * Adds a line to a stream in which only the newest counts: one that waits already says what this one says, and comes no
 * later than this one would.
 */
export async function replaceLine(
  ctx: WriteContext,
  line: {
    readonly stream: string
    readonly lane: Lane
    readonly message: unknown
    readonly now: Date
    readonly notBefore: Date
  },
): Promise<void> {
  const { outbox } = ctx.t
  const { stream, lane, message, now, notBefore } = line
  const waiting = await ctx.q
    .select({ id: outbox.id, notBefore: outbox.notBefore })
    .from(outbox)
    .where(and(eq(outbox.stream, stream), eq(outbox.state, 'waiting')))
  const [first] = waiting
  if (first === undefined)
    return void (await ctx.q
      .insert(outbox)
      .values({ stream, lane, message, state: 'waiting', notBefore, createdAt: now }))
  const sooner = first.notBefore < notBefore ? first.notBefore : notBefore
  await ctx.q.update(outbox).set({ message, notBefore: sooner }).where(eq(outbox.id, first.id))
}

/** A line that is due, and where its stream's thread stands. */
export interface DueLine {
  readonly line: LineRow
  readonly thread: ReadContext['t']['threads']['$inferSelect'] | null
}

/**
 * Due lines with an id above `after`, by id. Of a stream only the oldest unsent line that is no status line is due, and
 * not while the stream's root is to be posted first. A line whose lease ran out is due again.
 */
export async function dueLines(
  ctx: ReadContext,
  page: { readonly now: Date; readonly after: number; readonly limit: number },
): Promise<DueLine[]> {
  const { outbox, threads } = ctx.t
  const heads = ctx.q
    .select({ id: min(outbox.id) })
    .from(outbox)
    .where(and(inArray(outbox.state, unsent), ne(outbox.lane, 'status')))
    .groupBy(outbox.stream)
  const rootless = ctx.q
    .select({ stream: outbox.stream })
    .from(outbox)
    .where(
      and(
        eq(outbox.lane, 'status'),
        inArray(outbox.state, unsent),
        notInArray(outbox.stream, ctx.q.select({ stream: threads.stream }).from(threads)),
      ),
    )
  return await ctx.q
    .select({ line: outbox, thread: threads })
    .from(outbox)
    .leftJoin(threads, eq(threads.stream, outbox.stream))
    .where(
      and(
        inArray(outbox.state, unsent),
        lte(outbox.notBefore, page.now),
        gt(outbox.id, page.after),
        or(eq(outbox.lane, 'status'), and(inArray(outbox.id, heads), notInArray(outbox.stream, rootless))),
      ),
    )
    .orderBy(asc(outbox.id))
    .limit(page.limit)
}

/**
 * Takes those of the lines that nobody else took meanwhile under a lease; each claim raises fence and attempt. A line
 * whose holder died comes back as `uncertain`: it may have been sent.
 */
export async function claimLines(
  ctx: WriteContext,
  ids: readonly number[],
  claim: { readonly now: Date; readonly leaseUntil: Date },
): Promise<LineRow[]> {
  if (ids.length === 0) return []
  const { outbox } = ctx.t
  const due = ctx.q
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(inArray(outbox.id, [...ids]), inArray(outbox.state, unsent), lte(outbox.notBefore, claim.now)))
  const free = ctx.q.$with('free').as(ctx.skipLocked(due))
  return await ctx.q
    .with(free)
    .update(outbox)
    .set({
      uncertain: sql`(${outbox.uncertain} or ${outbox.state} = 'sending')`,
      state: 'sending',
      notBefore: claim.leaseUntil,
      fence: sql`${outbox.fence} + 1`,
      attempt: sql`${outbox.attempt} + 1`,
    })
    .where(inArray(outbox.id, ctx.q.select({ id: free.id }).from(free)))
    .returning()
}

/** A claimed line: whoever claimed it later holds a higher fence. */
export interface HeldLine {
  readonly id: number
  readonly fence: number
}

function held(ctx: ReadContext, line: HeldLine) {
  const { outbox } = ctx.t
  return and(eq(outbox.id, line.id), eq(outbox.fence, line.fence), eq(outbox.state, 'sending'))
}

/** Prolongs the lease; false when it was lost. */
export async function extendLineLease(ctx: WriteContext, line: HeldLine, leaseUntil: Date): Promise<boolean> {
  const { outbox } = ctx.t
  const rows = await ctx.q
    .update(outbox)
    .set({ notBefore: leaseUntil })
    .where(held(ctx, line))
    .returning({ id: outbox.id })
  return rows.length === 1
}

/**
 * Marks a line as sent, with Slack's `ts`. A status line that became newer while it was rendered stays due. False when
 * the lease was lost.
 */
export async function markSent(
  ctx: WriteContext,
  line: HeldLine & { readonly version: number },
  sent: { readonly ref: string | null; readonly now: Date },
): Promise<boolean> {
  const { outbox } = ctx.t
  const current = sql`${outbox.version} = ${line.version}`
  const rows = await ctx.q
    .update(outbox)
    .set({
      state: sql`case when ${current} then 'sent' else 'waiting' end`,
      ref: sent.ref,
      uncertain: false,
      attempt: 0,
      failures: 0,
      notBefore: sent.now,
      sentAt: sent.now,
    })
    .where(held(ctx, line))
    .returning({ id: outbox.id })
  return rows.length === 1
}

/** Gives a line back for a later try. `threw`: its delivery failed in a way that no outage explains. */
export async function markLater(
  ctx: WriteContext,
  line: HeldLine,
  later: { readonly until: Date; readonly uncertain: boolean; readonly threw: boolean },
): Promise<void> {
  const { outbox } = ctx.t
  await ctx.q
    .update(outbox)
    .set({
      state: 'waiting',
      notBefore: later.until,
      uncertain: later.uncertain,
      failures: later.threw ? sql`${outbox.failures} + 1` : 0,
    })
    .where(held(ctx, line))
}

/** Gives a line up for good. False when the lease was lost. */
export async function markDead(ctx: WriteContext, line: HeldLine, reason: string): Promise<boolean> {
  const { outbox } = ctx.t
  const rows = await ctx.q
    .update(outbox)
    .set({ state: 'dead', deadReason: reason })
    .where(held(ctx, line))
    .returning({ id: outbox.id })
  return rows.length === 1
}

/** Gives up the replies of a stream whose thread will not come, and tells how many that were. */
export async function markRepliesDead(ctx: WriteContext, stream: string, reason: string): Promise<number> {
  const { outbox } = ctx.t
  const rows = await ctx.q
    .update(outbox)
    .set({ state: 'dead', deadReason: reason })
    .where(and(eq(outbox.stream, stream), eq(outbox.lane, 'reply'), eq(outbox.state, 'waiting')))
    .returning({ id: outbox.id })
  return rows.length
}

/** Makes all lines due whose sender is gone: for an engine that only one process uses, when that process starts. */
export async function releaseAllLines(ctx: WriteContext, now: Date): Promise<void> {
  const { outbox } = ctx.t
  await ctx.q.update(outbox).set({ notBefore: now }).where(eq(outbox.state, 'sending'))
}

/** How many lines wait, and since when the oldest one does. */
export async function outboxBacklog(
  ctx: ReadContext,
): Promise<{ unsent: number; oldestAt: Date | null; dead: number }> {
  const { outbox } = ctx.t
  const waiting = await ctx.q
    .select({ n: count(), at: min(outbox.createdAt) })
    .from(outbox)
    .where(inArray(outbox.state, unsent))
  const dead = await ctx.q.select({ n: count() }).from(outbox).where(eq(outbox.state, 'dead'))
  return { unsent: waiting[0]?.n ?? 0, oldestAt: waiting[0]?.at ?? null, dead: dead[0]?.n ?? 0 }
}

/** All lines of a stream, oldest first. */
export async function linesOfStream(ctx: ReadContext, stream: string): Promise<LineRow[]> {
  const { outbox } = ctx.t
  return await ctx.q.select().from(outbox).where(eq(outbox.stream, stream)).orderBy(asc(outbox.id))
}

/** Forgets sent lines older than the time. */
export async function deleteLinesSentBefore(ctx: WriteContext, before: Date): Promise<void> {
  const { outbox } = ctx.t
  await ctx.q.delete(outbox).where(and(eq(outbox.state, 'sent'), lt(outbox.sentAt, before)))
}
