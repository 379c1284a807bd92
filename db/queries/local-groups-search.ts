import { and, asc, count as countRows, desc, eq, gt, lt, type SQL } from 'drizzle-orm'
import { countOf } from '#db/queries/local-counts.ts'
import { type Cut, holds, type Page, type PageAsked, readPage } from '#db/queries/pages.ts'
import type { ReadContext } from '#db/store.ts'

/**
 * One page of the groups by name: a thousand at most, so their texts are read in their order. `text` is matched anywhere
 * in name and description, ignoring case.
 */
export async function localGroupPage(
  ctx: ReadContext,
  text: string | undefined,
  page: PageAsked,
): Promise<Page> {
  const part = (text ?? '').trim().toLowerCase()
  const reads = {
    all: await countOf(ctx, 'groups'),
    isFiltered: part !== '',
    walk: (cut: Cut) => walk(ctx, part, cut),
    count: () => count(ctx, part),
  }
  return await readPage(reads, page)
}

async function walk(ctx: ReadContext, part: string, { edge, offset = 0, limit }: Cut): Promise<number[]> {
  const { localGroups } = ctx.t
  const { seq, nameKey, searchText } = localGroups
  const isBackwards = edge?.side === 'before'
  const beyond = edge === undefined ? undefined : await isBeyond(ctx, edge.id, isBackwards)
  // Gone meanwhile: nothing is beside it.
  if (edge !== undefined && beyond === undefined) return []
  const rows = await ctx.q
    .select({ seq })
    .from(localGroups)
    .where(and(beyond, part === '' ? undefined : holds(ctx, searchText, part)))
    .orderBy((isBackwards ? desc : asc)(nameKey))
    .limit(limit)
    .offset(offset)
  const seqs = rows.map((row) => row.seq)
  return isBackwards ? seqs.toReversed() : seqs
}

/** The condition for groups that stand after this one in the list, or before it; undefined when it is gone. */
async function isBeyond(ctx: ReadContext, edgeId: string, isBackwards: boolean): Promise<SQL | undefined> {
  const { id, nameKey } = ctx.t.localGroups
  const [edge] = await ctx.q.select({ nameKey }).from(ctx.t.localGroups).where(eq(id, edgeId))
  if (edge === undefined) return undefined
  return isBackwards ? lt(nameKey, edge.nameKey) : gt(nameKey, edge.nameKey)
}

async function count(ctx: ReadContext, part: string): Promise<number> {
  const { localGroups } = ctx.t
  const rows = await ctx.q
    .select({ n: countRows() })
    .from(localGroups)
    .where(holds(ctx, localGroups.searchText, part))
  return rows[0]?.n ?? 0
}
