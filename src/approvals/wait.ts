import { z } from 'zod'
import { decisionsOfTask } from '#db/queries/decisions.ts'
import { updateTask } from '#db/queries/tasks.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import type { JobKind } from '#src/jobs/job.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { readTask } from '#src/tasks/rows.ts'
import type { Task } from '#src/tasks/task.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'

const Payload = z.object({
  taskId: z.string(),
  /** When the approval expires that this was planned for; one that was opened anew has plans of its own. */
  round: z.string(),
})
type Payload = z.infer<typeof Payload>

/** How many approvals a task still misses. */
export async function approvalsMissing(ctx: ReadContext, task: Task): Promise<number> {
  const counted = (await decisionsOfTask(ctx, task.id)).filter(
    (one) => one.state === 'counted' && one.verdict === 'approve',
  )
  return Math.max(0, task.approvalsNeeded - counted.length)
}

/** A job that acts only while the task waits for a decision; otherwise it has nothing to say. */
function whileWaiting(kind: string, act: (ctx: WriteContext, task: Task) => Promise<void>): JobKind<Payload> {
  return {
    kind,
    payload: Payload,
    maxAttempts: 20,
    run: async (payload) => ({
      kind: 'completed',
      settle: async (ctx) => {
        const read = await readTask(ctx, payload.taskId)
        if (read?.task.status !== 'pending_approval') return
        if (read.task.expiresAt?.toISOString() === payload.round) await act(ctx, read.task)
      },
    }),
    givenUp: async () => {},
  }
}

/** Ends a task that nobody decided in time. Nothing was changed anywhere. */
export function expireApprovalJob(deps: TaskDeps): JobKind<Payload> {
  return whileWaiting('expire_approval', async (ctx, task) => {
    const now = deps.clock.now()
    await updateTask(ctx, task.id, { status: 'expired', updatedAt: now, finishedAt: now })
    await reply(ctx, deps.clock, { v: 1, kind: 'expired', taskId: task.id })
    await showStatus(ctx, deps.clock, task.id)
    await record(ctx, now, { kind: 'task_expired', actor: 'system', taskId: task.id, facts: {} })
  })
}

/** Reminds the approvers in the thread. */
export function remindApproversJob(deps: TaskDeps): JobKind<Payload> {
  return whileWaiting('remind_approvers', (ctx, task) =>
    nudge(ctx, deps, task, 'reminder', deps.rules.approvers),
  )
}

/** Mentions the people who were named for escalation; that gives nobody a right. */
export function escalateApprovalJob(deps: TaskDeps): JobKind<Payload> {
  return whileWaiting('escalate_approval', async (ctx, task) => {
    if (deps.rules.escalateTo.length > 0) await nudge(ctx, deps, task, 'escalation', deps.rules.escalateTo)
  })
}

async function nudge(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  kind: 'reminder' | 'escalation',
  mention: readonly string[],
): Promise<void> {
  if (task.expiresAt === null || task.approvedAt !== null) return
  await reply(ctx, deps.clock, {
    v: 1,
    kind,
    taskId: task.id,
    mention: [...mention],
    missing: await approvalsMissing(ctx, task),
    expiresAt: task.expiresAt.toISOString(),
  })
}
