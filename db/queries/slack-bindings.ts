import { and, asc, eq, inArray } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type BindingRow = ReadContext['t']['slackBindings']['$inferSelect']

/** The binding of a Slack person, asked for or confirmed; undefined when there is none. */
export async function bindingOfSlack(ctx: ReadContext, slackUserId: string): Promise<BindingRow | undefined> {
  const { slackBindings } = ctx.t
  const rows = await ctx.q.select().from(slackBindings).where(eq(slackBindings.slackUserId, slackUserId))
  return rows[0]
}

/** The binding of a local user, asked for or confirmed; undefined when there is none. */
export async function bindingOfUser(ctx: ReadContext, userId: string): Promise<BindingRow | undefined> {
  const { slackBindings } = ctx.t
  const rows = await ctx.q.select().from(slackBindings).where(eq(slackBindings.userId, userId))
  return rows[0]
}

/** A binding with the local user that it names. */
export interface BindingWithUser {
  readonly binding: BindingRow
  readonly email: string
  readonly state: string
}

/** All bindings, asked for or confirmed, in the order in which they were asked for. */
export async function bindingsWithUsers(ctx: ReadContext): Promise<BindingWithUser[]> {
  const { slackBindings, localUsers } = ctx.t
  return await ctx.q
    .select({ binding: slackBindings, email: localUsers.email, state: localUsers.state })
    .from(slackBindings)
    .innerJoin(localUsers, eq(localUsers.id, slackBindings.userId))
    .orderBy(asc(slackBindings.createdAt), asc(slackBindings.slackUserId))
}

/** Which of these local users somebody is bound to by an owner's word. */
export async function boundAmong(ctx: ReadContext, userIds: readonly string[]): Promise<readonly string[]> {
  const { slackBindings } = ctx.t
  if (userIds.length === 0) return []
  const rows = await ctx.q
    .select({ userId: slackBindings.userId })
    .from(slackBindings)
    .where(and(inArray(slackBindings.userId, [...userIds]), eq(slackBindings.state, 'confirmed')))
  return rows.map((row) => row.userId)
}

/** Keeps a binding that is asked for. Throws `ConflictError` when the Slack person or the local user has one. */
export async function insertBinding(
  ctx: WriteContext,
  row: ReadContext['t']['slackBindings']['$inferInsert'],
): Promise<void> {
  await ctx.q.insert(ctx.t.slackBindings).values(row)
}

/** An owner's word on a request; false when it is decided, replaced or gone. */
export async function confirmBinding(
  ctx: WriteContext,
  requestId: string,
  confirmed: { readonly confirmedAt: Date; readonly confirmedBy: string },
): Promise<boolean> {
  const { slackBindings } = ctx.t
  const rows = await ctx.q
    .update(slackBindings)
    .set({ state: 'confirmed', ...confirmed })
    .where(and(eq(slackBindings.requestId, requestId), eq(slackBindings.state, 'asked')))
    .returning({ id: slackBindings.slackUserId })
  return rows.length === 1
}

/** The binding of this request; undefined when it is replaced or gone. */
export async function bindingOfRequest(ctx: ReadContext, requestId: string): Promise<BindingRow | undefined> {
  const { slackBindings } = ctx.t
  const rows = await ctx.q.select().from(slackBindings).where(eq(slackBindings.requestId, requestId))
  return rows[0]
}

/** Removes the bindings of these local users, or of one Slack person; returns them. */
export async function deleteBindings(
  ctx: WriteContext,
  of: { readonly userIds: readonly string[] } | { readonly slackUserId: string },
): Promise<BindingRow[]> {
  const { slackBindings } = ctx.t
  if ('userIds' in of && of.userIds.length === 0) return []
  const whose =
    'userIds' in of
      ? inArray(slackBindings.userId, [...of.userIds])
      : eq(slackBindings.slackUserId, of.slackUserId)
  return await ctx.q.delete(slackBindings).where(whose).returning()
}
