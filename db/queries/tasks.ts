import {
  and,
  asc,
  count,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  inArray,
  lte,
  ne,
  sql,
  type SQL,
} from 'drizzle-orm'
import {
  type AccountRef,
  type EnforcementRow,
  inParts,
  insertEnforcements,
  type NewEnforcementRow,
  onAccounts,
} from '#db/queries/enforcements.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'

type TaskTable = ReadContext['t']['tasks']
/** Without what is long for a task about many people. */
export type TaskRow = Omit<TaskTable['$inferSelect'], 'targetEmails' | 'searchText'>
export type NewTaskRow = TaskTable['$inferInsert']

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

/** Undefined when there is none. */
export async function findTask(ctx: ReadContext, id: string): Promise<TaskRow | undefined> {
  const rows = await ctx.q.select(short(ctx.t.tasks)).from(ctx.t.tasks).where(eq(ctx.t.tasks.id, id))
  return rows[0]
}

function short(tasks: TaskTable) {
  const { targetEmails: _emails, searchText: _words, ...columns } = getTableColumns(tasks)
  return columns
}

/** By which the target of a task is recognised; undefined when there is no such task. The caller knows the shape. */
export async function targetEmailsOf(
  ctx: ReadContext,
  taskId: string,
): Promise<{ readonly emails: unknown } | undefined> {
  const { tasks } = ctx.t
  const rows = await ctx.q.select({ emails: tasks.targetEmails }).from(tasks).where(eq(tasks.id, taskId))
  return rows[0]
}

/** An enforcement with its task; undefined when there is none. */
export async function findWork(
  ctx: ReadContext,
  enforcementId: string,
): Promise<{ readonly task: TaskRow; readonly enforcement: EnforcementRow } | undefined> {
  const { tasks, enforcements } = ctx.t
  const rows = await ctx.q
    .select({ task: short(tasks), enforcement: enforcements })
    .from(enforcements)
    .innerJoin(tasks, eq(tasks.id, enforcements.taskId))
    .where(eq(enforcements.id, enforcementId))
  return rows[0]
}

/** The task that was made of a look-up; undefined when none was. */
export async function findTaskByLookUp(ctx: ReadContext, lookUpId: string): Promise<TaskRow | undefined> {
  const { tasks } = ctx.t
  const rows = await ctx.q.select(short(tasks)).from(tasks).where(eq(tasks.lookUpId, lookUpId))
  return rows[0]
}

/** Changes the given columns of one task. */
export async function updateTask(ctx: WriteContext, id: string, fields: Partial<NewTaskRow>): Promise<void> {
  await ctx.q.update(ctx.t.tasks).set(fields).where(eq(ctx.t.tasks.id, id))
}

/** The tasks that still wait or run and cover one of the accounts, with the enforcement that does. Oldest first. */
export async function unfinishedOnAccounts(ctx: ReadContext, accounts: readonly AccountRef[]) {
  const { tasks, enforcements } = ctx.t
  const { id, action, createdAt, startedAt, people } = tasks
  const { status, person, systemId, accountId } = enforcements
  const select = (part: readonly AccountRef[]) =>
    ctx.q
      .select({
        task: { id, action, createdAt, startedAt, people },
        enforcement: { id: enforcements.id, status, person, systemId, accountId },
      })
      .from(enforcements)
      .innerJoin(tasks, eq(tasks.id, enforcements.taskId))
      .where(and(inArray(tasks.status, unfinished), onAccounts(enforcements, part)))
  const all: Awaited<ReturnType<typeof select>> = []
  for (const part of inParts(accounts)) all.push(...(await select(part)))
  return all.toSorted(
    (one, other) =>
      one.task.createdAt.getTime() - other.task.createdAt.getTime() || (one.task.id < other.task.id ? -1 : 1),
  )
}

/** Which task has the word about an account. */
export interface NewerTask {
  readonly account: AccountRef
  readonly task: { readonly id: string; readonly action: string }
}

/**
 * For each of the accounts, the newest task with one of the actions, made after `than`, that covers it and was not
 * withdrawn before it ran; accounts without one are left out.
 */
export async function newerTasksOnAccounts(
  ctx: ReadContext,
  accounts: readonly AccountRef[],
  than: { readonly taskId: string; readonly createdAt: Date; readonly actions: readonly string[] },
): Promise<readonly NewerTask[]> {
  const { tasks, enforcements } = ctx.t
  const { systemId, accountId } = enforcements
  const { id, action } = tasks
  const newest = new Map<string, NewerTask>()
  for (const part of inParts(accounts)) {
    const rows = await ctx.q
      .select({ task: { id, action }, systemId, accountId })
      .from(enforcements)
      .innerJoin(tasks, eq(tasks.id, enforcements.taskId))
      .where(
        and(
          onAccounts(enforcements, part),
          ne(tasks.id, than.taskId),
          gt(tasks.createdAt, than.createdAt),
          inArray(tasks.action, [...than.actions]),
          inArray(tasks.status, [...unfinished, 'successful', 'partially_successful', 'unsuccessful']),
        ),
      )
      .orderBy(asc(tasks.createdAt))
    for (const { task, ...account } of rows)
      newest.set(`${account.systemId}/${account.accountId}`, {
        account: { ...account, accountId: account.accountId ?? '' },
        task,
      })
  }
  return [...newest.values()]
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
    .select(short(tasks))
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
    .select(short(tasks))
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
