import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
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

/** The accounts of these places in the order of making, in no order; those that are gone are left out. */
export async function localUsersBySeqs(ctx: ReadContext, seqs: readonly number[]): Promise<LocalUserRow[]> {
  const { localUsers } = ctx.t
  if (seqs.length === 0) return []
  return await ctx.q
    .select()
    .from(localUsers)
    .where(inArray(localUsers.seq, [...seqs]))
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
  fields: Partial<Omit<NewLocalUserRow, 'searchText'>>,
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

/** The addresses that have a tombstone, by key. */
export async function tombstoneKeys(ctx: ReadContext): Promise<string[]> {
  const { localTombstones } = ctx.t
  const rows = await ctx.q.select({ emailKey: localTombstones.emailKey }).from(localTombstones)
  return rows.map((row) => row.emailKey)
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
