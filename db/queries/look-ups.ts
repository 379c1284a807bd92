import { eq, lt } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type LookUpRow = ReadContext['t']['lookUps']['$inferSelect']
export type NewLookUpRow = ReadContext['t']['lookUps']['$inferInsert']

/** Keeps what a look-up found, for the task that may be made of it. */
export async function insertLookUp(ctx: WriteContext, row: NewLookUpRow): Promise<void> {
  await ctx.q.insert(ctx.t.lookUps).values(row)
}

/** Undefined when there is none, or no longer. */
export async function findLookUp(ctx: ReadContext, id: string): Promise<LookUpRow | undefined> {
  const rows = await ctx.q.select().from(ctx.t.lookUps).where(eq(ctx.t.lookUps.id, id))
  return rows[0]
}

/** Forgets look-ups older than the time; a form that old asks to look again. */
export async function deleteLookUpsBefore(ctx: WriteContext, before: Date): Promise<void> {
  await ctx.q.delete(ctx.t.lookUps).where(lt(ctx.t.lookUps.createdAt, before))
}
