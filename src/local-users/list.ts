import { countOf } from '#db/queries/local-counts.ts'
import { localGroupPage } from '#db/queries/local-groups-search.ts'
import {
  groupsOfUsers,
  type LocalGroupRow,
  localGroupsByIds,
  localGroupsBySeqs,
  memberIds,
} from '#db/queries/local-groups.ts'
import {
  countLocalUsers,
  localUserPage,
  type LocalUserSearch,
  type LocalUserSort,
} from '#db/queries/local-users-search.ts'
import { type LocalUserRow, localUsersByIds, localUsersBySeqs } from '#db/queries/local-users.ts'
import type { Edge } from '#db/queries/pages.ts'
import type { ReadContext } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import { type LocalUser, localUserFrom } from '#src/local-users/account.ts'
import { assertAdmin, type LocalUserDeps } from '#src/local-users/deps.ts'
import { faultSentence } from '#src/local-users/faults.ts'
import type { Actor } from '#src/people/actor.ts'

/** Which local users a list shows. */
export type UserFilter = Omit<LocalUserSearch, 'now'>

/** One line of a list. */
export interface ListedUser extends LocalUser {
  /** The names of the person's groups. */
  readonly groups: readonly string[]
}

/** How many a list shows at a time. */
export const pageSize = 10

/** Which page of a list: counted from 0, and the row of the page before it after which it begins, or the other way round. */
export interface ListPage {
  readonly number: number
  readonly edge?: Edge | undefined
}

/**
 * A page of local users, and how many there are in all: undefined when more follow that nobody has counted. Throws
 * `UserError('not_allowed')`.
 */
export async function listUsers(
  deps: LocalUserDeps,
  actor: Actor,
  filter: UserFilter,
  page: ListPage & { readonly sort: LocalUserSort },
): Promise<{ readonly users: readonly ListedUser[]; readonly total: number | undefined }> {
  assertAdmin(actor)
  const search = { ...filter, now: deps.clock.now() }
  return await deps.store.read(async (ctx) => {
    const { seqs, total } = await localUserPage(ctx, search, { ...page, size: pageSize })
    const rows = inOrder(seqs, await localUsersBySeqs(ctx, seqs), 'seq')
    return { users: await listed(ctx, rows, search.now), total }
  })
}

/** How many local users a list would show in all. Throws `UserError('not_allowed')`. */
export async function countUsers(deps: LocalUserDeps, actor: Actor, filter: UserFilter): Promise<number> {
  assertAdmin(actor)
  return await deps.store.read((ctx) => countLocalUsers(ctx, { ...filter, now: deps.clock.now() }))
}

/** One local user. Throws `UserError`: `not_allowed`, `not_found`. */
export async function showUser(deps: LocalUserDeps, actor: Actor, id: string): Promise<LocalUser> {
  assertAdmin(actor)
  const [row] = await deps.store.read((ctx) => localUsersByIds(ctx, [id]))
  if (row === undefined) throw new UserError('not_found', faultSentence({ kind: 'gone' }))
  return localUserFrom(row, deps.clock.now())
}

/** Those of these local users who are still there, by address. Throws `UserError('not_allowed')`. */
export async function showUsers(
  deps: LocalUserDeps,
  actor: Actor,
  ids: readonly string[],
): Promise<readonly LocalUser[]> {
  assertAdmin(actor)
  const rows = await deps.store.read((ctx) => localUsersByIds(ctx, ids))
  const now = deps.clock.now()
  return rows.map((row) => localUserFrom(row, now)).toSorted((a, b) => (a.email < b.email ? -1 : 1))
}

/** These local users with the names of their groups. */
export async function listed(
  ctx: ReadContext,
  rows: readonly LocalUserRow[],
  now: Date,
): Promise<ListedUser[]> {
  const pairs = await groupsOfUsers(
    ctx,
    rows.map((row) => row.id),
  )
  const groups = Map.groupBy(pairs, (pair) => pair.userId)
  return rows.map((row) => ({
    ...localUserFrom(row, now),
    groups: (groups.get(row.id) ?? []).map((pair) => pair.name),
  }))
}

/** Rows in the order of their keys; those that are gone are left out. */
export function inOrder<Name extends string, Key, Row extends { readonly [name in Name]: Key }>(
  keys: readonly Key[],
  rows: readonly Row[],
  name: Name,
): Row[] {
  const byKey = new Map<Key, Row>(rows.map((row) => [row[name], row]))
  return keys.flatMap((key) => byKey.get(key) ?? [])
}

/** How many local users there are, by what is true of them. */
export interface LocalCounts {
  readonly total: number
  readonly disabled: number
  readonly waiting: number
  readonly expired: number
  readonly groups: number
}

/** Counts local users and groups, for whoever may know. */
export async function readLocalCounts(ctx: ReadContext, now: Date): Promise<LocalCounts> {
  return {
    total: await countOf(ctx, 'users'),
    disabled: await countLocalUsers(ctx, { state: 'disabled', now }),
    waiting: await countLocalUsers(ctx, { enrollment: 'waiting', now }),
    expired: await countLocalUsers(ctx, { enrollment: 'expired', now }),
    groups: await countOf(ctx, 'groups'),
  }
}

/** One group in a list. `everybody` is the group that is always there and can't be changed: it has no id. */
export interface ListedGroup {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly members: number
  readonly version: number
}

/**
 * A page of groups by name, how many groups fit (undefined when more follow that nobody has counted), and how many people
 * there are. Throws `UserError('not_allowed')`.
 */
export async function listGroups(
  deps: LocalUserDeps,
  actor: Actor,
  text: string | undefined,
  page: ListPage & { readonly size?: number },
): Promise<{
  readonly groups: readonly ListedGroup[]
  readonly everybody: number
  readonly total: number | undefined
}> {
  assertAdmin(actor)
  return await deps.store.read(async (ctx) => {
    const { seqs, total } = await localGroupPage(ctx, text, { size: pageSize, ...page })
    return {
      groups: inOrder(seqs, await localGroupsBySeqs(ctx, seqs), 'seq').map(groupFrom),
      everybody: await countOf(ctx, 'users'),
      total,
    }
  })
}

function groupFrom({ id, name, description, memberCount, version }: LocalGroupRow): ListedGroup {
  return { id, name, description, members: memberCount, version }
}

/** Those of these groups that are still there, by name. Throws `UserError('not_allowed')`. */
export async function showGroups(
  deps: LocalUserDeps,
  actor: Actor,
  ids: readonly string[],
): Promise<readonly ListedGroup[]> {
  assertAdmin(actor)
  const rows = await deps.store.read((ctx) => localGroupsByIds(ctx, ids))
  return rows.map(groupFrom).toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
}

const shownMembers = 50

/** One group, and the addresses of its first members. Throws `UserError`: `not_allowed`, `not_found`. */
export async function showGroup(
  deps: LocalUserDeps,
  actor: Actor,
  id: string,
): Promise<{ readonly group: ListedGroup; readonly first: readonly string[] }> {
  assertAdmin(actor)
  return await deps.store.read(async (ctx) => {
    const [row] = await localGroupsByIds(ctx, [id])
    if (row === undefined) throw new UserError('not_found', 'This group is no longer there.')
    const members = await memberIds(ctx, id, { limit: shownMembers, offset: 0 })
    const first = inOrder(members, await localUsersByIds(ctx, members), 'id')
    return { group: groupFrom(row), first: first.map((user) => user.email) }
  })
}
