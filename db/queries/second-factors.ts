import { and, asc, count, eq, gt, inArray, isNull, lt, or } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type FactorRow = ReadContext['t']['localFactors']['$inferSelect']
export type NewFactorRow = ReadContext['t']['localFactors']['$inferInsert']
export type ChallengeRow = ReadContext['t']['localChallenges']['$inferSelect']
export type FactorTriesRow = ReadContext['t']['localFactorTries']['$inferSelect']

/** Keeps a factor. Throws `ConflictError` for a passkey that is registered already. */
export async function insertFactor(ctx: WriteContext, row: NewFactorRow): Promise<void> {
  await ctx.q.insert(ctx.t.localFactors).values(row)
}

/** The person's factors, oldest first. */
export async function factorRowsOf(ctx: ReadContext, userId: string): Promise<FactorRow[]> {
  const { localFactors } = ctx.t
  return await ctx.q
    .select()
    .from(localFactors)
    .where(eq(localFactors.userId, userId))
    .orderBy(asc(localFactors.createdAt), asc(localFactors.id))
}

/** The passkey of this credential; undefined when nobody has it. */
export async function passkeyByCredential(
  ctx: ReadContext,
  credentialId: string,
): Promise<FactorRow | undefined> {
  const { localFactors } = ctx.t
  const rows = await ctx.q.select().from(localFactors).where(eq(localFactors.credentialId, credentialId))
  return rows[0]
}

/** Which of these local users have a factor of this kind. */
export async function usersWithFactor(
  ctx: ReadContext,
  userIds: readonly string[],
  kind: 'totp' | 'passkey',
): Promise<readonly string[]> {
  const { localFactors } = ctx.t
  if (userIds.length === 0) return []
  const rows = await ctx.q
    .selectDistinct({ userId: localFactors.userId })
    .from(localFactors)
    .where(and(inArray(localFactors.userId, [...userIds]), eq(localFactors.kind, kind)))
  return rows.map((row) => row.userId)
}

/** Marks a code's time step as used; false when it, or a later one, was used already. Of two at once one is told false. */
export async function useStep(
  ctx: WriteContext,
  factorId: string,
  used: { readonly step: number; readonly sealed: string; readonly usedAt: Date },
): Promise<boolean> {
  const { localFactors } = ctx.t
  const { step, sealed, usedAt } = used
  const rows = await ctx.q
    .update(localFactors)
    .set({ usedStep: step, sealed, usedAt })
    .where(
      and(eq(localFactors.id, factorId), or(isNull(localFactors.usedStep), lt(localFactors.usedStep, step))),
    )
    .returning({ id: localFactors.id })
  return rows.length === 1
}

/** Keeps a passkey's new counter; false when it is not the one that was looked at any more. */
export async function moveCounter(
  ctx: WriteContext,
  factor: { readonly id: string; readonly counter: number },
  moved: { readonly counter: number; readonly usedAt: Date },
): Promise<boolean> {
  const { localFactors } = ctx.t
  const rows = await ctx.q
    .update(localFactors)
    .set(moved)
    .where(and(eq(localFactors.id, factor.id), eq(localFactors.counter, factor.counter)))
    .returning({ id: localFactors.id })
  return rows.length === 1
}

/** Names one of the person's factors; false when they have no such one. */
export async function nameFactor(
  ctx: WriteContext,
  factor: { readonly id: string; readonly userId: string },
  name: string,
): Promise<boolean> {
  const { localFactors } = ctx.t
  const rows = await ctx.q
    .update(localFactors)
    .set({ name })
    .where(and(eq(localFactors.id, factor.id), eq(localFactors.userId, factor.userId)))
    .returning({ id: localFactors.id })
  return rows.length === 1
}

/** Removes one of the person's factors and returns it; undefined when they have no such one. */
export async function deleteFactor(
  ctx: WriteContext,
  factor: { readonly id: string; readonly userId: string },
): Promise<FactorRow | undefined> {
  const { localFactors } = ctx.t
  const rows = await ctx.q
    .delete(localFactors)
    .where(and(eq(localFactors.id, factor.id), eq(localFactors.userId, factor.userId)))
    .returning()
  return rows[0]
}

/** Puts new recovery codes in the place of the old ones. */
export async function replaceRecoveryCodes(
  ctx: WriteContext,
  userId: string,
  hashes: readonly string[],
  createdAt: Date,
): Promise<void> {
  const { localRecoveryCodes } = ctx.t
  await ctx.q.delete(localRecoveryCodes).where(eq(localRecoveryCodes.userId, userId))
  if (hashes.length > 0)
    await ctx.q.insert(localRecoveryCodes).values(hashes.map((hash) => ({ userId, hash, createdAt })))
}

