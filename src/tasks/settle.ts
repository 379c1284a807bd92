import {
  hasEnforcements,
  markUndone,
  tasksUndoneBy,
  updateEnforcement,
  endEnforcement,
} from '#db/queries/enforcements.ts'
import { findTask, updateTask } from '#db/queries/tasks.ts'
import { keepOnce } from '#db/queries/journal.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import type { Remark, ReadBack, SessionsEnd } from '#src/iam/connector.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { endDoubt, isInDoubt } from '#src/tasks/doubt.ts'
import { syncWarning, tellFollowers } from '#src/tasks/hold.ts'
import { isOpen } from '#src/tasks/order.ts'
import { peopleStatus } from '#src/tasks/people/status.ts'
import { isTold, tellPeopleEnded } from '#src/tasks/people/tell.ts'
import { sendNext } from '#src/tasks/people/turns.ts'
import { readPerson, readStands, taskFrom } from '#src/tasks/rows.ts'
import {
  type Enforcement,
  type EnforcementReason,
  isFinished,
  rollUp,
  type Task,
  type TaskStatus,
} from '#src/tasks/task.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'

/** How an enforcement ended. */
export interface Ending {
  readonly status: 'successful' | 'unsuccessful' | 'skipped'
  readonly readBack: ReadBack | null
  readonly already: boolean
  readonly remarks: readonly Remark[]
  readonly sessions: SessionsEnd['kind'] | null
  readonly reason: EnforcementReason | null
}

/** An ending without success and without anything written. */
export function failed(reason: EnforcementReason): Ending {
  return { status: 'unsuccessful', readBack: null, already: false, remarks: [], sessions: null, reason }
}

/** An ending that does not count: there was nothing to do there. */
export function skipped(reason: EnforcementReason): Ending {
  return { status: 'skipped', readBack: null, already: false, remarks: [], sessions: null, reason }
}

/**
 * Writes how an enforcement ended: its row, the reply in the thread, the audit event, and what follows for the task.
 * With `only`, nothing is written when another run has the enforcement by now, or when it has ended and this ending comes
 * `late`.
 */
export async function settleEnforcement(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  told: Ending,
  only?: { readonly run: number; readonly late: boolean },
): Promise<void> {
  const now = deps.clock.now()
  const ending = await withWarning(ctx, task, one, await withDoubt(ctx, task, one, told))
  const { status, readBack, already, sessions, reason } = ending
  const fields = {
    status,
    readBack,
    already,
    sessions,
    reason,
    remarks: [...ending.remarks],
    finishedAt: now,
  }
  if (only === undefined) await updateEnforcement(ctx, one.id, fields)
  else if (!(await endEnforcement(ctx, one.id, only, fields))) return
  if (await isTold(ctx, deps, task, ending.status))
    await reply(ctx, deps.clock, {
      v: 1,
      kind: 'enforcement_finished',
      taskId: task.id,
      facts: {
        systemId: one.systemId,
        systemKind: one.systemKind,
        login: one.login,
        action: task.action,
        status: ending.status,
        readBack: ending.readBack,
        already: ending.already,
        remarks: [...ending.remarks],
        sessions: ending.sessions,
        enforcementId: one.id,
        mayDeactivate: task.mayDeactivate,
        reason: ending.reason,
        durationMs: now.getTime() - (one.startedAt ?? now).getTime(),
        at: now.toISOString(),
      },
    })
  await record(ctx, now, {
    kind: 'enforcement_finished',
    actor: 'system',
    taskId: task.id,
    facts: { enforcement: one.id, system: one.systemId, account: one.accountId, run: one.run, ...ending },
  })
  // What was written, or may have been, is what a later Enable undoes; a refusal that wrote nothing is not.
  if (task.action === 'disable_account' && ending.readBack !== null && !ending.already)
    await keepOnce(ctx, one.id, 'written', true, now)
  if (ending.readBack !== 'unreachable') await endDoubt(ctx, one.id)
  const { systemId } = one
  ctx.afterCommit(() => deps.onEnforcementEnded({ systemId, action: task.action, result: ending.status }))
  if (ending.status === 'successful' && task.action === 'enable_account' && one.accountId !== null)
    await markUndone(ctx, { systemId: one.systemId, accountId: one.accountId }, task.id)
  if (task.action === 'disable_account') await planDriftChecks(ctx, deps, one, ending)
  const all = await readStands(ctx, task.id, one.person)
  await tellFollowers(ctx, deps, task, one, all)
  if (one.person > 0) {
    // Neither the person nor the list is done while another of their accounts is not.
    if (all.some(isOpen)) return
    await sendNext(ctx, deps.clock, task, 1)
  }
  await settleTask(ctx, deps, task.id)
}

