import { eq, inArray, lt } from 'drizzle-orm'
import type { LocalSessionRow } from '#db/queries/local-users-sign-in.ts'
import type { LocalUserRow } from '#db/queries/local-users.ts'
import { endOidcOfSessions } from '#db/queries/oidc.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'

/** A session with the person whose it is, as one read finds them. */
export interface SessionFound {
  readonly session: LocalSessionRow
  readonly user: Pick<LocalUserRow, 'id' | 'email' | 'state'>
  /** Names, in no particular order. */
  readonly groups: readonly string[]
}

/** The session with its person and their groups, in one statement by primary keys; undefined when there is none. */
export async function sessionWithUser(ctx: ReadContext, id: string): Promise<SessionFound | undefined> {
  const { localSessions, localUsers, localMembers, localGroups } = ctx.t
  const rows = await ctx.q
    .select({
      session: localSessions,
      user: { id: localUsers.id, email: localUsers.email, state: localUsers.state },
      group: localGroups.name,
    })
    .from(localSessions)
    .innerJoin(localUsers, eq(localUsers.id, localSessions.userId))
    .leftJoin(localMembers, eq(localMembers.userId, localSessions.userId))
    .leftJoin(localGroups, eq(localGroups.id, localMembers.groupId))
    .where(eq(localSessions.id, id))
  const [first] = rows
  if (first === undefined) return undefined
  const groups = rows.flatMap(({ group }) => (group === null ? [] : [group]))
  return { session: first.session, user: first.user, groups }
}

/** Ends a session and all that came out of it, also at relying parties; returns how many sessions there were. */
export async function endSessionTree(ctx: WriteContext, id: string): Promise<number> {
  const { localSessions } = ctx.t
  let ended = 0
  for (let level = [id]; level.length > 0;) {
    await endOidcOfSessions(ctx, level)
    const gone = await ctx.q
      .delete(localSessions)
      .where(inArray(localSessions.id, level))
      .returning({ id: localSessions.id })
    const children = await ctx.q
      .select({ id: localSessions.id })
      .from(localSessions)
      .where(inArray(localSessions.parentId, level))
    ended += gone.length
    level = children.map((child) => child.id)
  }
  return ended
}

/** Forgets sessions that were over before the time. */
export async function deleteSessionsOverBefore(ctx: WriteContext, before: Date): Promise<void> {
  await ctx.q.delete(ctx.t.localSessions).where(lt(ctx.t.localSessions.expiresAt, before))
}
