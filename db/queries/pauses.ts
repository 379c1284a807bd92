import { and, gt, inArray, lte, max } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

/** Until when one of the keys is paused; undefined when none is. */
export async function pausedUntil(
  ctx: ReadContext,
  keys: readonly string[],
  now: Date,
): Promise<Date | undefined> {
  if (keys.length === 0) return undefined
  const { pauses } = ctx.t
  const rows = await ctx.q
    .select({ until: max(pauses.until) })
    .from(pauses)
    .where(and(inArray(pauses.key, [...keys]), gt(pauses.until, now)))
  return rows[0]?.until ?? undefined
}

/** Pauses a key for every replica. */
export async function pause(ctx: WriteContext, key: string, until: Date): Promise<void> {
  const { pauses } = ctx.t
  await ctx.q.insert(pauses).values({ key, until }).onConflictDoUpdate({ target: pauses.key, set: { until } })
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
