import { updateTask } from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import { openApproval } from '#src/approvals/open.ts'
import { hasReason } from '#src/approvals/policy.ts'
import { approvalsMissing } from '#src/approvals/wait.ts'
import { record } from '#src/audit/audit.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import type { Gate } from '#src/tasks/gate.ts'
import { judgedAccount } from '#src/tasks/hand.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'
import { showStatus } from '#src/tasks/thread.ts'

/**
 * Puts a task back to its approvers when an account turned out to need two; tells whether it did. `targetEmails` are those
 * by which the target is recognised from now on.
 */
export async function needsMoreApprovals(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  enforcements: readonly Enforcement[],
  gate: Gate,
  targetEmails: readonly string[],
): Promise<boolean> {
  const special = enforcements
    .map((one) => judgedAccount(one, gate))
    .find((account) => account?.protection.kind === 'two_approvers')
  if (special?.protection.kind !== 'two_approvers' || task.approvalsNeeded >= 2) return false
  // Approvers would have nothing to judge by: those accounts are left alone, and the thread says why.
  if (!hasReason(task)) return false
  const now = deps.clock.now()
  await updateTask(ctx, task.id, {
    status: 'pending_approval',
    approvalsNeeded: 2,
    approvedAt: null,
    updatedAt: now,
    targetEmails: [...targetEmails],
  })
  const missing = await approvalsMissing(ctx, { ...task, approvalsNeeded: 2 })
  const why = `${special.login} in ${special.systemId} needs two approvers: ${special.protection.why}`
  await openApproval(ctx, deps, { taskId: task.id, action: task.action, missing, why })
  await record(ctx, now, {
    kind: 'approval_reopened',
    actor: 'system',
    taskId: task.id,
    facts: { approvalsNeeded: 2, system: special.systemId, account: special.accountId },
  })
  await showStatus(ctx, deps.clock, task.id)
  return true
}
