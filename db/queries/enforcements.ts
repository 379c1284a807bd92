import { and, asc, count, eq, inArray, isNotNull, isNull, max, or, sql, type SQL } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

type EnforcementTable = ReadContext['t']['enforcements']

export type EnforcementRow = EnforcementTable['$inferSelect']

export type NewEnforcementRow = EnforcementTable['$inferInsert']

/** One account in one IAM system. */
export interface AccountRef {
  readonly systemId: string
  readonly accountId: string
}

/** Adds enforcements to a task that is there. */
export async function insertEnforcements(
  ctx: WriteContext,
  rows: readonly NewEnforcementRow[],
): Promise<void> {
  for (const part of inParts(rows)) await ctx.q.insert(ctx.t.enforcements).values([...part])
}

/** In the order in which people see them. */
export async function enforcementsOfTask(ctx: ReadContext, taskId: string): Promise<EnforcementRow[]> {
  const { enforcements } = ctx.t
  return await ctx.q
    .select()
    .from(enforcements)
    .where(eq(enforcements.taskId, taskId))
    .orderBy(asc(enforcements.position), asc(enforcements.id))
}

/** Those of several tasks, each task's in the order in which people see them. */
export async function enforcementsOfTasks(
  ctx: ReadContext,
  taskIds: readonly string[],
): Promise<EnforcementRow[]> {
  const { enforcements } = ctx.t
  const all: EnforcementRow[] = []
  for (const part of inParts(taskIds))
    all.push(
      ...(await ctx.q
        .select()
        .from(enforcements)
        .where(inArray(enforcements.taskId, [...part]))
        .orderBy(asc(enforcements.taskId), asc(enforcements.position), asc(enforcements.id))),
    )
  return all
}

/** How the accounts of one person of the task stand, in their order; 0 in a task about one person. */
export async function standsOfPerson(ctx: ReadContext, taskId: string, person: number) {
  const { enforcements } = ctx.t
  const { id, systemId, status, run, follows, remarks } = enforcements
  return await ctx.q
    .select({ id, systemId, status, run, follows, remarks })
    .from(enforcements)
    .where(and(eq(enforcements.taskId, taskId), eq(enforcements.person, person)))
    .orderBy(asc(enforcements.position), asc(id))
}

/** Those on the accounts of one person of the task, in their order; 0 in a task about one person. */
export async function enforcementsOfPerson(
  ctx: ReadContext,
  taskId: string,
  person: number,
): Promise<EnforcementRow[]> {
  const { enforcements } = ctx.t
  return await ctx.q
    .select()
    .from(enforcements)
    .where(and(eq(enforcements.taskId, taskId), eq(enforcements.person, person)))
    .orderBy(asc(enforcements.position), asc(enforcements.id))
}

/** Undefined when there is none. */
export async function findEnforcement(ctx: ReadContext, id: string): Promise<EnforcementRow | undefined> {
  const rows = await ctx.q.select().from(ctx.t.enforcements).where(eq(ctx.t.enforcements.id, id))
  return rows[0]
}

/** Changes the given columns of one enforcement. */
export async function updateEnforcement(
  ctx: WriteContext,
  id: string,
  fields: Partial<NewEnforcementRow>,
): Promise<void> {
  await updateEnforcements(ctx, [id], fields)
}

/** Changes the given columns of several enforcements. */
export async function updateEnforcements(
  ctx: WriteContext,
  ids: readonly string[],
  fields: Partial<NewEnforcementRow>,
): Promise<void> {
  const { enforcements } = ctx.t
  for (const part of inParts(ids))
    await ctx.q
      .update(enforcements)
      .set(fields)
      .where(inArray(enforcements.id, [...part]))
}

/**
 * Writes how one run of an enforcement ended. False, with nothing written, when a newer run has it, or when it has ended
 * already and `late` endings do not count.
 */
export async function endEnforcement(
  ctx: WriteContext,
  id: string,
  only: { readonly run: number; readonly late: boolean },
  fields: Partial<NewEnforcementRow>,
): Promise<boolean> {
  const { enforcements } = ctx.t
  const rows = await ctx.q
    .update(enforcements)
    .set(fields)
    .where(
      and(
        eq(enforcements.id, id),
        eq(enforcements.run, only.run),
        only.late ? undefined : eq(enforcements.status, 'running'),
      ),
    )
    .returning({ id: enforcements.id })
  return rows.length > 0
}

/**
 * The Disable enforcements on the account that changed it, or may have, and that no Enable has undone; the earliest
 * first. An enforcement that found the account disabled already changed nothing and is left out.
 */
