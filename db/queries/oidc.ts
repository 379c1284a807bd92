import { and, asc, count, eq, gt, inArray, isNotNull, isNull, lt } from 'drizzle-orm'
import { insertJobs } from '#db/queries/jobs.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type OidcRecordRow = ReadContext['t']['oidcRecords']['$inferSelect']
export type OidcSignInRow = ReadContext['t']['oidcSignIns']['$inferSelect']

/** The kind of the job that tells one relying party that a sign-in has ended. */
export const logoutJobKind = 'tell_relying_party'

/** Keeps a record, in place of the one with the same id. */
export async function upsertOidcRecord(ctx: WriteContext, row: OidcRecordRow): Promise<void> {
  const { id: _, ...set } = row
  await ctx.q.insert(ctx.t.oidcRecords).values(row).onConflictDoUpdate({ target: ctx.t.oidcRecords.id, set })
}

/** The record with this id; undefined when there is none. */
export async function findOidcRecord(ctx: ReadContext, id: string): Promise<OidcRecordRow | undefined> {
  const { oidcRecords } = ctx.t
  const rows = await ctx.q.select().from(oidcRecords).where(eq(oidcRecords.id, id))
  return rows[0]
}

/** The record of a kind with this uid; undefined when there is none. */
export async function findOidcRecordByUid(
  ctx: ReadContext,
  kind: string,
  uid: string,
): Promise<OidcRecordRow | undefined> {
  const { oidcRecords } = ctx.t
  const rows = await ctx.q
    .select()
    .from(oidcRecords)
    .where(and(eq(oidcRecords.uid, uid), eq(oidcRecords.kind, kind)))
  return rows[0]
}

/** All records of a person. */
export async function oidcRecordsOf(ctx: ReadContext, userId: string): Promise<readonly OidcRecordRow[]> {
  const { oidcRecords } = ctx.t
  return await ctx.q.select().from(oidcRecords).where(eq(oidcRecords.userId, userId))
}

/** Uses a record up; false when it was used already, or is gone. Of two at once one gets true. */
export async function consumeOidcRecord(ctx: WriteContext, id: string, at: Date): Promise<boolean> {
  const { oidcRecords } = ctx.t
  const rows = await ctx.q
    .update(oidcRecords)
    .set({ consumedAt: at })
    .where(and(eq(oidcRecords.id, id), isNull(oidcRecords.consumedAt)))
    .returning({ id: oidcRecords.id })
  return rows.length === 1
}

/** Forgets a record. */
export async function deleteOidcRecord(ctx: WriteContext, id: string): Promise<void> {
  await ctx.q.delete(ctx.t.oidcRecords).where(eq(ctx.t.oidcRecords.id, id))
}

/** Forgets the records of a kind, or of all kinds, that came out of a grant. */
export async function deleteOidcRecordsOfGrant(
  ctx: WriteContext,
  grantId: string,
  kind?: string,
): Promise<void> {
  const { oidcRecords } = ctx.t
  await ctx.q
    .delete(oidcRecords)
    .where(and(eq(oidcRecords.grantId, grantId), kind === undefined ? undefined : eq(oidcRecords.kind, kind)))
}

/** Forgets up to `limit` records that ended before the time, and returns how many. */
export async function deleteOidcRecordsOverBefore(
  ctx: WriteContext,
  before: Date,
  limit: number,
): Promise<number> {
  const { oidcRecords } = ctx.t
  const over = ctx.q
    .select({ id: oidcRecords.id })
    .from(oidcRecords)
    .where(lt(oidcRecords.expiresAt, before))
    .limit(limit)
  const gone = await ctx.q
    .delete(oidcRecords)
    .where(inArray(oidcRecords.id, over))
    .returning({ id: oidcRecords.id })
  return gone.length
}

/** Forgets up to `limit` records that hang on page sessions which ended by themselves before the time; returns how many. */
export async function deleteOidcRecordsOfSessionsOverBefore(
  ctx: WriteContext,
  before: Date,
  limit: number,
): Promise<number> {
  const { oidcRecords, localSessions } = ctx.t
  const useless = ctx.q
    .select({ id: oidcRecords.id })
    .from(localSessions)
    .innerJoin(oidcRecords, eq(oidcRecords.sessionId, localSessions.id))
    .where(lt(localSessions.expiresAt, before))
    .limit(limit)
  const gone = await ctx.q
    .delete(oidcRecords)
    .where(inArray(oidcRecords.id, useless))
    .returning({ id: oidcRecords.id })
  return gone.length
}

