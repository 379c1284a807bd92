import { and, asc, count, desc, eq, gt, gte, inArray, isNull, lte, ne, or, sql, type SQL } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

type TaskTable = ReadContext['t']['tasks']
type EnforcementTable = ReadContext['t']['enforcements']
export type TaskRow = TaskTable['$inferSelect']
export type NewTaskRow = TaskTable['$inferInsert']
export type EnforcementRow = EnforcementTable['$inferSelect']
export type NewEnforcementRow = EnforcementTable['$inferInsert']

/** One account in one IAM system. */
export interface AccountRef {
  readonly systemId: string
  readonly accountId: string
}

const unfinished = ['pending_approval', 'in_progress']

/** Throws `ConflictError` when the id is taken or the look-up already made a task. */
export async function insertTask(
  ctx: WriteContext,
  task: NewTaskRow,
  enforcements: readonly NewEnforcementRow[],
): Promise<void> {
  await ctx.q.insert(ctx.t.tasks).values(task)
  await insertEnforcements(ctx, enforcements)
}

/** Adds enforcements to a task that is there. */
export async function insertEnforcements(
  ctx: WriteContext,
  rows: readonly NewEnforcementRow[],
): Promise<void> {
  for (const part of inParts(rows)) await ctx.q.insert(ctx.t.enforcements).values([...part])
}

// Both engines limit how many values one statement holds.
function inParts<T>(all: readonly T[]): readonly (readonly T[])[] {
  const size = 200
  return Array.from({ length: Math.ceil(all.length / size) }, (_, part) =>
    all.slice(part * size, (part + 1) * size),
  )
}

/** Undefined when there is none. */
export async function findTask(ctx: ReadContext, id: string): Promise<TaskRow | undefined> {
  const rows = await ctx.q.select().from(ctx.t.tasks).where(eq(ctx.t.tasks.id, id))
  return rows[0]
}

/** The task that was made of a look-up; undefined when none was. */
export async function findTaskByLookUp(ctx: ReadContext, lookUpId: string): Promise<TaskRow | undefined> {
  const rows = await ctx.q.select().from(ctx.t.tasks).where(eq(ctx.t.tasks.lookUpId, lookUpId))
  return rows[0]
}

/** Changes the given columns of one task. */
export async function updateTask(ctx: WriteContext, id: string, fields: Partial<NewTaskRow>): Promise<void> {
  await ctx.q.update(ctx.t.tasks).set(fields).where(eq(ctx.t.tasks.id, id))
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
  await ctx.q.update(ctx.t.enforcements).set(fields).where(eq(ctx.t.enforcements.id, id))
}

function onAccounts(table: EnforcementTable, accounts: readonly AccountRef[]): SQL | undefined {
  return or(
    ...accounts.map((one) => and(eq(table.systemId, one.systemId), eq(table.accountId, one.accountId))),
  )
}

/** The tasks that still wait or run and cover one of the accounts, with the enforcement that does. Oldest first. */
export async function unfinishedOnAccounts(
  ctx: ReadContext,
  accounts: readonly AccountRef[],
): Promise<{ task: TaskRow; enforcement: EnforcementRow }[]> {
  const { tasks, enforcements } = ctx.t
  const all: { task: TaskRow; enforcement: EnforcementRow }[] = []
  for (const part of inParts(accounts))
    all.push(
      ...(await ctx.q
        .select({ task: tasks, enforcement: enforcements })
        .from(enforcements)
        .innerJoin(tasks, eq(tasks.id, enforcements.taskId))
        .where(and(inArray(tasks.status, unfinished), onAccounts(enforcements, part)))
        .orderBy(asc(tasks.createdAt), asc(tasks.id))),
    )
  return all.toSorted((one, other) => one.task.createdAt.getTime() - other.task.createdAt.getTime())
}

