import { findTaskByLookUp, insertTask, updateTask } from '#db/queries/tasks.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newId, newTaskId } from '#src/ids.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import { type Actor, assertRole } from '#src/people/actor.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { newerOn } from '#src/tasks/newest.ts'
import { copyPeople } from '#src/tasks/people/list.ts'
import { readTargetEmails, readTask } from '#src/tasks/rows.ts'
import { type Enforcement, offeredLengthsMs, type Task } from '#src/tasks/task.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'

/**
 * The end of a Disable that was asked for a length of time. The end is part of what was approved: making it later needs
 * nobody's approval, making it sooner is not offered.
 */

const remindBeforeMs = 60 * 60_000

/** Sets when a Disable that starts now ends, and plans its reminder and its end. */
export async function planEnd(ctx: WriteContext, deps: TaskDeps, task: Task, from: Date): Promise<void> {
  if (task.endsAfterMs === null) return
  const endsAt = new Date(from.getTime() + task.endsAfterMs)
  // A short one is reminded half-way.
  await setEnd(ctx, deps, task.id, endsAt, Math.min(remindBeforeMs, task.endsAfterMs / 2))
}

async function setEnd(
  ctx: WriteContext,
  deps: TaskDeps,
  taskId: string,
  endsAt: Date,
  remindMs: number,
): Promise<void> {
  await updateTask(ctx, taskId, { endsAt, updatedAt: deps.clock.now() })
  const payload = { taskId, endsAt: endsAt.toISOString() }
  await enqueue(ctx, deps.clock, {
    kind: 'remind_of_end',
    payload,
    runAt: new Date(endsAt.getTime() - remindMs),
  })
  await enqueue(ctx, deps.clock, { kind: 'end_disable', payload, runAt: endsAt })
}

/**
 * **Extend**: moves the end of a Disable by a length that is offered. `from` is the end that the person saw: a form that is
 * sent twice moves it once. Throws `UserError`: `not_found`, `stale` when it has ended, has no end, was moved by somebody
 * else meanwhile, or a newer task has the word about all its accounts.
 */
export async function extendDisable(
  deps: TaskDeps,
  request: {
    readonly actor: Actor
    readonly taskId: string
    readonly from: Date
    readonly byMs: number
  },
): Promise<void> {
  const { actor, taskId, from, byMs } = request
  if (!offeredLengthsMs.includes(byMs))
    throw new UserError('not_understood', 'Pick one of the lengths on the list.', 'ends')
  await deps.store.write(async (ctx) => {
    const { endsAt } = await assertEnds(ctx, deps, actor, taskId)
    const later = new Date(from.getTime() + byMs)
    if (endsAt.getTime() === later.getTime()) return
    if (endsAt.getTime() !== from.getTime())
      throw new UserError(
        'stale',
        `Somebody moved the end of ${taskId} meanwhile. Press Extend again to see when it ends now.`,
      )
    await setEnd(ctx, deps, taskId, later, Math.min(remindBeforeMs, byMs / 2))
    const at = later.toISOString()
    await reply(ctx, deps.clock, { v: 1, kind: 'end_moved', taskId, by: actor.userId, endsAt: at })
    await tellEnd(ctx, deps, taskId, { kind: 'end_extended', actor: actor.userId, facts: { endsAt: at } })
  })
}

/** **Keep disabled**: takes the end away. Throws `UserError` like `extendDisable`. */
export async function keepDisabled(
  deps: TaskDeps,
  request: { readonly actor: Actor; readonly taskId: string },
): Promise<void> {
  const { actor, taskId } = request
  await deps.store.write(async (ctx) => {
    await assertEnds(ctx, deps, actor, taskId)
    await updateTask(ctx, taskId, { endsAt: null, updatedAt: deps.clock.now() })
    await reply(ctx, deps.clock, { v: 1, kind: 'end_dropped', taskId, by: actor.userId })
    await tellEnd(ctx, deps, taskId, { kind: 'end_dropped', actor: actor.userId, facts: {} })
  })
}

/** What extending or keeping needs: a Disable with an end to come and something of it left. Throws `UserError`. */
async function assertEnds(
  ctx: ReadContext,
  deps: TaskDeps,
  actor: Actor,
  taskId: string,
): Promise<{ readonly endsAt: Date }> {
  assertRole(actor, 'responder')
  const read = await readTask(ctx, taskId)
  if (read === undefined) throw new UserError('not_found', 'I no longer know this task.')
  const { endsAt } = read.task
  if (endsAt === null)
    throw new UserError('stale', `${taskId} has no end any more: the accounts stay disabled.`)
  const { left } = await whatIsLeft(ctx, read.task, read.enforcements)
  if (endsAt <= deps.clock.now() || left.length === 0)
    throw new UserError(
      'stale',
      `${taskId} has ended, or a newer task has the word about its accounts. Ask anew with /disable-user.`,
    )
  return { endsAt }
}

