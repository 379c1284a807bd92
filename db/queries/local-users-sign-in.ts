import { eq, inArray } from 'drizzle-orm'
import { endOidcOfUsers } from '#db/queries/oidc.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type LocalSessionRow = ReadContext['t']['localSessions']['$inferSelect']
export type NewLocalSessionRow = ReadContext['t']['localSessions']['$inferInsert']

/** Keeps the password's hash; the one before is forgotten. */
export async function keepPassword(
  ctx: WriteContext,
  password: { readonly userId: string; readonly hash: string; readonly changedAt: Date },
): Promise<void> {
  const { hash, changedAt } = password
  await ctx.q
    .insert(ctx.t.localPasswords)
    .values(password)
    .onConflictDoUpdate({ target: ctx.t.localPasswords.userId, set: { hash, changedAt } })
}

/** The hash of the person's password; undefined when there is none. */
export async function passwordHashOf(ctx: ReadContext, userId: string): Promise<string | undefined> {
  const { localPasswords } = ctx.t
  const rows = await ctx.q
    .select({ hash: localPasswords.hash })
    .from(localPasswords)
    .where(eq(localPasswords.userId, userId))
  return rows[0]?.hash
}

/** Since when the person has their password; undefined when there is none. */
export async function passwordChangedAt(ctx: ReadContext, userId: string): Promise<Date | undefined> {
  const { localPasswords } = ctx.t
  const rows = await ctx.q
    .select({ changedAt: localPasswords.changedAt })
    .from(localPasswords)
    .where(eq(localPasswords.userId, userId))
  return rows[0]?.changedAt
}

/** Forgets the person's password, so that nobody signs in with it. */
export async function forgetPassword(ctx: WriteContext, userId: string): Promise<void> {
  await ctx.q.delete(ctx.t.localPasswords).where(eq(ctx.t.localPasswords.userId, userId))
}

/** Keeps an open session or token. */
export async function insertSession(ctx: WriteContext, row: NewLocalSessionRow): Promise<void> {
  await ctx.q.insert(ctx.t.localSessions).values(row)
}

/** How many sessions and tokens these people have. */
export async function sessionsOf(ctx: ReadContext, userIds: readonly string[]): Promise<LocalSessionRow[]> {
  const { localSessions } = ctx.t
  return await ctx.q
    .select()
    .from(localSessions)
    .where(inArray(localSessions.userId, [...userIds]))
}

/**
 * Ends all sessions of these people, here and at relying parties, with their tokens, grants and codes; returns how many
 * sessions there were. Relying parties are told by jobs of the same transaction.
 */
export async function endSessions(ctx: WriteContext, userIds: readonly string[]): Promise<number> {
  const { localSessions } = ctx.t
  if (userIds.length === 0) return 0
  await endOidcOfUsers(ctx, userIds)
  const rows = await ctx.q
    .delete(localSessions)
    .where(inArray(localSessions.userId, [...userIds]))
    .returning({ id: localSessions.id })
  return rows.length
}
