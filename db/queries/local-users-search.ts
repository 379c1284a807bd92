import {
  and,
  type AnyColumn,
  asc,
  count,
  desc,
  eq,
  exists,
  gt,
  gte,
  inArray,
  isNull,
  lt,
  lte,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
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

type UserTable = ReadContext['t']['localUsers']
// Of the table, or of a part of it.
type Columns = {
  readonly [name in 'id' | 'searchText' | 'state' | 'enrolledAt' | 'linkExpiresAt']: AnyColumn
}
type Key = { readonly [name in 'seq' | 'emailKey' | 'createdAt']: AnyColumn }

/** What a list of accounts asks for. `now` tells links that ended from those that did not. */
export interface LocalUserSearch {
  /** Matched anywhere in address and description, ignoring case. */
  readonly text?: string | undefined
  readonly state?: 'enabled' | 'disabled' | undefined
  readonly enrollment?: 'waiting' | 'expired' | 'enrolled' | undefined
  readonly groupId?: string | undefined
  readonly now: Date
}

/** In which order accounts are listed. */
export type LocalUserSort = 'email' | 'newest'

const partOf = ({ text }: LocalUserSearch) => text?.trim().toLowerCase() ?? ''

function isFilteredBesides({ state, enrollment, groupId }: LocalUserSearch): boolean {
  return [state, enrollment, groupId].some((value) => value !== undefined)
}

/** Whether only texts have to be read, in their order: SQLite has an index that holds just these. */
function isTextAlone(search: LocalUserSearch, sort: LocalUserSort): boolean {
  return sort === 'email' && partOf(search) !== '' && !isFilteredBesides(search)
}

function fits(ctx: ReadContext, columns: Columns, search: LocalUserSearch): SQL | undefined {
  const { localMembers } = ctx.t
  const { groupId } = search
  const part = partOf(search)
  const inGroup = (id: string) =>
    ctx.q
      .select({ id: localMembers.userId })
      .from(localMembers)
      .where(and(eq(localMembers.groupId, id), eq(localMembers.userId, columns.id)))
  return and(
    part === '' ? undefined : holds(ctx, columns.searchText, part),
    standsSo(columns, search),
    groupId === undefined ? undefined : exists(inGroup(groupId)),
  )
}

// Written for the index of states, which both engines take only where each alternative begins as it does.
function standsSo(columns: Columns, { state, enrollment, now }: LocalUserSearch): SQL | undefined {
  if (state === undefined && enrollment === undefined) return undefined
  const { enrolledAt, linkExpiresAt } = columns
  const inState = inArray(columns.state, state === undefined ? ['enabled', 'disabled'] : [state])
  switch (enrollment) {
    case undefined:
      return inState
    case 'enrolled':
      return and(inState, gte(enrolledAt, new Date(0)))
    case 'waiting':
      return and(inState, isNull(enrolledAt), gt(linkExpiresAt, now))
    case 'expired':
      return or(
        and(inState, isNull(enrolledAt), isNull(linkExpiresAt)),
        and(inState, isNull(enrolledAt), lte(linkExpiresAt, now)),
      )
  }
}

/** One page of the accounts that are asked for. */
export async function localUserPage(
  ctx: ReadContext,
  search: LocalUserSearch,
  { sort, ...page }: PageAsked & { readonly sort: LocalUserSort },
): Promise<Page> {
  const reads = {
    all: await countOf(ctx, 'users'),
    isFiltered: partOf(search) !== '' || isFilteredBesides(search),
    stretch: ctx.dialect === 'sqlite' && isTextAlone(search, sort) ? 1_000 : 300,
    walk: (cut: Cut) => walk(ctx, search, sort, cut),
    pick: (cut: PickCut) => pick(ctx, search, sort, cut),
    count: () => countLocalUsers(ctx, search),
  }
  return await readPage(reads, page)
}

function orderOf(key: Key, sort: LocalUserSort, isBackwards = false): SQL[] {
  const [up, down] = isBackwards ? [desc, asc] : [asc, desc]
  return sort === 'email' ? [up(key.emailKey)] : [down(key.createdAt), down(key.seq)]
}

async function walk(
  ctx: ReadContext,
  search: LocalUserSearch,
  sort: LocalUserSort,
  { edge, offset = 0, limit, stretch }: Cut,
): Promise<number[]> {
  const { localUsers } = ctx.t
  const { seq } = localUsers
  const isBackwards = edge?.side === 'before'
  const beyond = edge === undefined ? undefined : await isBeyond(ctx, sort, edge.id, isBackwards)
  // Gone meanwhile: nothing is beside it.
  if (edge !== undefined && beyond === undefined) return []
  if (stretch === undefined) {
    const rows = await ctx.q
      .select({ seq })
      .from(localUsers)
      .where(and(beyond, fits(ctx, localUsers, search)))
      .orderBy(...orderOf(localUsers, sort, isBackwards))
      .limit(limit)
      .offset(offset)
    return inTurn(rows, isBackwards)
  }
  const part = partOf(search)
  if (isTextAlone(search, sort)) {
    const { emailKey, searchText } = localUsers
    const texts = ctx.q
      .select({ seq, emailKey, searchText })
      .from(localUsers)
      .where(beyond)
      .orderBy(...orderOf(localUsers, sort, isBackwards))
      .limit(stretch)
      .as('texts')
    const found = await ctx.q
      .select({ seq: texts.seq })
      .from(texts)
      .where(holds(ctx, texts.searchText, part))
      .orderBy(isBackwards ? desc(texts.emailKey) : asc(texts.emailKey))
      .limit(limit)
    return inTurn(found, isBackwards)
  }
  const near = ctx.q
    .select(columnsOf(localUsers))
    .from(localUsers)
    .where(beyond)
    .orderBy(...orderOf(localUsers, sort, isBackwards))
    .limit(stretch)
    .as('near')
  const rows = await ctx.q
    .select({ seq: near.seq })
    .from(near)
    .where(fits(ctx, near, search))
    .orderBy(...orderOf(near, sort, isBackwards))
    .limit(limit)
  return inTurn(rows, isBackwards)
}

function columnsOf({
  seq,
  id,
  emailKey,
  createdAt,
  searchText,
  state,
  enrolledAt,
  linkExpiresAt,
}: UserTable) {
  return { seq, id, emailKey, createdAt, searchText, state, enrolledAt, linkExpiresAt }
}

function inTurn(rows: readonly { readonly seq: number }[], isBackwards: boolean): number[] {
  const seqs = rows.map((row) => row.seq)
  return isBackwards ? seqs.toReversed() : seqs
}

/** The condition for accounts that stand after this one in the list, or before it; undefined when it is gone. */
async function isBeyond(
  ctx: ReadContext,
  sort: LocalUserSort,
  edgeId: string,
  isBackwards: boolean,
): Promise<SQL | undefined> {
  const { localUsers } = ctx.t
  const { seq, id, emailKey, createdAt } = localUsers
  const [edge] = await ctx.q.select({ seq, emailKey, createdAt }).from(localUsers).where(eq(id, edgeId))
  if (edge === undefined) return undefined
  if (sort === 'email') return isBackwards ? lt(emailKey, edge.emailKey) : gt(emailKey, edge.emailKey)
  const [row, place] = [
    sql`(${createdAt}, ${seq})`,
    sql`(${sql.param(edge.createdAt, createdAt)}, ${edge.seq})`,
  ]
  return isBackwards ? sql`${row} > ${place}` : sql`${row} < ${place}`
}

async function pick(
  ctx: ReadContext,
  search: LocalUserSearch,
  sort: LocalUserSort,
  { offset, limit, most }: PickCut,
): Promise<Picked> {
  const { localUsers } = ctx.t
  const { seq, emailKey, createdAt } = localUsers
  const { localUserGrams, localMembers } = ctx.t
  const { groupId, ...others } = search
  const part = partOf(search)
  const keys = ctx.q.select({ seq, emailKey, createdAt })
  // One or two letters find more than a filter does. SQLite begins where a cross join begins.
  const fitting =
    part.length > 2 || (part !== '' && !isFilteredBesides(search))
      ? keys
          .from(localUserGrams)
          .crossJoin(localUsers)
          .where(
            and(
              mayHold(ctx, localUserGrams, part),
              eq(seq, localUserGrams.seq),
              fits(ctx, localUsers, search),
            ),
          )
      : groupId !== undefined
        ? keys
            .from(localMembers)
            .crossJoin(localUsers)
            .where(
              and(
                eq(localMembers.groupId, groupId),
                eq(localUsers.id, localMembers.userId),
                fits(ctx, localUsers, others),
              ),
            )
        : keys.from(localUsers).where(fits(ctx, localUsers, search))
  const found = fitting.limit(most + 1).as('found')
  const rows = await ctx.q
    .select({ seq: found.seq, found: foundRows })
    .from(found)
    .orderBy(...orderOf(found, sort))
    .limit(limit)
    .offset(offset)
  return pickedFrom(rows, most)
}

/** How many accounts there are of those that are asked for. */
export async function countLocalUsers(ctx: ReadContext, search: LocalUserSearch): Promise<number> {
  const { localUsers } = ctx.t
  const rows = await ctx.q
    .select({ n: count() })
    .from(localUsers)
    .where(fits(ctx, localUsers, search))
  return rows[0]?.n ?? 0
}

/** The ids of all accounts that are asked for, by address. */
export async function localUserIds(ctx: ReadContext, search: LocalUserSearch): Promise<string[]> {
  const { localUsers } = ctx.t
  const rows = await ctx.q
    .select({ id: localUsers.id })
    .from(localUsers)
    .where(fits(ctx, localUsers, search))
    .orderBy(asc(localUsers.emailKey))
  return rows.map((row) => row.id)
}
