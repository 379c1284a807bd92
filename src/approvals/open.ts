import { updateTask } from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import type { Action } from '#src/tasks/task.ts'
import { reply } from '#src/tasks/thread.ts'

/**
 * Opens the approval of a task: asks the approvers once, and plans the reminder, the escalation and the expiry.
 * `why` says what changed when a task comes back for more approvals.
 */
export async function openApproval(
  ctx: WriteContext,
  deps: TaskDeps,
  about: {
    readonly taskId: string
    readonly action: Action
    readonly missing: number
    readonly why?: string
  },
): Promise<void> {
  const { taskId, action, missing, why } = about
  const rule = deps.rules.approval[action]
  const now = deps.clock.now()
  const after = (ms: number) => new Date(now.getTime() + ms)
  const expiresAt = after(rule.expiresAfterMs)
  await updateTask(ctx, taskId, { expiresAt, updatedAt: now })
  const mention = [...deps.rules.approvers]
  await reply(
    ctx,
    deps.clock,
    why === undefined
      ? { v: 1, kind: 'approval_requested', taskId, mention, needed: missing }
      : { v: 1, kind: 'back_to_approval', taskId, mention, missing, why },
  )
  const plan = [
    { kind: 'remind_approvers', afterMs: rule.remindAfterMs },
    { kind: 'escalate_approval', afterMs: rule.escalateAfterMs },
    { kind: 'expire_approval', afterMs: rule.expiresAfterMs },
  ]
  for (const { kind, afterMs } of plan)
    if (afterMs <= rule.expiresAfterMs)
      await enqueue(ctx, deps.clock, {
        kind,
        payload: { taskId, round: expiresAt.toISOString() },
        runAt: after(afterMs),
      })
}