async function tellEnd(
  ctx: WriteContext,
  deps: TaskDeps,
  taskId: string,
  event: { kind: 'end_extended' | 'end_dropped'; actor: string; facts: { readonly [key: string]: unknown } },
): Promise<void> {
  await record(ctx, deps.clock.now(), { ...event, taskId })
  await showStatus(ctx, deps.clock, taskId)
}

/** What the Disable changed and what still stands: `left` as it left it, `stays` under a newer task. */
async function whatIsLeft(
  ctx: ReadContext,
  task: Task,
  enforcements: readonly Enforcement[],
): Promise<{ readonly left: readonly Enforcement[]; readonly newer: string | undefined }> {
  const left: Enforcement[] = []
  let newer: string | undefined
  for (const one of enforcements) {
    const { systemId, accountId } = one
    if (accountId === null || one.readBack === null || one.already || one.undoneBy !== null) continue
    const other = await newerOn(ctx, task, { systemId, accountId })
    if (other === undefined) left.push(one)
    else newer = other.id
  }
  return { left, newer }
}

/** An hour before the end: reminds in the thread, with **Extend** and **Keep disabled**, while there is something to end. */
export async function remindOfEnd(
  ctx: WriteContext,
  deps: TaskDeps,
  taskId: string,
  endsAt: string,
): Promise<void> {
  // After a time away the end itself is due: what the reminder offers would come too late.
  if (new Date(endsAt) <= deps.clock.now()) return
  const read = await endingTask(ctx, taskId, endsAt)
  if (read === undefined || (await whatIsLeft(ctx, read.task, read.enforcements)).left.length === 0) return
  await reply(ctx, deps.clock, { v: 1, kind: 'end_near', taskId, by: read.task.requesterId, endsAt })
}

/** At the end: a task of Drawbridge's own enables what the Disable changed. The thread is told in any case. */
export async function endDisable(
  ctx: WriteContext,
  deps: TaskDeps,
  taskId: string,
  endsAt: string,
): Promise<void> {
  const read = await endingTask(ctx, taskId, endsAt)
  if (read === undefined) return
  const { task, enforcements } = read
  const now = deps.clock.now()
  const { left, newer } = await whatIsLeft(ctx, task, enforcements)
  const enableTaskId = left.length === 0 ? null : await enableAgain(ctx, deps, task, left, endsAt)
  await reply(ctx, deps.clock, { v: 1, kind: 'end_reached', taskId, enableTaskId, newer: newer ?? null })
  await record(ctx, now, {
    kind: 'end_reached',
    actor: 'system',
    taskId,
    facts: { enableTaskId, newer: newer ?? null },
  })
  await showStatus(ctx, deps.clock, taskId)
}

/** The task while the end is still the one that the job was made for. */
async function endingTask(ctx: ReadContext, taskId: string, endsAt: string) {
  const read = await readTask(ctx, taskId)
  return read?.task.endsAt?.toISOString() === endsAt ? read : undefined
}

async function enableAgain(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  left: readonly Enforcement[],
  endsAt: string,
): Promise<string> {
  const lookUpId = `end:${task.id}:${endsAt}`
  const existing = await findTaskByLookUp(ctx, lookUpId)
  if (existing !== undefined) return existing.id
  const now = deps.clock.now()
  const id = newTaskId()
  const description = `The end time of ${task.id} is reached.`
  const action = 'enable_account'
  const persons = [...new Set(left.map((one) => one.person))]
  const people = task.people === 0 ? 0 : persons.length
  const targetEmails = [...(await readTargetEmails(ctx, task.id))]
  if (people > 0) await copyPeople(ctx, task.lookUpId, lookUpId, persons)
  await insertTask(
    ctx,
    {
      ...{ id, action, lookUpId, description, undoes: task.id, status: 'in_progress', approvalsNeeded: 0 },
      ...{
        requesterId: 'system',
        requesterEmail: null,
        targetName: task.people === 0 ? task.targetName : `${people} people`,
      },
      ...{ personText: task.personText, targetEmails, people },
      ...{ endSessions: false, mayDeactivate: false, createdAt: now, updatedAt: now },
      searchText: [id, task.id, task.targetName, task.personText, ...targetEmails].join('\n').toLowerCase(),
    },
    left.map((one, position) => ({
      ...{
        id: newId(),
        taskId: id,
        action,
        position,
        person: one.person,
        status: 'waiting',
        run: 1,
        already: false,
        remarks: [],
      },
      ...{ systemId: one.systemId, systemKind: one.systemKind, accountId: one.accountId, login: one.login },
      ...{ emails: one.emails, evidence: { by: 'task', as: task.id }, follows: one.follows },
    })),
  )
  await record(ctx, now, {
    kind: 'task_requested',
    actor: 'system',
    taskId: id,
    facts: { action, ends: task.id, approvalsNeeded: 0 },
  })
  await showStatus(ctx, deps.clock, id)
  await enqueue(ctx, deps.clock, { kind: 'start_task', payload: { taskId: id } })
  return id
}
