import { sql } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type SystemHealthRow = ReadContext['t']['systemHealth']['$inferSelect']

/** How the IAM systems were when they were looked at last; those never looked at have no row. */
export async function systemHealths(ctx: ReadContext): Promise<SystemHealthRow[]> {
  return await ctx.q.select().from(ctx.t.systemHealth)
}

/** Keeps how systems are now; since when stays where the state is the same. */
export async function keepSystemHealths(
  ctx: WriteContext,
  healths: readonly { readonly systemId: string; readonly state: string }[],
  now: Date,
): Promise<void> {
  if (healths.length === 0) return
  const { systemHealth } = ctx.t
  await ctx.q
    .insert(systemHealth)
    .values(healths.map(({ systemId, state }) => ({ systemId, state, sinceAt: now, lookedAt: now })))
    .onConflictDoUpdate({
      target: systemHealth.systemId,
      set: {
        sinceAt: sql`case when ${systemHealth.state} = excluded.state then ${systemHealth.sinceAt} else excluded.since_at end`,
        state: sql`excluded.state`,
        lookedAt: sql`excluded.looked_at`,
      },
    })
}
