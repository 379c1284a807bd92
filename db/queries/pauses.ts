import { eq, gt, lt, lte } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

/** The keys under which nobody may call yet, and until when. */
export async function activePauses(ctx: ReadContext, now: Date): Promise<ReadonlyMap<string, Date>> {
  const { pauses } = ctx.t
  const rows = await ctx.q.select().from(pauses).where(gt(pauses.until, now))
  return new Map(rows.map((row) => [row.key, row.until]))
}

/** Until when nobody may call under this key; a time that is over means nothing any more. */
export async function pausedUntil(ctx: ReadContext, key: string): Promise<Date | undefined> {
  const { pauses } = ctx.t
  const [row] = await ctx.q.select({ until: pauses.until }).from(pauses).where(eq(pauses.key, key))
  return row?.until
}

/** Pauses a key for every replica. A pause that lasts longer already stays. */
export async function pause(ctx: WriteContext, key: string, until: Date): Promise<void> {
  const { pauses } = ctx.t
  await ctx.q
    .insert(pauses)
    .values({ key, until })
    .onConflictDoUpdate({ target: pauses.key, set: { until }, setWhere: lt(pauses.until, until) })
}

/**
 * Takes the one place that a paced key has per interval: true for whoever comes first after the pause is over, who
 * thereby starts the next pause.
 */
export async function takeSlot(
  ctx: WriteContext,
  key: string,
  now: Date,
  intervalMs: number,
): Promise<boolean> {
  const { pauses } = ctx.t
  const until = new Date(now.getTime() + intervalMs)
  const rows = await ctx.q
    .insert(pauses)
    .values({ key, until })
    .onConflictDoUpdate({ target: pauses.key, set: { until }, setWhere: lte(pauses.until, now) })
    .returning({ key: pauses.key })
  return rows.length === 1
}

/** Forgets pauses that are over. */
export async function deletePausesBefore(ctx: WriteContext, before: Date): Promise<void> {
  await ctx.q.delete(ctx.t.pauses).where(lt(ctx.t.pauses.until, before))
}
