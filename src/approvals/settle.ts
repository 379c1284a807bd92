import { findDecision, updateDecision, type DecisionRow } from '#db/queries/decisions.ts'
import { updateTask } from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import { assertDecidable } from '#src/approvals/decidable.ts'
import type { Judged } from '#src/approvals/judge.ts'
import type { Verdict } from '#src/approvals/submit.ts'
import { approvalsMissing } from '#src/approvals/wait.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import type { Actor } from '#src/people/actor.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import type { Task } from '#src/tasks/task.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'

/**
 * Counts a decision or refuses it, and tells whoever gave it. Changes nothing where another job has settled it since: one
 * of a later decision counts the earlier ones, too.
 */
export async function settleJudged(ctx: WriteContext, deps: TaskDeps, judged: Judged): Promise<void> {
  const { decision } = judged
  const current = await findDecision(ctx, decision.id)
  if (current?.state !== 'pending' || judged.kind === 'away') return
  if (judged.kind === 'refused') await refuseDecision(ctx, deps, decision, judged.error)
  else await count(ctx, deps, decision, judged.actor)
}

async function count(ctx: WriteContext, deps: TaskDeps, decision: DecisionRow, actor: Actor): Promise<void> {
  try {
    const task = await assertDecidable(ctx, actor, decision.taskId, deps.clock.now())
    await countedDecision(ctx, deps, decision, task)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    await refuseDecision(ctx, deps, decision, error)
  }
}

async function countedDecision(
  ctx: WriteContext,
  deps: TaskDeps,
  decision: DecisionRow,
  task: Task,
): Promise<void> {
  const now = deps.clock.now()
  const verdict = decision.verdict === 'approve' ? 'approve' : 'reject'
  await updateDecision(ctx, decision.id, { state: 'counted', settledAt: now })
  const missing = await approvalsMissing(ctx, task)
  await reply(ctx, deps.clock, {
    v: 1,
    kind: 'decision',
    taskId: task.id,
    approverId: decision.approverId,
    verdict,
    note: decision.note,
    missing,
  })
  if (verdict === 'reject')
    await updateTask(ctx, task.id, { status: 'rejected', updatedAt: now, finishedAt: now })
  else if (missing === 0) {
    await updateTask(ctx, task.id, {
      status: 'in_progress',
      approvedAt: now,
      updatedAt: now,
      expiresAt: null,
    })
    await enqueue(ctx, deps.clock, { kind: 'start_task', payload: { taskId: task.id } })
  }
  await showStatus(ctx, deps.clock, task.id)
  await answer(ctx, deps, decision, verdict, null)
  await record(ctx, now, {
    kind: 'decision_counted',
    actor: decision.approverId,
    taskId: task.id,
    facts: { verdict, missing },
  })
}

/** Ends a decision uncounted and tells whoever gave it why. */
export async function refuseDecision(
  ctx: WriteContext,
  deps: TaskDeps,
  decision: DecisionRow,
  error: UserError,
): Promise<void> {
  const now = deps.clock.now()
  // The key is given back: somebody who was refused for a passing reason may decide later.
  await updateDecision(ctx, decision.id, {
    state: 'refused',
    refusal: error.code,
    onceKey: null,
    settledAt: now,
  })
  await answer(ctx, deps, decision, decision.verdict === 'approve' ? 'approve' : 'reject', error.message)
  await record(ctx, now, {
    kind: 'decision_refused',
    actor: decision.approverId,
    taskId: decision.taskId,
    facts: { verdict: decision.verdict, code: error.code },
  })
}

async function answer(
  ctx: WriteContext,
  deps: TaskDeps,
  decision: DecisionRow,
  verdict: Verdict,
  refusal: string | null,
): Promise<void> {
  // Slack takes the answer to a submission for three seconds; one that comes late would put "Noted" over this one.
  const ackedByMs = refusal === null ? 1_000 : 3_000
  await enqueueLine(ctx, deps.clock, {
    notBefore: new Date(decision.createdAt.getTime() + ackedByMs),
    // Its own stream: the answer to one person does not wait for the thread.
    stream: `decision:${decision.id}`,
    lane: 'direct',
    message: {
      v: 1,
      kind: 'decision_answer',
      taskId: decision.taskId,
      userId: decision.approverId,
      channelId: decision.channelId,
      viewId: decision.viewId,
      verdict,
      refusal,
    },
  })
}
