import { and, type AnyColumn, asc, count as countRows, desc, eq, gt, lt, type SQL } from 'drizzle-orm'
import { holds, mayHold } from '#db/queries/grams.ts'
import { countOf } from '#db/queries/local-counts.ts'
import {
  type Cut,
  foundRows,
  type Page,
  type PageAsked,
  type PickCut,
  type Picked,
  pickedFrom,
  readPage,
} from '#db/queries/pages.ts'
import type { ReadContext } from '#db/store.ts'

/** One page of the groups by name. `text` is matched anywhere in name and description, ignoring case. */
export async function localGroupPage(
  ctx: ReadContext,
  text: string | undefined,
  page: PageAsked,
): Promise<Page> {
  const part = (text ?? '').trim().toLowerCase()
  const reads = {
    all: await countOf(ctx, 'groups'),
    isFiltered: part !== '',
    // There are a thousand at most, and SQLite has an index that holds just their texts.
    stretch: ctx.dialect === 'sqlite' ? 1_000 : 300,
    walk: (cut: Cut) => walk(ctx, part, cut),
    pick: (cut: PickCut) => pick(ctx, part, cut),
    count: () => count(ctx, part),
  }
  return await readPage(reads, page)
}

async function walk(
  ctx: ReadContext,
  part: string,
  { edge, offset = 0, limit, stretch }: Cut,
): Promise<number[]> {
  const { localGroups } = ctx.t
  const { seq, nameKey, searchText } = localGroups
  const isBackwards = edge?.side === 'before'
  const beyond = edge === undefined ? undefined : await isBeyond(ctx, edge.id, isBackwards)
  // Gone meanwhile: nothing is beside it.
  if (edge !== undefined && beyond === undefined) return []
  const order = isBackwards ? desc : asc
  const holdsPart = (column: AnyColumn) => (part === '' ? undefined : holds(ctx, column, part))
  const near =
    stretch === undefined
      ? undefined
      : ctx.q
          .select({ seq, nameKey, searchText })
          .from(localGroups)
          .where(beyond)
          .orderBy(order(nameKey))
          .limit(stretch)
          .as('near')
  const rows =
    near === undefined
      ? await ctx.q
          .select({ seq })
          .from(localGroups)
          .where(and(beyond, holdsPart(searchText)))
          .orderBy(order(nameKey))
          .limit(limit)
          .offset(offset)
      : await ctx.q
          .select({ seq: near.seq })
          .from(near)
          .where(holdsPart(near.searchText))
          .orderBy(order(near.nameKey))
          .limit(limit)
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

async function pick(ctx: ReadContext, part: string, { offset, limit, most }: PickCut): Promise<Picked> {
  const { localGroups, localGroupGrams } = ctx.t
  const { seq, nameKey, searchText } = localGroups
  // SQLite begins where a cross join begins.
  const found = ctx.q
    .select({ seq, nameKey })
    .from(localGroupGrams)
    .crossJoin(localGroups)
    .where(
      and(mayHold(ctx, localGroupGrams, part), eq(seq, localGroupGrams.seq), holds(ctx, searchText, part)),
    )
    .limit(most + 1)
    .as('found')
  const rows = await ctx.q
    .select({ seq: found.seq, found: foundRows })
    .from(found)
    .orderBy(asc(found.nameKey))
    .limit(limit)
    .offset(offset)
  return pickedFrom(rows, most)
}

async function count(ctx: ReadContext, part: string): Promise<number> {
  const { localGroups } = ctx.t
  const rows = await ctx.q
    .select({ n: countRows() })
    .from(localGroups)
    .where(holds(ctx, localGroups.searchText, part))
  return rows[0]?.n ?? 0
}
