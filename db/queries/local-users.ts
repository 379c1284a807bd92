import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, lte, or, sql, type SQL } from 'drizzle-orm'
import { count } from 'drizzle-orm'
import { deleteAccessRulesOf } from '#db/queries/access.ts'
import { deleteFactorsOf } from '#db/queries/second-factors.ts'
import { deleteBindings } from '#db/queries/slack-bindings.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'

type UserTable = ReadContext['t']['localUsers']
export type LocalUserRow = UserTable['$inferSelect']
export type NewLocalUserRow = UserTable['$inferInsert']
export type TombstoneRow = ReadContext['t']['localTombstones']['$inferSelect']

/** Adds accounts. Throws `ConflictError` when an address is taken. */
export async function insertLocalUsers(ctx: WriteContext, rows: readonly NewLocalUserRow[]): Promise<void> {
  if (rows.length > 0) await ctx.q.insert(ctx.t.localUsers).values([...rows])
}

/** The accounts of these ids, in no order; those that are gone are left out. */
export async function localUsersByIds(ctx: ReadContext, ids: readonly string[]): Promise<LocalUserRow[]> {
  const { localUsers } = ctx.t
  if (ids.length === 0) return []
  return await ctx.q
    .select()
    .from(localUsers)
    .where(inArray(localUsers.id, [...ids]))
}

/** The accounts of these addresses as they are compared (`email_key`), in no order. */
export async function localUsersByEmailKeys(
  ctx: ReadContext,
  keys: readonly string[],
): Promise<LocalUserRow[]> {
  const { localUsers } = ctx.t
  if (keys.length === 0) return []
  return await ctx.q
    .select()
    .from(localUsers)
    .where(inArray(localUsers.emailKey, [...keys]))
}

/** What is said about each account, by its address as it is compared. */
export async function localUserDescriptions(
  ctx: ReadContext,
): Promise<ReadonlyMap<string, { readonly description: string }>> {
  const { emailKey, description } = ctx.t.localUsers
  const rows = await ctx.q.select({ emailKey, description }).from(ctx.t.localUsers)
  return new Map(rows.map((row) => [row.emailKey, row]))
}

/** Changes one account, if it still has this version; false, with nothing changed, when somebody was faster. */
export async function updateLocalUser(
  ctx: WriteContext,
  user: { readonly id: string; readonly version: number },
  fields: Partial<NewLocalUserRow>,
): Promise<boolean> {
  const { localUsers } = ctx.t
  const rows = await ctx.q
    .update(localUsers)
    .set({ ...fields, version: user.version + 1 })
    .where(and(eq(localUsers.id, user.id), eq(localUsers.version, user.version)))
    .returning({ id: localUsers.id })
  return rows.length === 1
}

/** Changes several accounts in the same way. `newLink`: the links that are out are dead, and the next ones count. */
export async function updateLocalUsers(
  ctx: WriteContext,
  ids: readonly string[],
  fields: Partial<NewLocalUserRow>,
  newLink = false,
): Promise<void> {
  const { localUsers } = ctx.t
  if (ids.length === 0) return
  const generation = newLink ? { generation: sql`${localUsers.generation} + 1` } : {}
  await ctx.q
    .update(localUsers)
    .set({ ...fields, ...generation, version: sql`${localUsers.version} + 1` })
    .where(inArray(localUsers.id, [...ids]))
}

/**
 * Keeps the hash of the link that is being sent, unless a newer one counts by now, the account is gone, or it is enrolled
 * and the link is not for such.
 */
export async function keepLink(
  ctx: WriteContext,
  link: { readonly userId: string; readonly generation: number; readonly isForEnrolled?: boolean },
  fields: { readonly linkHash: string; readonly linkExpiresAt: Date },
): Promise<boolean> {
  const { localUsers } = ctx.t
  const rows = await ctx.q
    .update(localUsers)
    .set(fields)
    .where(
      and(
        eq(localUsers.id, link.userId),
        eq(localUsers.generation, link.generation),
        link.isForEnrolled === true ? undefined : isNull(localUsers.enrolledAt),
      ),
    )
    .returning({ id: localUsers.id })
  return rows.length === 1
}

/** Keeps why the mail server did not take a mail, or that it did. No change that people could get in the way of. */
export async function keepMailProblem(
  ctx: WriteContext,
  userId: string,
  mailProblem: string | null,
): Promise<void> {
  await ctx.q.update(ctx.t.localUsers).set({ mailProblem }).where(eq(ctx.t.localUsers.id, userId))
}

