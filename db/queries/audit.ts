import { asc, eq } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type AuditRow = ReadContext['t']['auditEvents']['$inferSelect']
export type NewAuditRow = ReadContext['t']['auditEvents']['$inferInsert']

/** Appends one event. Nothing here changes or deletes one. */
export async function insertAuditEvent(ctx: WriteContext, row: NewAuditRow): Promise<void> {
  await ctx.q.insert(ctx.t.auditEvents).values(row)
}

/** Appends several events in their order. */
export async function insertAuditEvents(ctx: WriteContext, rows: readonly NewAuditRow[]): Promise<void> {
  if (rows.length > 0) await ctx.q.insert(ctx.t.auditEvents).values([...rows])
}

/** All events about one task, in the order in which they were written. */
export async function auditEventsOfTask(ctx: ReadContext, taskId: string): Promise<AuditRow[]> {
  const { auditEvents } = ctx.t
  return await ctx.q
    .select()
    .from(auditEvents)
    .where(eq(auditEvents.taskId, taskId))
    .orderBy(asc(auditEvents.id))
}
