import { and, eq, inArray, isNull, lt, notInArray } from 'drizzle-orm'
import type { WriteContext } from '#db/store.ts'

/**
 * Forgets up to `limit` finished tasks older than the time, with everything that belongs to them, and returns how many.
 * A task stays while a before-image of it is still needed to undo what it changed.
 */
export async function deleteTasksFinishedBefore(
  ctx: WriteContext,
  before: Date,
  limit: number,
): Promise<number> {
  const { tasks, enforcements, journal, decisions, outbox, threads, peopleLists, taskPeople } = ctx.t
  const stillNeeded = ctx.q
    .select({ id: enforcements.taskId })
    .from(enforcements)
    .where(
      and(
        eq(enforcements.action, 'disable_account'),
        eq(enforcements.already, false),
        isNull(enforcements.undoneBy),
        inArray(
          enforcements.id,
          ctx.q.select({ scope: journal.scope }).from(journal).where(eq(journal.name, 'written')),
        ),
      ),
    )
  const rows = await ctx.q
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(lt(tasks.finishedAt, before), notInArray(tasks.id, stillNeeded)))
    .limit(limit)
  const ids = rows.map((row) => row.id)
  if (ids.length === 0) return 0
  const mine = ctx.q
    .select({ id: enforcements.id })
    .from(enforcements)
    .where(inArray(enforcements.taskId, ids))
  await ctx.q.delete(journal).where(inArray(journal.scope, mine))
  await ctx.q.delete(enforcements).where(inArray(enforcements.taskId, ids))
  const lists = ctx.q.select({ id: tasks.lookUpId }).from(tasks).where(inArray(tasks.id, ids))
  await ctx.q.delete(taskPeople).where(inArray(taskPeople.listId, lists))
  await ctx.q.delete(peopleLists).where(inArray(peopleLists.id, lists))
  await ctx.q.delete(decisions).where(inArray(decisions.taskId, ids))
  await ctx.q.delete(outbox).where(inArray(outbox.stream, ids))
  await ctx.q.delete(threads).where(inArray(threads.stream, ids))
  await ctx.q.delete(tasks).where(inArray(tasks.id, ids))
  return ids.length
}

/** Forgets audit events older than the time. */
export async function deleteAuditEventsBefore(ctx: WriteContext, before: Date): Promise<void> {
  await ctx.q.delete(ctx.t.auditEvents).where(lt(ctx.t.auditEvents.at, before))
}
