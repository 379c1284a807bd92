import { countOf } from '#db/queries/local-counts.ts'
import {
  countLocalGroups,
  groupsOfUsers,
  type LocalGroupRow,
  localGroupsByIds,
  searchLocalGroups,
} from '#db/queries/local-groups.ts'
import {
  countLocalUsers,
  localUsersByIds,
  type LocalUserSearch,
  searchLocalUsers,
} from '#db/queries/local-users.ts'
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

/** A page of local users, and how many there are in all. Pages count from 0. Throws `UserError('not_allowed')`. */
export async function listUsers(
  deps: LocalUserDeps,
  actor: Actor,
  filter: UserFilter,
  page: { readonly number: number; readonly sort: 'email' | 'newest' },
): Promise<{ readonly users: readonly ListedUser[]; readonly total: number }> {
  assertAdmin(actor)
  const search = { ...filter, now: deps.clock.now() }
  return await deps.store.read(async (ctx) => {
    const offset = page.number * pageSize
    const users = await listed(ctx, search, { sort: page.sort, limit: pageSize, offset })
    // A page that is not full is the last one, so nothing has to be counted for it.
    const isLast = users.length < pageSize && (users.length > 0 || offset === 0)
    return { users, total: isLast ? offset + users.length : await totalOf(ctx, search) }
  })
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

/** Counting nothing out is only needed where something is filtered. */
async function totalOf(ctx: ReadContext, search: LocalUserSearch): Promise<number> {
  const { now: _, ...filters } = search
  const isFiltered = Object.values(filters).some((value) => value !== undefined && value !== '')
  return isFiltered ? await countLocalUsers(ctx, search) : await countOf(ctx, 'users')
}

/** Local users with the names of their groups. */
export async function listed(
  ctx: ReadContext,
  search: LocalUserSearch,
  cut: { readonly sort: 'email' | 'newest'; readonly limit: number; readonly offset: number },
): Promise<ListedUser[]> {
  const rows = await searchLocalUsers(ctx, search, cut)
  const pairs = await groupsOfUsers(
    ctx,
    rows.map((row) => row.id),
  )
  const groups = Map.groupBy(pairs, (pair) => pair.userId)
  return rows.map((row) => ({
    ...localUserFrom(row, search.now),
    groups: (groups.get(row.id) ?? []).map((pair) => pair.name),
  }))
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
 * A page of groups by name, how many groups fit, and how many people there are. Pages count from 0. Throws
 * `UserError('not_allowed')`.
 */
export async function listGroups(
  deps: LocalUserDeps,
  actor: Actor,
  text: string | undefined,
  page: { readonly number: number; readonly size?: number },
): Promise<{ readonly groups: readonly ListedGroup[]; readonly everybody: number; readonly total: number }> {
  assertAdmin(actor)
  return await deps.store.read(async (ctx) => {
    const { number, size = pageSize } = page
    const rows = await searchLocalGroups(ctx, { text, limit: size, offset: number * size })
    return {
      groups: rows.map(groupFrom),
      everybody: await countOf(ctx, 'users'),
      total: (text ?? '').trim() === '' ? await countOf(ctx, 'groups') : await countLocalGroups(ctx, text),
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
    const search = { groupId: id, now: deps.clock.now() }
    const users = await searchLocalUsers(ctx, search, { sort: 'email', limit: shownMembers, offset: 0 })
    return { group: groupFrom(row), first: users.map((user) => user.email) }
  })
}
