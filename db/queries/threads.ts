import { eq } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type ThreadRow = ReadContext['t']['threads']['$inferSelect']

/** Where the stream's thread stands in Slack; undefined before its root was posted. */
export async function findThread(ctx: ReadContext, stream: string): Promise<ThreadRow | undefined> {
  const rows = await ctx.q.select().from(ctx.t.threads).where(eq(ctx.t.threads.stream, stream))
  return rows[0]
}

/** Keeps where a thread stands; the first one kept counts. */
export async function insertThread(ctx: WriteContext, row: ThreadRow): Promise<void> {
  await ctx.q.insert(ctx.t.threads).values(row).onConflictDoNothing()
}

/** Keeps the link to a thread once it is known. */
export async function setPermalink(ctx: WriteContext, stream: string, permalink: string): Promise<void> {
  await ctx.q.update(ctx.t.threads).set({ permalink }).where(eq(ctx.t.threads.stream, stream))
}

/** The link to a stream's thread, where it is known. */
export async function permalinkOf(ctx: ReadContext, stream: string): Promise<string | undefined> {
  return (await findThread(ctx, stream))?.permalink ?? undefined
}
