import { forgetKept } from '#db/queries/journal.ts'
import { updateTask } from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import { type Actor, assertRole } from '#src/people/actor.ts'
import { approvalGoodForMs, type TaskDeps } from '#src/tasks/deps.ts'
import { holdBack } from '#src/tasks/hold.ts'
import { standingOn } from '#src/tasks/newest.ts'
import { leadersFirst, mustWait } from '#src/tasks/order.ts'
import { retryPeople } from '#src/tasks/people/retry-people.ts'
import { readPerson, readTask } from '#src/tasks/rows.ts'
import { sendEnforcements, watchTask } from '#src/tasks/send.ts'
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
    if (task.people > 0 && request.enforcementId === undefined) {
      await startAgain(ctx, deps, task)
      return await retryPeople(ctx, deps, task, request.actor.userId)
    }
    const free = await actable(ctx, task, again)
    await sendAgain(ctx, deps, request.actor, task, free)
  })
}

function assertRetryable(deps: TaskDeps, task: Task, again: readonly Enforcement[]): void {
  const { startedAt } = task
  if (startedAt === null)
    throw new UserError('nothing_to_do', `${task.id} has not run yet, so there is nothing to send again.`)
  if (task.endsAt !== null && task.endsAt <= deps.clock.now())
    throw new UserError(
      'stale',
      `The end time of ${task.id} has passed. Please ask anew with ${actionCommand[task.action]}.`,
    )
  if (again.length === 0) throw new UserError('nothing_to_do', `Nothing of ${task.id} is left to send again.`)
  const since = task.approvedAt ?? startedAt
  if (deps.clock.now().getTime() - since.getTime() > approvalGoodForMs)
    throw new UserError(
      'stale',
      `The approval of ${task.id} is older than 24 hours. Please ask anew with ${actionCommand[task.action]}.`,
    )
}

/** Those on which the task still has the last word; throws when none is left. */
async function actable(
  ctx: WriteContext,
  task: Task,
  again: readonly Enforcement[],
): Promise<readonly Enforcement[]> {
  const free: Enforcement[] = []
  let why: UserError | undefined
  for (const one of leadersFirst(again)) {
    const { systemId, accountId } = one
    const standing =
      accountId === null ? undefined : await standingOn(ctx, task, { systemId, accountId }, 'later')
    if (standing === undefined || standing.kind === 'free') free.push(one)
    else if (standing.kind === 'lapsed')
      why = new UserError(
        'stale',
        `${standing.taskId} is newer and covers this account, so ${task.id} no longer acts on it.`,
      )
    else
      why = new UserError(
        'already_running',
        `${standing.taskId} is changing this account right now. Try again when it is done.`,
      )
  }
  if (free.length === 0 && why !== undefined) throw why
  return free
}

async function sendAgain(
  ctx: WriteContext,
  deps: TaskDeps,
  actor: Actor,
  task: Task,
  again: readonly Enforcement[],
): Promise<void> {
  await startAgain(ctx, deps, task)
  await reply(ctx, deps.clock, {
    v: 1,
    kind: 'retried',
    taskId: task.id,
    by: actor.userId,
    systems: again.map((one) => one.systemId),
  })
  for (const one of again) {
    // It was disabled before we came and somebody enabled it since: what stands there now is what Enable restores.
    if (one.already) await forgetKept(ctx, one.id)
    const sending = { run: one.run + 1, by: actor.userId }
    const all = one.follows === null ? [] : await readPerson(ctx, task.id, one.person)
    if (mustWait(task.action, one, all)) await holdBack(ctx, deps, one, sending)
    else await sendEnforcements(ctx, deps, [{ one, ...sending }])
  }
  await watchTask(ctx, deps, task)
  await showStatus(ctx, deps.clock, task.id)
}

async function startAgain(ctx: WriteContext, deps: TaskDeps, task: Task): Promise<void> {
  const now = deps.clock.now()
  await updateTask(ctx, task.id, {
    status: 'in_progress',
    updatedAt: now,
    finishedAt: null,
    activeMs: 0,
    tickedAt: now,
  })
}
