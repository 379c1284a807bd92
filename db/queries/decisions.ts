import { asc, eq } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type DecisionRow = ReadContext['t']['decisions']['$inferSelect']
export type NewDecisionRow = ReadContext['t']['decisions']['$inferInsert']

/** Throws `ConflictError` when the approver already has a pending or counted decision on the task. */
export async function insertDecision(ctx: WriteContext, row: NewDecisionRow): Promise<void> {
  await ctx.q.insert(ctx.t.decisions).values(row)
}

/** Undefined when there is none. */
export async function findDecision(ctx: ReadContext, id: string): Promise<DecisionRow | undefined> {
  const rows = await ctx.q.select().from(ctx.t.decisions).where(eq(ctx.t.decisions.id, id))
  return rows[0]
}

/** Oldest first. */
export async function decisionsOfTask(ctx: ReadContext, taskId: string): Promise<DecisionRow[]> {
  const { decisions } = ctx.t
  return await ctx.q
    .select()
    .from(decisions)
    .where(eq(decisions.taskId, taskId))
    .orderBy(asc(decisions.createdAt), asc(decisions.id))
}

/** Changes the given columns of one decision. */
export async function updateDecision(
  ctx: WriteContext,
  id: string,
  fields: Partial<NewDecisionRow>,
): Promise<void> {
  await ctx.q.update(ctx.t.decisions).set(fields).where(eq(ctx.t.decisions.id, id))
}
