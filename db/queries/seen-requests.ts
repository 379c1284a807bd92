import { lt } from 'drizzle-orm'
import type { WriteContext } from '#db/store.ts'

/** True the first time a key is shown, false while it is remembered. Keys older than `now` are forgotten on the way. */
export async function firstSeen(ctx: WriteContext, key: string, until: Date, now: Date): Promise<boolean> {
  const { seenRequests } = ctx.t
  await ctx.q.delete(seenRequests).where(lt(seenRequests.until, now))
  const rows = await ctx.q
    .insert(seenRequests)
    .values({ key, until })
    .onConflictDoNothing()
    .returning({ key: seenRequests.key })
  return rows.length === 1
}