export async function disablesNotUndone(ctx: ReadContext, account: AccountRef): Promise<EnforcementRow[]> {
  const { enforcements, journal } = ctx.t
  return await ctx.q
    .select()
    .from(enforcements)
    .where(
      and(
        onAccounts(enforcements, [account]),
        eq(enforcements.action, 'disable_account'),
        eq(enforcements.already, false),
        isNull(enforcements.undoneBy),
        inArray(
          enforcements.id,
          ctx.q.select({ scope: journal.scope }).from(journal).where(eq(journal.name, 'written')),
        ),
      ),
    )
    .orderBy(asc(enforcements.startedAt), asc(enforcements.id))
}

/** Marks all that `disablesNotUndone` returns for the account as undone by the task. */
export async function markUndone(ctx: WriteContext, account: AccountRef, taskId: string): Promise<void> {
  const { enforcements } = ctx.t
  await ctx.q
    .update(enforcements)
    .set({ undoneBy: taskId })
    .where(
      and(
        onAccounts(enforcements, [account]),
        eq(enforcements.action, 'disable_account'),
        isNull(enforcements.undoneBy),
        inArray(enforcements.status, ['successful', 'unsuccessful']),
      ),
    )
}

/** The Disable tasks of which the Enable task undid something. */
export async function tasksUndoneBy(ctx: ReadContext, taskId: string): Promise<string[]> {
  const { enforcements } = ctx.t
  const rows = await ctx.q
    .selectDistinct({ taskId: enforcements.taskId })
    .from(enforcements)
    .where(eq(enforcements.undoneBy, taskId))
  return rows.map((row) => row.taskId)
}

/** The condition that an enforcement is on one of the accounts. */
export function onAccounts(table: EnforcementTable, accounts: readonly AccountRef[]): SQL | undefined {
  return or(
    ...accounts.map((one) => and(eq(table.systemId, one.systemId), eq(table.accountId, one.accountId))),
  )
}

/** The same in parts, each of which one statement can name: both engines limit how many values one holds. */
export function inParts<T>(all: readonly T[]): readonly (readonly T[])[] {
  const size = 200
  return Array.from({ length: Math.ceil(all.length / size) }, (_, part) =>
    all.slice(part * size, (part + 1) * size),
  )
}

/** How many enforcements of a task are in each status, person by person. */
export async function countByPerson(
  ctx: ReadContext,
  taskId: string,
): Promise<{ readonly person: number; readonly status: string; readonly n: number }[]> {
  const { enforcements } = ctx.t
  return await ctx.q
    .select({ person: enforcements.person, status: enforcements.status, n: count() })
    .from(enforcements)
    .where(eq(enforcements.taskId, taskId))
    .groupBy(enforcements.person, enforcements.status)
}

/** Whether an enforcement of a task is in one of the statuses. */
export async function hasEnforcements(
  ctx: ReadContext,
  taskId: string,
  statuses: readonly string[],
): Promise<boolean> {
  const { enforcements } = ctx.t
  const rows = await ctx.q
    .select({ id: enforcements.id })
    .from(enforcements)
    .where(and(eq(enforcements.taskId, taskId), inArray(enforcements.status, [...statuses])))
    .limit(1)
  return rows.length > 0
}

/** How many enforcements of a task are in one of the statuses. */
export async function countEnforcements(
  ctx: ReadContext,
  taskId: string,
  statuses: readonly string[],
): Promise<number> {
  const { enforcements } = ctx.t
  const rows = await ctx.q
    .select({ n: count() })
    .from(enforcements)
    .where(and(eq(enforcements.taskId, taskId), inArray(enforcements.status, [...statuses])))
  return rows[0]?.n ?? 0
}

/** How many enforcements of a Disable still stand as it left them. */
export async function countStanding(ctx: ReadContext, taskId: string): Promise<number> {
  const { enforcements } = ctx.t
  const rows = await ctx.q
    .select({ n: count() })
    .from(enforcements)
    .where(
      and(
        eq(enforcements.taskId, taskId),
        isNotNull(enforcements.readBack),
        eq(enforcements.already, false),
        sql`${enforcements.undoneBy} is null`,
      ),
    )
  return rows[0]?.n ?? 0
}

/** Has all failed enforcements of a task wait for another run, and answers whose they are. */
export async function waitAgain(ctx: WriteContext, taskId: string): Promise<number[]> {
  const { enforcements } = ctx.t
  const rows = await ctx.q
    .update(enforcements)
    .set({ status: 'waiting', run: sql`${enforcements.run} + 1`, finishedAt: null })
    .where(and(eq(enforcements.taskId, taskId), eq(enforcements.status, 'unsuccessful')))
    .returning({ person: enforcements.person })
  return rows.map((row) => row.person)
}

/** The highest run of a task's enforcements: 1 until something was sent again. */
export async function lastRun(ctx: ReadContext, taskId: string): Promise<number> {
  const { enforcements } = ctx.t
  const rows = await ctx.q
    .select({ run: max(enforcements.run) })
    .from(enforcements)
    .where(eq(enforcements.taskId, taskId))
  return rows[0]?.run ?? 1
}
