import { and, desc, eq, inArray, lt, notInArray } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type AttemptsRow = ReadContext['t']['signInAttempts']['$inferSelect']

/** How often was tried under these keys, and when last; keys under which nobody tried are left out. */
export async function attemptsUnder(ctx: ReadContext, keys: readonly string[]): Promise<AttemptsRow[]> {
  const { signInAttempts } = ctx.t
  return await ctx.q
    .select()
    .from(signInAttempts)
    .where(inArray(signInAttempts.key, [...keys]))
}

/** Keeps how often was tried under a key. */
export async function keepAttempts(ctx: WriteContext, row: AttemptsRow): Promise<void> {
  const { tries, lastAt } = row
  await ctx.q
    .insert(ctx.t.signInAttempts)
    .values(row)
    .onConflictDoUpdate({ target: ctx.t.signInAttempts.key, set: { tries, lastAt } })
}

/** Forgets the tries under these keys. */
export async function forgetAttempts(ctx: WriteContext, keys: readonly string[]): Promise<void> {
  await ctx.q.delete(ctx.t.signInAttempts).where(inArray(ctx.t.signInAttempts.key, [...keys]))
}

/** Forgets all tries whose last one was before the time. */
export async function deleteAttemptsBefore(ctx: WriteContext, before: Date): Promise<void> {
  await ctx.q.delete(ctx.t.signInAttempts).where(lt(ctx.t.signInAttempts.lastAt, before))
}

/** The hashes of the person's last passwords, newest first. */
export async function lastPasswords(
  ctx: ReadContext,
  userId: string,
  limit: number,
): Promise<readonly string[]> {
  const { passwordHistory } = ctx.t
  const rows = await ctx.q
    .select({ hash: passwordHistory.hash })
    .from(passwordHistory)
    .where(eq(passwordHistory.userId, userId))
    .orderBy(desc(passwordHistory.id))
    .limit(limit)
  return rows.map((row) => row.hash)
}

/** Adds a hash to the person's last passwords and forgets all but the newest `limit`. */
export async function addToPasswords(
  ctx: WriteContext,
  password: { readonly userId: string; readonly hash: string },
  limit: number,
): Promise<void> {
  const { passwordHistory } = ctx.t
  await ctx.q.insert(passwordHistory).values(password)
  const newest = await ctx.q
    .select({ id: passwordHistory.id })
    .from(passwordHistory)
    .where(eq(passwordHistory.userId, password.userId))
    .orderBy(desc(passwordHistory.id))
    .limit(limit)
  await ctx.q.delete(passwordHistory).where(
    and(
      eq(passwordHistory.userId, password.userId),
      notInArray(
        passwordHistory.id,
        newest.map((row) => row.id),
      ),
    ),
  )
}
