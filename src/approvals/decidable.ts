import { decisionsOfTask } from '#db/queries/decisions.ts'
import type { ReadContext } from '#db/store.ts'
import { assertMayDecide } from '#src/approvals/policy.ts'
import { UserError } from '#src/errors.ts'
import { type Actor, assertRole } from '#src/people/actor.ts'
import { readTargetEmails, readTask } from '#src/tasks/rows.ts'
import type { Task } from '#src/tasks/task.ts'

/** Why a task can't be decided any more, in words for the person who pressed too late. */
function decidedSentence(task: Task): string {
  switch (task.status) {
    case 'rejected':
      return `${task.id} was already rejected.`
    case 'expired':
      return `${task.id} expired before anybody decided. It can be asked for again.`
    case 'cancelled':
      return `${task.id} was withdrawn before anybody decided.`
    case 'pending_approval':
    case 'in_progress':
    case 'successful':
    case 'partially_successful':
    case 'unsuccessful':
      return `${task.id} was already approved.`
  }
}

/** Throws `UserError('already_decided')` for a task that was decided, withdrawn or is over. */
export function assertOpen(task: Task, now: Date): void {
  if (task.status !== 'pending_approval') throw new UserError('already_decided', decidedSentence(task))
  // The job that ends it may be a moment late.
  if (task.expiresAt !== null && task.expiresAt <= now)
    throw new UserError('already_decided', decidedSentence({ ...task, status: 'expired' }))
}

/**
 * Whether this person may decide this task now; used when the button is pressed and again, with a live look-up, when
 * the decision is counted. Throws `UserError`: `not_found`, `already_decided`, `own_request`, `about_you`,
 * `not_allowed`.
 */
export async function assertDecidable(
  ctx: ReadContext,
  actor: Actor,
  taskId: string,
  now: Date,
): Promise<Task> {
  const read = await readTask(ctx, taskId)
  if (read === undefined) throw new UserError('not_found', 'I no longer know this task.')
  const { task } = read
  assertOpen(task, now)
  assertMayDecide(actor, { ...task, targetEmails: await readTargetEmails(ctx, taskId) })
  assertRole(actor, 'approver')
  return task
}

/** Refuses somebody whose decision on this task is counted or under way. Throws `UserError('already_decided')`. */
export async function assertUndecidedBy(ctx: ReadContext, userId: string, taskId: string): Promise<void> {
  const all = await decisionsOfTask(ctx, taskId)
  if (all.some((one) => one.approverId === userId && one.state !== 'refused'))
    throw new UserError('already_decided', `You have already decided on ${taskId}.`)
}
