import { and, asc, desc, eq, gte, inArray, lt, sql } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type BatchRow = ReadContext['t']['batches']['$inferSelect']
export type NewBatchRow = ReadContext['t']['batches']['$inferInsert']
export type BatchFailureRow = ReadContext['t']['batchFailures']['$inferSelect']
export type NewBatchFailureRow = ReadContext['t']['batchFailures']['$inferInsert']

const open = ['queued', 'running']

/** The one that is worked on, then in the order of asking: a dry run counts from when it was confirmed. */
function inTurn({ t: { batches } }: ReadContext) {
  return [desc(eq(batches.state, 'running')), asc(batches.createdAt), asc(batches.seq)]
}

const piecesAtATime = 100

/** Adds a batch with its rows, cut into the pieces in which they are worked on. */
export async function insertBatch(
  ctx: WriteContext,
  batch: NewBatchRow,
  pieces: readonly (readonly unknown[])[],
): Promise<void> {
  const { batches, batchPieces } = ctx.t
  await ctx.q.insert(batches).values(batch)
  const all = pieces.map((rows, piece) => ({ batchId: batch.id, piece, rows }))
  for (let i = 0; i < all.length; i += piecesAtATime)
    await ctx.q.insert(batchPieces).values(all.slice(i, i + piecesAtATime))
}

/** Undefined when there is none of that id. */
export async function findBatch(ctx: ReadContext, id: string): Promise<BatchRow | undefined> {
  const rows = await ctx.q.select().from(ctx.t.batches).where(eq(ctx.t.batches.id, id))
  return rows[0]
}

/** The batch that is worked on, else the one that waits longest. */
export async function nextBatch(ctx: ReadContext): Promise<BatchRow | undefined> {
  const { batches } = ctx.t
  const rows = await ctx.q
    .select()
    .from(batches)
    .where(inArray(batches.state, open))
    .orderBy(...inTurn(ctx))
    .limit(1)
  return rows[0]
}

/** The batches that wait or run, in the order of working. */
export async function openBatches(ctx: ReadContext): Promise<BatchRow[]> {
  const { batches } = ctx.t
  return await ctx.q
    .select()
    .from(batches)
    .where(inArray(batches.state, open))
    .orderBy(...inTurn(ctx))
    .limit(10)
}

/** The last batches that were started, newest first. */
export async function lastBatches(ctx: ReadContext, limit: number): Promise<BatchRow[]> {
  const { batches } = ctx.t
  return await ctx.q
    .select()
    .from(batches)
    .where(inArray(batches.state, [...open, 'done', 'cancelled', 'failed']))
    .orderBy(desc(batches.createdAt), desc(batches.seq))
    .limit(limit)
}

/** Changes the batch if it is still in this state; false, with nothing changed, when it is not. */
export async function moveBatch(
  ctx: WriteContext,
  id: string,
  from: readonly string[],
  fields: Partial<NewBatchRow>,
): Promise<boolean> {
  const { batches } = ctx.t
  const rows = await ctx.q
    .update(batches)
    .set(fields)
    .where(and(eq(batches.id, id), inArray(batches.state, [...from])))
    .returning({ id: batches.id })
  return rows.length === 1
}

/** The rows of one piece, as they were kept; undefined after the last piece. */
export async function pieceOf(ctx: ReadContext, batchId: string, piece: number): Promise<unknown> {
  const { batchPieces } = ctx.t
  const rows = await ctx.q
    .select({ rows: batchPieces.rows })
    .from(batchPieces)
    .where(and(eq(batchPieces.batchId, batchId), eq(batchPieces.piece, piece)))
  return rows[0]?.rows
}

/** Counts a piece that was worked on in the same transaction. */
export async function countPiece(
  ctx: WriteContext,
  batchId: string,
  counts: {
    readonly done: number
    readonly changed: number
    readonly failed: number
    readonly partly: number
  },
): Promise<void> {
  const { batches } = ctx.t
  await ctx.q
    .update(batches)
    .set({
      nextPiece: sql`${batches.nextPiece} + 1`,
      done: sql`${batches.done} + ${counts.done}`,
      changed: sql`${batches.changed} + ${counts.changed}`,
      failed: sql`${batches.failed} + ${counts.failed}`,
      partly: sql`${batches.partly} + ${counts.partly}`,
    })
    .where(eq(batches.id, batchId))
}

/** Keeps rows that failed. */
export async function insertFailures(ctx: WriteContext, rows: readonly NewBatchFailureRow[]): Promise<void> {
  const most = 1_000
  for (let i = 0; i < rows.length; i += most)
    await ctx.q.insert(ctx.t.batchFailures).values(rows.slice(i, i + most))
}

/** The rows that failed, in the order of the rows, from a row on. */
export async function failuresOf(
  ctx: ReadContext,
  batchId: string,
  page: { readonly from: number; readonly limit: number },
): Promise<BatchFailureRow[]> {
  const { batchFailures } = ctx.t
  return await ctx.q
    .select()
    .from(batchFailures)
    .where(and(eq(batchFailures.batchId, batchId), gte(batchFailures.row, page.from)))
    .orderBy(asc(batchFailures.row))
    .limit(page.limit)
}

/** Forgets rows that nobody needs any more: those of a batch that has ended. The failures stay. */
export async function deletePieces(ctx: WriteContext, batchId: string): Promise<void> {
  await ctx.q.delete(ctx.t.batchPieces).where(eq(ctx.t.batchPieces.batchId, batchId))
}

/** Forgets dry runs older than the time that nobody confirmed. */
export async function deleteDraftsBefore(ctx: WriteContext, before: Date): Promise<void> {
  const { batches, batchPieces, batchFailures } = ctx.t
  const old = ctx.q
    .select({ id: batches.id })
    .from(batches)
    .where(and(eq(batches.state, 'draft'), lt(batches.createdAt, before)))
  await ctx.q.delete(batchPieces).where(inArray(batchPieces.batchId, old))
  await ctx.q.delete(batchFailures).where(inArray(batchFailures.batchId, old))
  await ctx.q.delete(batches).where(and(eq(batches.state, 'draft'), lt(batches.createdAt, before)))
}
