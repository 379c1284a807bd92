import { and, eq, gt, lt, sql } from 'drizzle-orm'
import { type FixedAdmission, isAdmitted, type ResourceKey } from '#db/queries/access.ts'
import { perConnection, unnamed } from '#db/per-connection.ts'
import { isAccessCount } from '#db/queries/local-counts.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type AccessTicketRow = ReadContext['t']['accessTickets']['$inferSelect']

/** Keeps a ticket. */
export async function insertAccessTicket(ctx: WriteContext, row: AccessTicketRow): Promise<void> {
  await ctx.q.insert(ctx.t.accessTickets).values(row)
}

/** Takes a ticket, so that nobody else does; undefined when it is none, is used, ended, or is for another host. */
export async function takeAccessTicket(
  ctx: WriteContext,
  ticket: { readonly id: string; readonly host: string; readonly browserHash: string },
  now: Date,
): Promise<AccessTicketRow | undefined> {
  const { accessTickets } = ctx.t
  const rows = await ctx.q
    .delete(accessTickets)
    .where(
      and(
        eq(accessTickets.id, ticket.id),
        eq(accessTickets.host, ticket.host),
        eq(accessTickets.browserHash, ticket.browserHash),
        gt(accessTickets.expiresAt, now),
      ),
    )
    .returning()
  return rows[0]
}

/** Forgets tickets that ended before the time unused. */
export async function deleteTicketsEndedBefore(ctx: WriteContext, before: Date): Promise<void> {
  await ctx.q.delete(ctx.t.accessTickets).where(lt(ctx.t.accessTickets.expiresAt, before))
}

/** What of a session is read at each request, with the number of changes of access until then. */
export interface SessionNow {
  readonly kind: string
  readonly parentId: string | null
  readonly expiresAt: Date
  readonly changes: number
}

/** A session by its primary key, with how often access changed; undefined when there is none. */
export async function sessionNow(ctx: ReadContext, sessionId: string): Promise<SessionNow | undefined> {
  const rows = await sessionNowById(ctx).execute({ sessionId })
  return rows[0] && { ...rows[0], changes: rows[0].changes ?? 0 }
}

const sessionNowById = perConnection((ctx) => {
  const { localSessions, localCounts } = ctx.t
  return ctx.q
    .select({
      kind: localSessions.kind,
      parentId: localSessions.parentId,
      expiresAt: localSessions.expiresAt,
      changes: localCounts.n,
    })
    .from(localSessions)
    .leftJoin(localCounts, isAccessCount(ctx))
    .where(eq(localSessions.id, sql.placeholder('sessionId')))
    .prepare(unnamed)
})

/** A session with its person, their groups, and whether a rule lets them reach the resource. */
export interface SessionAtResource {
  readonly userId: string
  readonly email: string
  readonly state: string
  readonly isAdmitted: boolean
  /** How often access changed until this was read. */
  readonly changes: number
  /** Names, in no particular order. */
  readonly groups: readonly string[]
}

/** All that a verdict at a protected host is made of, in one statement; undefined when there is no session. */
export async function sessionAtResource(
  ctx: ReadContext,
  sessionId: string,
  resource: ResourceKey,
  fixed: FixedAdmission,
): Promise<SessionAtResource | undefined> {
  const { localSessions, localUsers, localMembers, localGroups, localCounts } = ctx.t
  const admitted = isAdmitted(ctx, resource, fixed) ?? sql`1 = 1`
  const rows = await ctx.q
    .select({
      userId: localUsers.id,
      email: localUsers.email,
      state: localUsers.state,
      admitted: sql<number>`case when ${admitted} then 1 else 0 end`,
      group: localGroups.name,
      changes: localCounts.n,
    })
    .from(localSessions)
    .innerJoin(localUsers, eq(localUsers.id, localSessions.userId))
    .leftJoin(localMembers, eq(localMembers.userId, localSessions.userId))
    .leftJoin(localGroups, eq(localGroups.id, localMembers.groupId))
    .leftJoin(localCounts, isAccessCount(ctx))
    .where(eq(localSessions.id, sessionId))
  const [first] = rows
  if (first === undefined) return undefined
  const { admitted: word, group: _group, ...session } = first
  const groups = rows.flatMap(({ group }) => (group === null ? [] : [group]))
  return { ...session, isAdmitted: word === 1, changes: first.changes ?? 0, groups }
}
