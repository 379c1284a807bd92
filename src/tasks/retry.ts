import { newerTaskOnAccount, updateEnforcement, updateTask } from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import { type Actor, assertRole } from '#src/people/actor.ts'
import { approvalGoodForMs, type TaskDeps } from '#src/tasks/deps.ts'
import { readTask } from '#src/tasks/rows.ts'
import { watchEveryMs } from '#src/tasks/watch.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'
import { actionCommand } from '#src/tasks/words.ts'

/**
 * Sends again what failed, and only that, under the same approval. With `enforcementId`, only that one (**Disable
 * again**). Throws `UserError`: `not_found`, `nothing_to_do`, `stale` when the approval is too old or a newer task
 * covers an account.
 */
export async function retryTask(
  deps: TaskDeps,
  request: { readonly actor: Actor; readonly taskId: string; readonly enforcementId?: string },
): Promise<void> {
  assertRole(request.actor, 'responder')
  await deps.store.write(async (ctx) => {
    const read = await readTask(ctx, request.taskId)
    if (read === undefined) throw new UserError('not_found', 'I no longer know this task.')
    const { task } = read
    const again = read.enforcements.filter(
      (one) =>
        one.status === 'unsuccessful' &&
        (request.enforcementId === undefined || one.id === request.enforcementId),
    )
    assertRetryable(deps, task, again)
    for (const one of again) await assertNewest(ctx, task, one)
    await sendAgain(ctx, deps, request.actor, task, again)
  })
}

function assertRetryable(deps: TaskDeps, task: Task, again: readonly Enforcement[]): void {
  const { startedAt } = task
  if (startedAt === null)
    throw new UserError('nothing_to_do', `${task.id} has not run yet, so there is nothing to send again.`)
  if (again.length === 0) throw new UserError('nothing_to_do', `Nothing of ${task.id} is left to send again.`)
  const since = task.approvedAt ?? startedAt
  if (deps.clock.now().getTime() - since.getTime() > approvalGoodForMs)
    throw new UserError(
      'stale',
      `The approval of ${task.id} is older than 24 hours. Please ask anew with ${actionCommand[task.action]}.`,
    )
}

async function assertNewest(ctx: WriteContext, task: Task, one: Enforcement): Promise<void> {
  if (one.accountId === null) return
  const newer = await newerTaskOnAccount(
    ctx,
    { systemId: one.systemId, accountId: one.accountId },
    { taskId: task.id, createdAt: task.createdAt },
  )
  if (newer !== undefined)
    throw new UserError(
      'stale',
      `${newer.id} is newer and covers ${one.login} in ${one.systemId}, so ${task.id} no longer acts on it.`,
    )
}

async function sendAgain(
  ctx: WriteContext,
  deps: TaskDeps,
  actor: Actor,
  task: Task,
  again: readonly Enforcement[],
): Promise<void> {
  const now = deps.clock.now()
  await updateTask(ctx, task.id, {
    status: 'in_progress',
    updatedAt: now,
    finishedAt: null,
    activeMs: 0,
    tickedAt: now,
  })
  await reply(ctx, deps.clock, {
    v: 1,
    kind: 'retried',
    taskId: task.id,
    by: actor.userId,
    systems: again.map((one) => one.systemId),
  })
  for (const one of again) {
    const run = one.run + 1
    await updateEnforcement(ctx, one.id, {
      status: 'running',
      run,
      startedAt: now,
      finishedAt: null,
      reason: null,
      readBack: null,
      remarks: [],
    })
    await record(ctx, now, {
      kind: 'enforcement_retried',
      actor: actor.userId,
      taskId: task.id,
      facts: { enforcement: one.id, system: one.systemId, account: one.accountId, run },
    })
    await enqueue(ctx, deps.clock, {
      kind: 'enforce',
      payload: { enforcementId: one.id, run, judged: false },
    })
  }
  await enqueue(ctx, deps.clock, {
    kind: 'watch_task',
    payload: { taskId: task.id },
    runAt: new Date(now.getTime() + watchEveryMs),
    dedupeKey: `watch_task:${task.id}`,
  })
  await showStatus(ctx, deps.clock, task.id)
}
