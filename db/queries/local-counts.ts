import { and, eq, lte, type SQL, sql } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

/** What is counted. */
export type Counted = 'users' | 'groups'

/** How many there are. */
export async function countOf(ctx: ReadContext, key: Counted): Promise<number> {
  const { localCounts } = ctx.t
  const rows = await ctx.q.select({ n: localCounts.n }).from(localCounts).where(eq(localCounts.key, key))
  return rows[0]?.n ?? 0
}

/**
 * Takes up to `wanted` places under the limit and returns how many were free. Belongs in the transaction that fills them:
 * two at once never take the same place.
 */
export async function takePlaces(
  ctx: WriteContext,
  key: Counted,
  wanted: number,
  limit: number,
): Promise<number> {
  const { localCounts } = ctx.t
  if (wanted === 0) return 0
  await ctx.q.insert(localCounts).values({ key, n: 0 }).onConflictDoNothing()
  const all = await ctx.q
    .update(localCounts)
    .set({ n: sql`${localCounts.n} + ${wanted}` })
    .where(and(eq(localCounts.key, key), lte(localCounts.n, limit - wanted)))
    .returning({ n: localCounts.n })
  if (all.length === 1) return wanted
  const free = Math.max(0, limit - (await countOf(ctx, key)))
  if (free > 0) await ctx.q.update(localCounts).set({ n: limit }).where(eq(localCounts.key, key))
  return free
}

/** Gives places back, in the transaction that empties them. */
export async function givePlacesBack(ctx: WriteContext, key: Counted, freed: number): Promise<void> {
  const { localCounts } = ctx.t
  if (freed === 0) return
  await ctx.q
    .update(localCounts)
    .set({ n: sql`${localCounts.n} - ${freed}` })
    .where(eq(localCounts.key, key))
}

const accessKey = 'access_changes'

/**
 * Says that who may reach what, or what is told about people there, changed: memberships, groups' names, access rules.
 * Belongs in the transaction of the change; what was remembered of before it counts no longer then.
 */
export async function accessChanged(ctx: WriteContext): Promise<void> {
  const { localCounts } = ctx.t
  await ctx.q
    .insert(localCounts)
    .values({ key: accessKey, n: 1 })
    .onConflictDoUpdate({ target: localCounts.key, set: { n: sql`${localCounts.n} + 1` } })
}

/** The condition for the row that counts those changes; there is none before the first. */
export function isAccessCount(ctx: ReadContext): SQL {
  return eq(ctx.t.localCounts.key, accessKey)
}