/**
 * An enforcement that ended without an answer may have been carried out all the same, once its change was begun: the
 * account may read either way.
 */
async function withDoubt(ctx: WriteContext, task: Task, one: Enforcement, ending: Ending): Promise<Ending> {
  const silent = ending.reason?.kind === 'out_of_time' || ending.reason?.kind === 'our_fault'
  if (!silent || task.action !== 'disable_account') return ending
  return (await isInDoubt(ctx, one.id)) ? { ...ending, readBack: 'unreachable' } : ending
}

async function withWarning(ctx: WriteContext, task: Task, one: Enforcement, ending: Ending): Promise<Ending> {
  if (one.follows === null || ending.readBack === null) return ending
  return { ...ending, remarks: [...ending.remarks, ...(await syncWarning(ctx, task, one))] }
}

/** A disabled account is read again later: a directory sync or an administrator may have enabled it. */
async function planDriftChecks(
  ctx: WriteContext,
  deps: TaskDeps,
  one: Enforcement,
  ending: Ending,
): Promise<void> {
  // Also where only the sessions live on: the account itself is disabled.
  const watched = ['verified', 'accepted', 'unreachable'].includes(ending.readBack ?? '')
  if (one.accountId === null || !watched) return
  const now = deps.clock.now()
  for (const afterMs of deps.rules.driftChecksMs)
    await enqueue(ctx, deps.clock, {
      kind: 'look_again',
      lane: one.systemId,
      payload: { enforcementId: one.id, run: one.run, afterMs },
      runAt: new Date(now.getTime() + afterMs),
    })
}

/** Brings a started task's status in step with its enforcements and has its message edited. */
export async function settleTask(ctx: WriteContext, deps: TaskDeps, taskId: string): Promise<void> {
  const row = await findTask(ctx, taskId)
  if (row === undefined) return
  const task = taskFrom(row)
  const now = deps.clock.now()
  const status = await statusNow(ctx, task)
  const finished = isFinished(status)
  // The message of a list is brought up to date by the clock, not by each of its people.
  if (task.people > 0 && !finished && task.status === status) return
  await updateTask(ctx, taskId, {
    status,
    updatedAt: now,
    finishedAt: finished ? (task.finishedAt ?? now) : null,
  })
  await showStatus(ctx, deps.clock, taskId)
  if (!finished || status === task.status) return
  await record(ctx, now, { kind: 'task_finished', actor: 'system', taskId, facts: { status } })
  if (task.people > 0 && task.status === 'in_progress') await tellPeopleEnded(ctx, deps, task, status)
  if (task.action === 'enable_account') await tellUndone(ctx, deps, task, status)
}

async function statusNow(ctx: ReadContext, task: Task): Promise<TaskStatus> {
  if (task.people === 0) return rollUp(await readPerson(ctx, task.id, 0))
  const open = await hasEnforcements(ctx, task.id, ['waiting', 'running'])
  return open ? 'in_progress' : await peopleStatus(ctx, task.id)
}

/** The threads of the Disable tasks that an Enable was about say how it ended, whichever way it was asked for. */
async function tellUndone(ctx: WriteContext, deps: TaskDeps, task: Task, status: TaskStatus): Promise<void> {
  const asked = task.undoes === null ? [] : [task.undoes]
  for (const taskId of new Set([...asked, ...(await tasksUndoneBy(ctx, task.id))])) {
    await reply(ctx, deps.clock, { v: 1, kind: 'enabled_again', taskId, enableTaskId: task.id, status })
    await showStatus(ctx, deps.clock, taskId)
  }
}