/** How many recovery codes the person has left. */
export async function recoveryCodesLeft(ctx: ReadContext, userId: string): Promise<number> {
  const { localRecoveryCodes } = ctx.t
  const rows = await ctx.q
    .select({ n: count() })
    .from(localRecoveryCodes)
    .where(eq(localRecoveryCodes.userId, userId))
  return rows[0]?.n ?? 0
}

/** Uses a recovery code up; false when the person has no such one. */
export async function takeRecoveryCode(ctx: WriteContext, userId: string, hash: string): Promise<boolean> {
  const { localRecoveryCodes } = ctx.t
  const rows = await ctx.q
    .delete(localRecoveryCodes)
    .where(and(eq(localRecoveryCodes.userId, userId), eq(localRecoveryCodes.hash, hash)))
    .returning({ hash: localRecoveryCodes.hash })
  return rows.length === 1
}

/** Adds a factor to what a page session was begun with: its person has just shown it. */
export async function addSessionFactor(
  ctx: WriteContext,
  session: { readonly id: string; readonly factors: readonly string[] },
  factor: string,
): Promise<void> {
  const { localSessions } = ctx.t
  const factors = [...new Set([...session.factors, factor])]
  await ctx.q
    .update(localSessions)
    .set({ factors })
    .where(and(eq(localSessions.id, session.id), eq(localSessions.kind, 'page')))
}

/** Keeps what is waited for to be answered. */
export async function insertChallenge(ctx: WriteContext, row: ChallengeRow): Promise<void> {
  await ctx.q.insert(ctx.t.localChallenges).values(row)
}

/** A challenge of this kind that has not ended; undefined otherwise. */
export async function findChallenge(
  ctx: ReadContext,
  wanted: { readonly id: string; readonly kind: string; readonly now: Date },
): Promise<ChallengeRow | undefined> {
  const rows = await ctx.q.select().from(ctx.t.localChallenges).where(isOpen(ctx, wanted))
  return rows[0]
}

/** Uses a challenge up and returns it; undefined when it was used, has ended, is of another kind, or never was. */
export async function takeChallenge(
  ctx: WriteContext,
  wanted: { readonly id: string; readonly kind: string; readonly now: Date },
): Promise<ChallengeRow | undefined> {
  const rows = await ctx.q.delete(ctx.t.localChallenges).where(isOpen(ctx, wanted)).returning()
  return rows[0]
}

function isOpen(
  ctx: ReadContext,
  wanted: { readonly id: string; readonly kind: string; readonly now: Date },
) {
  const { localChallenges } = ctx.t
  return and(
    eq(localChallenges.id, wanted.id),
    eq(localChallenges.kind, wanted.kind),
    gt(localChallenges.expiresAt, wanted.now),
  )
}

/** Forgets challenges that ended before the time. */
export async function deleteChallengesBefore(ctx: WriteContext, before: Date): Promise<void> {
  await ctx.q.delete(ctx.t.localChallenges).where(lt(ctx.t.localChallenges.expiresAt, before))
}

/** How often the person gave a wrong code of this kind in a row; undefined for not at all. */
export async function factorTries(
  ctx: ReadContext,
  userId: string,
  kind: string,
): Promise<FactorTriesRow | undefined> {
  const { localFactorTries } = ctx.t
  const rows = await ctx.q
    .select()
    .from(localFactorTries)
    .where(and(eq(localFactorTries.userId, userId), eq(localFactorTries.kind, kind)))
  return rows[0]
}

/** Keeps how often it was wrong. */
export async function keepFactorTries(ctx: WriteContext, row: FactorTriesRow): Promise<void> {
  const { localFactorTries } = ctx.t
  const { wrong, waitUntil } = row
  await ctx.q
    .insert(localFactorTries)
    .values(row)
    .onConflictDoUpdate({
      target: [localFactorTries.userId, localFactorTries.kind],
      set: { wrong, waitUntil },
    })
}

/** Forgets wrong codes after a right one. */
export async function forgetFactorTries(ctx: WriteContext, userId: string, kind: string): Promise<void> {
  const { localFactorTries } = ctx.t
  await ctx.q
    .delete(localFactorTries)
    .where(and(eq(localFactorTries.userId, userId), eq(localFactorTries.kind, kind)))
}

/** Forgets all second factors of these people, with their recovery codes and what waits to be answered. */
export async function deleteFactorsOf(ctx: WriteContext, userIds: readonly string[]): Promise<number> {
  const { localFactors, localRecoveryCodes, localChallenges, localFactorTries } = ctx.t
  const ids = [...userIds]
  if (ids.length === 0) return 0
  await ctx.q.delete(localRecoveryCodes).where(inArray(localRecoveryCodes.userId, ids))
  await ctx.q.delete(localChallenges).where(inArray(localChallenges.userId, ids))
  await ctx.q.delete(localFactorTries).where(inArray(localFactorTries.userId, ids))
  const gone = await ctx.q
    .delete(localFactors)
    .where(inArray(localFactors.userId, ids))
    .returning({ id: localFactors.id })
  return gone.length
}
