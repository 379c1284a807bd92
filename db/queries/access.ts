import { and, asc, eq, exists, inArray, or, type SQL } from 'drizzle-orm'
import { accessChanged } from '#db/queries/local-counts.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type AccessRuleRow = ReadContext['t']['accessRules']['$inferSelect']

/** What is reached: an OpenID client or a protected host. */
export interface ResourceKey {
  readonly kind: 'client' | 'host'
  readonly id: string
}

/** Whom the configuration lets in: by address and by group name as they are compared, or everybody. */
export interface FixedAdmission {
  readonly everybody: boolean
  readonly emailKeys: readonly string[]
  readonly groupKeys: readonly string[]
}

/**
 * The condition that a rule, of the table or of the configuration, names the local user of the row: by person, by a group
 * that they are in, or because it names everybody.
 */
export function isAdmitted(ctx: ReadContext, resource: ResourceKey, fixed: FixedAdmission): SQL | undefined {
  const { accessRules, localUsers, localGroups, localMembers } = ctx.t
  if (fixed.everybody) return undefined
  const rules = ctx.q
    .select({ id: accessRules.id })
    .from(accessRules)
    .where(
      and(
        eq(accessRules.resourceKind, resource.kind),
        eq(accessRules.resourceId, resource.id),
        or(
          eq(accessRules.whoKind, 'everybody'),
          and(eq(accessRules.whoKind, 'user'), eq(accessRules.whoId, localUsers.id)),
          and(
            eq(accessRules.whoKind, 'group'),
            inArray(
              accessRules.whoId,
              ctx.q
                .select({ id: localMembers.groupId })
                .from(localMembers)
                .where(eq(localMembers.userId, localUsers.id)),
            ),
          ),
        ),
      ),
    )
  const namedGroups = ctx.q
    .select({ id: localGroups.id })
    .from(localGroups)
    .innerJoin(localMembers, eq(localMembers.groupId, localGroups.id))
    .where(and(inArray(localGroups.nameKey, [...fixed.groupKeys]), eq(localMembers.userId, localUsers.id)))
  return or(
    exists(rules),
    fixed.emailKeys.length === 0 ? undefined : inArray(localUsers.emailKey, [...fixed.emailKeys]),
    fixed.groupKeys.length === 0 ? undefined : exists(namedGroups),
  )
}

/** Whether the local user is enabled and a rule lets them reach the resource. One query. */
export async function isLetIn(
  ctx: ReadContext,
  userId: string,
  resource: ResourceKey,
  fixed: FixedAdmission,
): Promise<boolean> {
  const { localUsers } = ctx.t
  const rows = await ctx.q
    .select({ id: localUsers.id })
    .from(localUsers)
    .where(and(eq(localUsers.id, userId), eq(localUsers.state, 'enabled'), isAdmitted(ctx, resource, fixed)))
  return rows.length === 1
}

/** Adds a rule; false when it was there already. */
export async function insertAccessRule(ctx: WriteContext, row: AccessRuleRow): Promise<boolean> {
  const rows = await ctx.q
    .insert(ctx.t.accessRules)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: ctx.t.accessRules.id })
  if (rows.length === 1) await accessChanged(ctx)
  return rows.length === 1
}

/** Takes a rule away and returns it; undefined when it was gone. */
export async function deleteAccessRule(ctx: WriteContext, id: string): Promise<AccessRuleRow | undefined> {
  const rows = await ctx.q.delete(ctx.t.accessRules).where(eq(ctx.t.accessRules.id, id)).returning()
  if (rows.length > 0) await accessChanged(ctx)
  return rows[0]
}

/** Takes away all rules that name these users or groups, which are being deleted. */
export async function deleteAccessRulesOf(
  ctx: WriteContext,
  kind: 'user' | 'group',
  ids: readonly string[],
): Promise<void> {
  const { accessRules } = ctx.t
  if (ids.length === 0) return
  const gone = await ctx.q
    .delete(accessRules)
    .where(and(eq(accessRules.whoKind, kind), inArray(accessRules.whoId, [...ids])))
    .returning({ id: accessRules.id })
  if (gone.length > 0) await accessChanged(ctx)
}

/** Rules with whom they name: `name` is the person's address or the group's name, null for everybody. Oldest first. */
export async function findAccessRules(
  ctx: ReadContext,
  wanted: { readonly who?: { readonly kind: 'user' | 'group' | 'everybody'; readonly id: string } } = {},
): Promise<(AccessRuleRow & { readonly email: string | null; readonly group: string | null })[]> {
  const { accessRules: table, localUsers, localGroups } = ctx.t
  const { who } = wanted
  const rows = await ctx.q
    .select({ rule: table, email: localUsers.email, group: localGroups.name })
    .from(table)
    .leftJoin(localUsers, and(eq(table.whoKind, 'user'), eq(localUsers.id, table.whoId)))
    .leftJoin(localGroups, and(eq(table.whoKind, 'group'), eq(localGroups.id, table.whoId)))
    .where(who === undefined ? undefined : and(eq(table.whoKind, who.kind), eq(table.whoId, who.id)))
    .orderBy(asc(table.createdAt), asc(table.id))
  return rows.map(({ rule, email, group }) => ({ ...rule, email, group }))
}
