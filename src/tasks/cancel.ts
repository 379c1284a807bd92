import { updateTask } from '#db/queries/tasks.ts'
import { isTarget } from '#src/approvals/policy.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import type { Actor } from '#src/people/actor.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { readTargetEmails, readTask } from '#src/tasks/rows.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'

/**
 * Withdraws a task that nobody has approved yet; by its requester while they still are a responder, or by an owner,
 * never by the target. Throws `UserError`: `not_found`, `not_allowed`, `about_you`, `stale`.
 */
export async function cancelTask(
  deps: TaskDeps,
  request: { readonly actor: Actor; readonly taskId: string },
): Promise<void> {
  const { actor, taskId } = request
  await deps.store.write(async (ctx) => {
    const read = await readTask(ctx, taskId)
    if (read === undefined) throw new UserError('not_found', 'I no longer know this task.')
    const { task } = read
    const own = task.requesterId === actor.userId && actor.roles.has('responder')
    if (!own && !actor.roles.has('owner'))
      throw new UserError(
        'not_allowed',
        `Only the person who asked for ${taskId} or an owner can withdraw it.`,
      )
    if (isTarget(await readTargetEmails(ctx, taskId), actor.email))
      throw new UserError('about_you', `${taskId} is about your own account, so you can't withdraw it.`)
    if (task.status !== 'pending_approval')
      throw new UserError('stale', `${taskId} no longer waits for approval, so it can't be withdrawn.`)
    const now = deps.clock.now()
    await updateTask(ctx, taskId, {
      status: 'cancelled',
      endedBy: actor.userId,
      updatedAt: now,
      finishedAt: now,
    })
    await reply(ctx, deps.clock, { v: 1, kind: 'cancelled', taskId, by: actor.userId })
    await showStatus(ctx, deps.clock, taskId)
    await record(ctx, now, { kind: 'task_cancelled', actor: actor.userId, taskId, facts: {} })
  })
}