/** How many records that were begun from a source are neither finished nor over at the time. */
export async function unfinishedFrom(ctx: ReadContext, source: string, at: Date): Promise<number> {
  const { oidcRecords } = ctx.t
  const [row] = await ctx.q
    .select({ n: count() })
    .from(oidcRecords)
    .where(and(eq(oidcRecords.source, source), gt(oidcRecords.expiresAt, at)))
  return row?.n ?? 0
}

/**
 * Forgets the oldest of the records that anybody may begin, from all sources together, once there are more than `limit`: a
 * tenth of them, so that this is done seldom.
 */
export async function trimUnfinished(ctx: WriteContext, limit: number): Promise<number> {
  const { oidcRecords } = ctx.t
  const [row] = await ctx.q.select({ n: count() }).from(oidcRecords).where(isNotNull(oidcRecords.source))
  const there = row?.n ?? 0
  if (there <= limit) return 0
  const oldest = ctx.q
    .select({ id: oidcRecords.id })
    .from(oidcRecords)
    .where(isNotNull(oidcRecords.source))
    .orderBy(asc(oidcRecords.expiresAt))
    .limit(there - Math.floor(limit * 0.9))
  const gone = await ctx.q
    .delete(oidcRecords)
    .where(inArray(oidcRecords.id, oldest))
    .returning({ id: oidcRecords.id })
  return gone.length
}

/** Keeps that somebody is signed in at relying parties, and returns those that are new; a known sid is left as it is. */
export async function insertOidcSignIns(
  ctx: WriteContext,
  rows: readonly OidcSignInRow[],
): Promise<readonly OidcSignInRow[]> {
  if (rows.length === 0) return []
  return await ctx.q
    .insert(ctx.t.oidcSignIns)
    .values([...rows])
    .onConflictDoNothing()
    .returning()
}

/** At which relying parties these people are signed in. */
export async function oidcSignInsOf(
  ctx: ReadContext,
  userIds: readonly string[],
): Promise<readonly OidcSignInRow[]> {
  const { oidcSignIns } = ctx.t
  return await ctx.q
    .select()
    .from(oidcSignIns)
    .where(inArray(oidcSignIns.userId, [...userIds]))
}

/** Forgets sign-ins that began before the time: their sessions are long over. */
export async function deleteOidcSignInsBefore(ctx: WriteContext, before: Date): Promise<void> {
  await ctx.q.delete(ctx.t.oidcSignIns).where(lt(ctx.t.oidcSignIns.createdAt, before))
}

/** Ends all that these people have at relying parties, which are told by jobs of the same transaction. */
export async function endOidcOfUsers(ctx: WriteContext, userIds: readonly string[]): Promise<void> {
  const { oidcRecords, oidcSignIns } = ctx.t
  if (userIds.length === 0) return
  await ctx.q.delete(oidcRecords).where(inArray(oidcRecords.userId, [...userIds]))
  const gone = await ctx.q
    .delete(oidcSignIns)
    .where(inArray(oidcSignIns.userId, [...userIds]))
    .returning()
  await tell(ctx, gone)
}

/** Ends what hangs on these page sessions at relying parties, which are told by jobs of the same transaction. */
export async function endOidcOfSessions(ctx: WriteContext, sessionIds: readonly string[]): Promise<void> {
  const { oidcRecords, oidcSignIns } = ctx.t
  if (sessionIds.length === 0) return
  await ctx.q.delete(oidcRecords).where(inArray(oidcRecords.sessionId, [...sessionIds]))
  const gone = await ctx.q
    .delete(oidcSignIns)
    .where(inArray(oidcSignIns.sessionId, [...sessionIds]))
    .returning()
  await tell(ctx, gone)
}

/** Ends a person's sign-ins at one relying party, which is told by jobs of the same transaction; returns how many there were. */
export async function endOidcSignInsAt(
  ctx: WriteContext,
  { userId, clientId }: Pick<OidcSignInRow, 'userId' | 'clientId'>,
): Promise<number> {
  const { oidcSignIns } = ctx.t
  const gone = await ctx.q
    .delete(oidcSignIns)
    .where(and(eq(oidcSignIns.userId, userId), eq(oidcSignIns.clientId, clientId)))
    .returning()
  await tell(ctx, gone)
  return gone.length
}

async function tell(ctx: WriteContext, signIns: readonly OidcSignInRow[]): Promise<void> {
  if (signIns.length === 0) return
  await insertJobs(
    ctx,
    // Due since the sign-in, which is at once.
    signIns.map(({ sid, clientId, userId, createdAt }) => ({
      ...{ kind: logoutJobKind, payload: { sid, clientId, userId }, runAt: createdAt, createdAt },
    })),
  )
  ctx.touch('jobs')
}