/** The newest task with one of the actions, made after `than`, that covers the account and was not withdrawn before it ran. */
export async function newerTaskOnAccount(
  ctx: ReadContext,
  account: AccountRef,
  than: { readonly taskId: string; readonly createdAt: Date; readonly actions: readonly string[] },
): Promise<TaskRow | undefined> {
  const { tasks, enforcements } = ctx.t
  const rows = await ctx.q
    .select({ task: tasks })
    .from(enforcements)
    .innerJoin(tasks, eq(tasks.id, enforcements.taskId))
    .where(
      and(
        onAccounts(enforcements, [account]),
        ne(tasks.id, than.taskId),
        gt(tasks.createdAt, than.createdAt),
        inArray(tasks.action, [...than.actions]),
        inArray(tasks.status, [...unfinished, 'successful', 'partially_successful', 'unsuccessful']),
      ),
    )
    .orderBy(desc(tasks.createdAt))
    .limit(1)
  return rows[0]?.task
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

/** What `/tasks` asks for. `text` is matched anywhere in id, target, requester and description, ignoring case. */
export interface TaskSearch {
  readonly text?: string | undefined
  readonly status?: string | undefined
  readonly action?: string | undefined
  readonly requesterId?: string | undefined
  /** A system that has a part in the task. */
  readonly systemId?: string | undefined
  /** Created then or later. */
  readonly from?: Date | undefined
  /** Created then or earlier. */
  readonly until?: Date | undefined
  readonly limit: number
  readonly offset: number
}

/** One page, newest first, and how many there are in all. */
export async function searchTasks(
  ctx: ReadContext,
  search: TaskSearch,
): Promise<{ rows: TaskRow[]; total: number }> {
  const { tasks, enforcements } = ctx.t
  const { systemId, from, until } = search
  const inSystem = (id: string) =>
    ctx.q.select({ id: enforcements.taskId }).from(enforcements).where(eq(enforcements.systemId, id))
  const where = and(
    search.text === undefined ? undefined : contains(tasks.searchText, search.text.toLowerCase()),
    search.status === undefined ? undefined : eq(tasks.status, search.status),
    search.action === undefined ? undefined : eq(tasks.action, search.action),
    search.requesterId === undefined ? undefined : eq(tasks.requesterId, search.requesterId),
    systemId === undefined ? undefined : inArray(tasks.id, inSystem(systemId)),
    from === undefined ? undefined : gte(tasks.createdAt, from),
    until === undefined ? undefined : lte(tasks.createdAt, until),
  )
  const rows = await ctx.q
    .select()
    .from(tasks)
    .where(where)
    .orderBy(desc(tasks.createdAt), desc(tasks.id))
    .limit(search.limit)
    .offset(search.offset)
  const totals = await ctx.q.select({ total: count() }).from(tasks).where(where)
  return { rows, total: totals[0]?.total ?? 0 }
}

// SQLite has no escape character of its own in LIKE, so it is named for both engines.
function contains(column: TaskTable['searchText'], text: string): SQL {
  const pattern = `%${text.replaceAll('\\', '\\\\').replaceAll('%', '\\%').replaceAll('_', '\\_')}%`
  return sql`${column} like ${pattern} escape '\\'`
}

/** The last tasks that cover one of the accounts, newest first. */
export async function lastTasksAbout(
  ctx: ReadContext,
  accounts: readonly AccountRef[],
  limit: number,
): Promise<TaskRow[]> {
  if (accounts.length === 0) return []
  const { tasks, enforcements } = ctx.t
  const ids = ctx.q
    .select({ id: enforcements.taskId })
    .from(enforcements)
    .where(onAccounts(enforcements, accounts))
  return await ctx.q
    .select()
    .from(tasks)
    .where(inArray(tasks.id, ids))
    .orderBy(desc(tasks.createdAt), desc(tasks.id))
    .limit(limit)
}

/** Addresses of targets of earlier tasks that look like the text, for "did you mean". At most `limit`. */
export async function targetsLike(ctx: ReadContext, prefix: string, limit: number): Promise<string[]> {
  const { tasks } = ctx.t
  const rows = await ctx.q
    .selectDistinct({ text: tasks.personText })
    .from(tasks)
    .where(contains(tasks.searchText, prefix.toLowerCase()))
    .limit(limit)
  return rows.map((row) => row.text)
}
