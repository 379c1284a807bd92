import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { deleteAccessRulesOf } from '#db/queries/access.ts'
import { accessChanged } from '#db/queries/local-counts.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type LocalGroupRow = ReadContext['t']['localGroups']['$inferSelect']
export type NewLocalGroupRow = ReadContext['t']['localGroups']['$inferInsert']
export type MemberRow = ReadContext['t']['localMembers']['$inferSelect']

/** Adds groups. Throws `ConflictError` when a name is taken. */
export async function insertLocalGroups(ctx: WriteContext, rows: readonly NewLocalGroupRow[]): Promise<void> {
  if (rows.length > 0) await ctx.q.insert(ctx.t.localGroups).values([...rows])
}

/** The groups of these ids, in no order; those that are gone are left out. */
export async function localGroupsByIds(ctx: ReadContext, ids: readonly string[]): Promise<LocalGroupRow[]> {
  const { localGroups } = ctx.t
  if (ids.length === 0) return []
  return await ctx.q
    .select()
    .from(localGroups)
    .where(inArray(localGroups.id, [...ids]))
}

/** The groups of these places in the order of making, in no order; those that are gone are left out. */
export async function localGroupsBySeqs(ctx: ReadContext, seqs: readonly number[]): Promise<LocalGroupRow[]> {
  const { localGroups } = ctx.t
  if (seqs.length === 0) return []
  return await ctx.q
    .select()
    .from(localGroups)
    .where(inArray(localGroups.seq, [...seqs]))
}

/** The groups of these names as they are compared (`name_key`), in no order. */
export async function localGroupsByNameKeys(
  ctx: ReadContext,
  keys: readonly string[],
): Promise<LocalGroupRow[]> {
  const { localGroups } = ctx.t
  const groups: LocalGroupRow[] = []
  for (const some of parts(keys))
    groups.push(...(await ctx.q.select().from(localGroups).where(inArray(localGroups.nameKey, some))))
  return groups
}

// Engines take some ten thousand values in one statement; a file may name more groups, and put more people into them.
function* parts<T>(all: readonly T[]): Generator<T[]> {
  const most = 5_000
  for (let i = 0; i < all.length; i += most) yield all.slice(i, i + most)
}

/**
 * Changes one group, if it still has this version; false, with nothing changed, when somebody was faster. Throws
 * `ConflictError` when the new name is taken.
 */
export async function updateLocalGroup(
  ctx: WriteContext,
  group: { readonly id: string; readonly version: number },
  fields: Partial<NewLocalGroupRow>,
): Promise<boolean> {
  const { localGroups } = ctx.t
  const rows = await ctx.q
    .update(localGroups)
    .set({ ...fields, version: group.version + 1 })
    .where(and(eq(localGroups.id, group.id), eq(localGroups.version, group.version)))
    .returning({ id: localGroups.id })
  if (rows.length === 1) await accessChanged(ctx)
  return rows.length === 1
}

/** Removes groups with their memberships and the access rules that name them; returns those that were there. */
export async function deleteLocalGroups(ctx: WriteContext, ids: readonly string[]): Promise<LocalGroupRow[]> {
  const { localGroups, localMembers } = ctx.t
  if (ids.length === 0) return []
  const members = await ctx.q
    .delete(localMembers)
    .where(inArray(localMembers.groupId, [...ids]))
    .returning({ groupId: localMembers.groupId })
  if (members.length > 0) await accessChanged(ctx)
  await deleteAccessRulesOf(ctx, 'group', ids)
  const gone = await ctx.q
    .delete(localGroups)
    .where(inArray(localGroups.id, [...ids]))
    .returning()
  return gone
}

/** Puts people into groups and keeps the groups' counts; returns the memberships that are new. */
export async function addMembers(ctx: WriteContext, rows: readonly MemberRow[]): Promise<MemberRow[]> {
  const added: MemberRow[] = []
  for (const some of parts(rows))
    added.push(...(await ctx.q.insert(ctx.t.localMembers).values(some).onConflictDoNothing().returning()))
  await countMembers(ctx, added, 1)
  return added
}

/** Takes people out of one group and keeps its count; returns the memberships that were there. */
export async function removeMembers(
  ctx: WriteContext,
  groupId: string,
  userIds: readonly string[],
): Promise<MemberRow[]> {
  const { localMembers } = ctx.t
  if (userIds.length === 0) return []
  const removed = await ctx.q
    .delete(localMembers)
    .where(and(eq(localMembers.groupId, groupId), inArray(localMembers.userId, [...userIds])))
    .returning()
  await countMembers(ctx, removed, -1)
  return removed
}

/** Takes people out of all their groups and keeps the groups' counts. */
export async function removeFromAllGroups(ctx: WriteContext, userIds: readonly string[]): Promise<void> {
  const { localMembers } = ctx.t
  if (userIds.length === 0) return
  const removed = await ctx.q
    .delete(localMembers)
    .where(inArray(localMembers.userId, [...userIds]))
    .returning()
  await countMembers(ctx, removed, -1)
}

async function countMembers(ctx: WriteContext, rows: readonly MemberRow[], sign: 1 | -1): Promise<void> {
  const { localGroups } = ctx.t
  if (rows.length > 0) await accessChanged(ctx)
  const perGroup = Map.groupBy(rows, (row) => row.groupId)
  // Always in the same order, so that two transactions never wait for each other's group.
  for (const [groupId, members] of [...perGroup].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    await ctx.q
      .update(localGroups)
      .set({ memberCount: sql`${localGroups.memberCount} + ${sign * members.length}` })
      .where(eq(localGroups.id, groupId))
}

/** The groups of these people, as pairs of person and group, by the groups' names. */
export async function groupsOfUsers(
  ctx: ReadContext,
  userIds: readonly string[],
): Promise<{ userId: string; groupId: string; name: string }[]> {
  const { localGroups, localMembers } = ctx.t
  if (userIds.length === 0) return []
  return await ctx.q
    .select({ userId: localMembers.userId, groupId: localGroups.id, name: localGroups.name })
    .from(localMembers)
    .innerJoin(localGroups, eq(localGroups.id, localMembers.groupId))
    .where(inArray(localMembers.userId, [...userIds]))
    .orderBy(asc(localGroups.nameKey))
}

/** The ids of a group's members, by address. */
export async function memberIds(
  ctx: ReadContext,
  groupId: string,
  page: { readonly limit: number; readonly offset: number },
): Promise<string[]> {
  const { localMembers } = ctx.t
  const rows = await ctx.q
    .select({ id: localMembers.userId })
    .from(localMembers)
    .where(eq(localMembers.groupId, groupId))
    .orderBy(asc(localMembers.emailKey))
    .limit(page.limit)
    .offset(page.offset)
  return rows.map((row) => row.id)
}
