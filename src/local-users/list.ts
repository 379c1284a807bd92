import { countOf } from '#db/queries/local-counts.ts'
import { groupsOfUsers, searchLocalGroups } from '#db/queries/local-groups.ts'
import { countLocalUsers, type LocalUserSearch, searchLocalUsers } from '#db/queries/local-users.ts'
import type { ReadContext } from '#db/store.ts'
import { type LocalUser, localUserFrom } from '#src/local-users/account.ts'
import { assertAdmin, type LocalUserDeps } from '#src/local-users/deps.ts'
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
    const total = await totalOf(ctx, search)
    const cut = { sort: page.sort, limit: pageSize, offset: page.number * pageSize }
    return { users: await listed(ctx, search, cut), total }
  })
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

/** One group in a list. `everybody` is the group that is always there and can't be changed: it has no id. */
export interface ListedGroup {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly members: number
  readonly version: number
}

/**
 * A page of groups by name, and how many people and groups there are in all. Pages count from 0. Throws
 * `UserError('not_allowed')`.
 */
export async function listGroups(
  deps: LocalUserDeps,
  actor: Actor,
  text: string | undefined,
  page: { readonly number: number },
): Promise<{ readonly groups: readonly ListedGroup[]; readonly everybody: number; readonly total: number }> {
  assertAdmin(actor)
  return await deps.store.read(async (ctx) => {
    const rows = await searchLocalGroups(ctx, { text, limit: pageSize, offset: page.number * pageSize })
    return {
      groups: rows.map(({ id, name, description, memberCount, version }) => ({
        id,
        name,
        description,
        members: memberCount,
        version,
      })),
      everybody: await countOf(ctx, 'users'),
      total: await countOf(ctx, 'groups'),
    }
  })
}
