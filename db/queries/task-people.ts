import { and, asc, count, eq, gt, inArray, isNotNull, lt, notInArray, sql } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type PeopleListRow = ReadContext['t']['peopleLists']['$inferSelect']
export type NewPeopleListRow = ReadContext['t']['peopleLists']['$inferInsert']
export type TaskPersonRow = ReadContext['t']['taskPeople']['$inferSelect']
export type NewTaskPersonRow = ReadContext['t']['taskPeople']['$inferInsert']

/** Keeps a list; its people may come later. */
export async function insertPeopleList(ctx: WriteContext, row: NewPeopleListRow): Promise<void> {
  await ctx.q.insert(ctx.t.peopleLists).values(row)
}

/** Undefined when there is none, or no longer. */
export async function findPeopleList(ctx: ReadContext, id: string): Promise<PeopleListRow | undefined> {
  const rows = await ctx.q.select().from(ctx.t.peopleLists).where(eq(ctx.t.peopleLists.id, id))
  return rows[0]
}

/** Changes the given columns of one list. */
export async function updatePeopleList(
  ctx: WriteContext,
  id: string,
  fields: Partial<NewPeopleListRow>,
): Promise<void> {
  await ctx.q.update(ctx.t.peopleLists).set(fields).where(eq(ctx.t.peopleLists.id, id))
}

/** Adds people to a list. */
export async function insertTaskPeople(ctx: WriteContext, rows: readonly NewTaskPersonRow[]): Promise<void> {
  const most = 200
  for (let i = 0; i < rows.length; i += most)
    await ctx.q.insert(ctx.t.taskPeople).values(rows.slice(i, i + most))
}

/** All people of a list, in its order; only those in one state where that is asked for. */
export async function taskPeopleOf(
  ctx: ReadContext,
  listId: string,
  state?: string,
): Promise<TaskPersonRow[]> {
  const { taskPeople } = ctx.t
  return await ctx.q
    .select()
    .from(taskPeople)
    .where(and(eq(taskPeople.listId, listId), state === undefined ? undefined : eq(taskPeople.state, state)))
    .orderBy(asc(taskPeople.position))
}

/** Undefined when there is nobody at that place. */
export async function findTaskPerson(
  ctx: ReadContext,
  listId: string,
  position: number,
): Promise<TaskPersonRow | undefined> {
  const { taskPeople } = ctx.t
  const rows = await ctx.q
    .select()
    .from(taskPeople)
    .where(and(eq(taskPeople.listId, listId), eq(taskPeople.position, position)))
  return rows[0]
}

/** The names of the first people of a list who are not left out. */
export async function firstNames(ctx: ReadContext, listId: string, limit: number): Promise<string[]> {
  const { taskPeople } = ctx.t
  const rows = await ctx.q
    .select({ name: taskPeople.name })
    .from(taskPeople)
    .where(and(eq(taskPeople.listId, listId), eq(taskPeople.state, 'in')))
    .orderBy(asc(taskPeople.position))
    .limit(limit)
  return rows.map((row) => row.name)
}

/** Changes the given columns of one person. */
export async function updateTaskPerson(
  ctx: WriteContext,
  listId: string,
  position: number,
  fields: Partial<NewTaskPersonRow>,
): Promise<void> {
  const { taskPeople } = ctx.t
  await ctx.q
    .update(taskPeople)
    .set(fields)
    .where(and(eq(taskPeople.listId, listId), eq(taskPeople.position, position)))
}

/** How many people of a list are in each state. */
export async function countPeopleStates(
  ctx: ReadContext,
  listId: string,
): Promise<{ readonly [state: string]: number }> {
  const { taskPeople } = ctx.t
  const rows = await ctx.q
    .select({ state: taskPeople.state, n: count() })
    .from(taskPeople)
    .where(eq(taskPeople.listId, listId))
    .groupBy(taskPeople.state)
  return Object.fromEntries(rows.map((row) => [row.state, row.n]))
}

/** How many of those who are in are at a stage. */
export async function countAtStage(ctx: ReadContext, listId: string, stage: string): Promise<number> {
  const { taskPeople } = ctx.t
  const rows = await ctx.q
    .select({ n: count() })
    .from(taskPeople)
    .where(and(eq(taskPeople.listId, listId), eq(taskPeople.state, 'in'), eq(taskPeople.stage, stage)))
  return rows[0]?.n ?? 0
}

/** The places of the first people who are in and at a stage. */
export async function placesAtStage(
  ctx: ReadContext,
  listId: string,
  stage: string,
  limit: number,
): Promise<number[]> {
  const { taskPeople } = ctx.t
  const rows = await ctx.q
    .select({ position: taskPeople.position })
    .from(taskPeople)
    .where(and(eq(taskPeople.listId, listId), eq(taskPeople.state, 'in'), eq(taskPeople.stage, stage)))
    .orderBy(asc(taskPeople.position))
    .limit(limit)
  return rows.map((row) => row.position)
}

/** Puts people of a list to a stage: these, or all who are in. */
export async function markStage(
  ctx: WriteContext,
  listId: string,
  stage: string,
  positions?: readonly number[],
): Promise<void> {
  const { taskPeople } = ctx.t
  if (positions?.length === 0) return
  await ctx.q
    .update(taskPeople)
    .set({ stage })
    .where(
      and(
        eq(taskPeople.listId, listId),
        eq(taskPeople.state, 'in'),
        positions === undefined ? undefined : inArray(taskPeople.position, [...positions]),
      ),
    )
}

/** How many enforcements each IAM system has in a task, when the last one ended, and how many could be undone. */
export async function summaryOfTask(ctx: ReadContext, taskId: string) {
  const { enforcements } = ctx.t
  const systems = await ctx.q
    .select({ systemId: enforcements.systemId, n: count() })
    .from(enforcements)
    .where(eq(enforcements.taskId, taskId))
    .groupBy(enforcements.systemId)
    .orderBy(asc(enforcements.systemId))
  const last = await ctx.q
    .select({ at: enforcements.finishedAt })
    .from(enforcements)
    .where(and(eq(enforcements.taskId, taskId), isNotNull(enforcements.finishedAt)))
    .orderBy(sql`${enforcements.finishedAt} desc`)
    .limit(1)
  return { systems, lastAt: last[0]?.at ?? null }
}

/** Forgets lists older than the time of which no task was made. */
export async function deleteListsBefore(ctx: WriteContext, before: Date): Promise<void> {
  const { peopleLists, taskPeople, tasks } = ctx.t
  const used = ctx.q.select({ id: tasks.lookUpId }).from(tasks).where(gt(tasks.people, 0))
  const old = and(lt(peopleLists.createdAt, before), notInArray(peopleLists.id, used))
  await ctx.q
    .delete(taskPeople)
    .where(inArray(taskPeople.listId, ctx.q.select({ id: peopleLists.id }).from(peopleLists).where(old)))
  await ctx.q.delete(peopleLists).where(old)
}
