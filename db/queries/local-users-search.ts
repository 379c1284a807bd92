import {
  and,
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
import { countOf } from '#db/queries/local-counts.ts'
import { type Cut, holds, type Page, type PageAsked, readPage } from '#db/queries/pages.ts'
import type { ReadContext } from '#db/store.ts'

type UserTable = ReadContext['t']['localUsers']

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

function fits(ctx: ReadContext, search: LocalUserSearch): SQL | undefined {
  const { localMembers, localUsers } = ctx.t
  const { groupId } = search
  const part = partOf(search)
  const inGroup = (id: string) =>
    ctx.q
      .select({ id: localMembers.userId })
      .from(localMembers)
      .where(and(eq(localMembers.groupId, id), eq(localMembers.userId, localUsers.id)))
  return and(
    part === '' ? undefined : holds(ctx, localUsers.searchText, part),
    standsSo(localUsers, search),
    groupId === undefined ? undefined : exists(inGroup(groupId)),
  )
}

// Written for the index of states, which both engines take only where each alternative begins as it does.
function standsSo(columns: UserTable, { state, enrollment, now }: LocalUserSearch): SQL | undefined {
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
    walk: (cut: Cut) => walk(ctx, search, sort, cut),
    count: () => countLocalUsers(ctx, search),
  }
  return await readPage(reads, page)
}

function orderOf(key: UserTable, sort: LocalUserSort, isBackwards = false): SQL[] {
  const [up, down] = isBackwards ? [desc, asc] : [asc, desc]
  return sort === 'email' ? [up(key.emailKey)] : [down(key.createdAt), down(key.seq)]
}

async function walk(
  ctx: ReadContext,
  search: LocalUserSearch,
  sort: LocalUserSort,
  { edge, offset = 0, limit }: Cut,
): Promise<number[]> {
  const { localUsers } = ctx.t
  const { seq } = localUsers
  const isBackwards = edge?.side === 'before'
  const beyond = edge === undefined ? undefined : await isBeyond(ctx, sort, edge.id, isBackwards)
  // Gone meanwhile: nothing is beside it.
  if (edge !== undefined && beyond === undefined) return []
  const rows = await ctx.q
    .select({ seq })
    .from(localUsers)
    .where(and(beyond, fits(ctx, search)))
    .orderBy(...orderOf(localUsers, sort, isBackwards))
    .limit(limit)
    .offset(offset)
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

/** How many accounts there are of those that are asked for. */
export async function countLocalUsers(ctx: ReadContext, search: LocalUserSearch): Promise<number> {
  const { localUsers } = ctx.t
  const rows = await ctx.q.select({ n: count() }).from(localUsers).where(fits(ctx, search))
  return rows[0]?.n ?? 0
}

/** The ids of all accounts that are asked for, by address. */
export async function localUserIds(ctx: ReadContext, search: LocalUserSearch): Promise<string[]> {
  const { localUsers } = ctx.t
  const rows = await ctx.q
    .select({ id: localUsers.id })
    .from(localUsers)
    .where(fits(ctx, search))
    .orderBy(asc(localUsers.emailKey))
  return rows.map((row) => row.id)
}