/** Removes accounts with everything that hangs on them but their groups. */
export async function deleteLocalUsers(ctx: WriteContext, ids: readonly string[]): Promise<void> {
  const { localUsers, localPasswords, passwordHistory, mails } = ctx.t
  if (ids.length === 0) return
  await ctx.q.delete(passwordHistory).where(inArray(passwordHistory.userId, [...ids]))
  await ctx.q.delete(localPasswords).where(inArray(localPasswords.userId, [...ids]))
  await ctx.q.delete(mails).where(inArray(mails.userId, [...ids]))
  await deleteAccessRulesOf(ctx, 'user', ids)
  await deleteFactorsOf(ctx, ids)
  await deleteBindings(ctx, { userIds: ids })
  await ctx.q.delete(localUsers).where(inArray(localUsers.id, [...ids]))
}

/** Keeps of deleted accounts that a Disable task's word stands on them. */
export async function insertTombstones(ctx: WriteContext, rows: readonly TombstoneRow[]): Promise<void> {
  if (rows.length > 0)
    await ctx.q
      .insert(ctx.t.localTombstones)
      .values([...rows])
      .onConflictDoNothing()
}

/** Takes the tombstones of these addresses away and returns them. */
export async function takeTombstones(ctx: WriteContext, keys: readonly string[]): Promise<TombstoneRow[]> {
  const { localTombstones } = ctx.t
  if (keys.length === 0) return []
  return await ctx.q
    .delete(localTombstones)
    .where(inArray(localTombstones.emailKey, [...keys]))
    .returning()
}

/** What a list of accounts asks for. `now` tells links that ended from those that did not. */
export interface LocalUserSearch {
  /** Matched anywhere in address and description, ignoring case. */
  readonly text?: string | undefined
  readonly state?: 'enabled' | 'disabled' | undefined
  readonly enrollment?: 'waiting' | 'expired' | 'enrolled' | undefined
  readonly groupId?: string | undefined
  readonly now: Date
}

/** How a page is cut. */
export interface LocalUserPage {
  readonly sort: 'email' | 'newest'
  readonly limit: number
  readonly offset: number
}

function wanted(ctx: ReadContext, search: LocalUserSearch): SQL | undefined {
  const { localUsers, localMembers } = ctx.t
  const text = search.text?.trim().toLowerCase() ?? ''
  const members =
    search.groupId === undefined
      ? undefined
      : ctx.q
          .select({ id: localMembers.userId })
          .from(localMembers)
          .where(eq(localMembers.groupId, search.groupId))
  return and(
    text === '' ? undefined : contains(localUsers.searchText, text),
    search.state === undefined ? undefined : eq(localUsers.state, search.state),
    search.enrollment === undefined ? undefined : enrollmentIs(localUsers, search.enrollment, search.now),
    members === undefined ? undefined : inArray(localUsers.id, members),
  )
}

function enrollmentIs(
  table: UserTable,
  enrollment: NonNullable<LocalUserSearch['enrollment']>,
  now: Date,
): SQL | undefined {
  switch (enrollment) {
    case 'enrolled':
      return isNotNull(table.enrolledAt)
    case 'waiting':
      return and(isNull(table.enrolledAt), gt(table.linkExpiresAt, now))
    case 'expired':
      return and(isNull(table.enrolledAt), or(isNull(table.linkExpiresAt), lte(table.linkExpiresAt, now)))
  }
}

// SQLite has no escape character of its own in LIKE, so it is named for both engines.
function contains(column: UserTable['searchText'], text: string): SQL {
  const pattern = `%${text.replaceAll('\\', '\\\\').replaceAll('%', '\\%').replaceAll('_', '\\_')}%`
  return sql`${column} like ${pattern} escape '\\'`
}

/** One page of the accounts that are asked for. */
export async function searchLocalUsers(
  ctx: ReadContext,
  search: LocalUserSearch,
  page: LocalUserPage,
): Promise<LocalUserRow[]> {
  const { localUsers } = ctx.t
  const order =
    page.sort === 'email' ? [asc(localUsers.emailKey)] : [desc(localUsers.createdAt), desc(localUsers.id)]
  return await ctx.q
    .select()
    .from(localUsers)
    .where(wanted(ctx, search))
    .orderBy(...order)
    .limit(page.limit)
    .offset(page.offset)
}

/** How many accounts there are of those that are asked for. */
export async function countLocalUsers(ctx: ReadContext, search: LocalUserSearch): Promise<number> {
  const rows = await ctx.q.select({ n: count() }).from(ctx.t.localUsers).where(wanted(ctx, search))
  return rows[0]?.n ?? 0
}

/** The ids of all accounts that are asked for, by address. */
export async function localUserIds(ctx: ReadContext, search: LocalUserSearch): Promise<string[]> {
  const { localUsers } = ctx.t
  const rows = await ctx.q
    .select({ id: localUsers.id })
    .from(localUsers)
    .where(wanted(ctx, search))
    .orderBy(asc(localUsers.emailKey))
  return rows.map((row) => row.id)
}
