import { z } from 'zod'
import { findEnforcement, updateEnforcement } from '#db/queries/enforcements.ts'
import { findTask, updateTask } from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import type { JobKind } from '#src/jobs/job.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { endDoubt } from '#src/tasks/doubt.ts'
import { readAccount } from '#src/tasks/gate.ts'
import { newerOn } from '#src/tasks/newest.ts'
import { isTold } from '#src/tasks/people/tell.ts'
import { enforcementFrom, taskFrom } from '#src/tasks/rows.ts'
import { settleTask } from '#src/tasks/settle.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'
import { sendEnforcements, watchTask } from '#src/tasks/send.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'

const Payload = z.object({ enforcementId: z.string(), run: z.number(), afterMs: z.number() })
type Payload = z.infer<typeof Payload>
const againMs = 60_000

/**
 * Looks at a disabled account again. Enabled meanwhile by somebody else: the thread says so and the status shows it. An
 * account whose state was unknown and now reads as disabled becomes successful. Silent when a newer task covers it.
 */
export function lookAgainJob(deps: TaskDeps): JobKind<Payload> {
  return {
    kind: 'look_again',
    payload: Payload,
    // A system that is away for longer is looked at again by the next planned look, or by Retry.
    maxAttempts: 10,
    async run(payload, run) {
      const row = await deps.store.read((ctx) => findEnforcement(ctx, payload.enforcementId))
      if (row === undefined || row.run !== payload.run || row.undoneBy !== null) return { kind: 'completed' }
      const one = enforcementFrom(row)
      const account = await readAccount(deps, one, run.signal)
      if (account === undefined) {
        const notBefore = new Date(deps.clock.now().getTime() + againMs)
        return { kind: 'retry', reason: `${one.systemId} could not be asked`, notBefore }
      }
      return { kind: 'completed', settle: (ctx) => compare(ctx, deps, payload, account.state) }
    },
    givenUp: async () => {},
  }
}

async function compare(
  ctx: WriteContext,
  deps: TaskDeps,
  payload: Payload,
  state: 'enabled' | 'disabled',
): Promise<void> {
  const row = await findEnforcement(ctx, payload.enforcementId)
  const taskRow = row === undefined ? undefined : await findTask(ctx, row.taskId)
  if (row === undefined || taskRow === undefined || row.run !== payload.run || row.undoneBy !== null) return
  const one = enforcementFrom(row)
  const task = taskFrom(taskRow)
  if (one.accountId === null) return
  const account = { systemId: one.systemId, accountId: one.accountId }
  if ((await newerOn(ctx, task, account)) !== undefined) return
  const unknown = one.readBack === 'unreachable'
  const disabled = one.status === 'successful' || one.readBack === 'verified'
  if (state === 'enabled' && (disabled || unknown)) await drifted(ctx, deps, task, one, payload)
  if (state === 'disabled' && unknown) await proveAgain(ctx, deps, task, one)
}

async function drifted(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  payload: Payload,
): Promise<void> {
  const now = deps.clock.now()
  await updateEnforcement(ctx, one.id, {
    status: 'unsuccessful',
    readBack: 'drifted',
    reason: { kind: 'read_back', readBack: 'drifted' },
  })
  await endDoubt(ctx, one.id)
  const afterMs = now.getTime() - (one.finishedAt ?? now).getTime()
  const { systemId, login } = one
  if (await isTold(ctx, deps, task, 'unsuccessful'))
    await reply(ctx, deps.clock, {
      v: 1,
      kind: 'drifted',
      taskId: task.id,
      systemId,
      login,
      enforcementId: one.id,
      at: now.toISOString(),
      afterMs: Math.max(afterMs, payload.afterMs),
    })
  await record(ctx, now, {
    kind: 'drift_seen',
    actor: 'system',
    taskId: task.id,
    facts: { enforcement: one.id, system: systemId },
  })
  await settleTask(ctx, deps, task.id)
}

/**
 * The account reads as disabled, but nobody has seen the lock enforced since it was sent: the enforcement runs once
 * more, which changes nothing on a disabled account and proves what can be proven.
 */
async function proveAgain(ctx: WriteContext, deps: TaskDeps, task: Task, one: Enforcement): Promise<void> {
  const now = deps.clock.now()
  await updateTask(ctx, task.id, {
    status: 'in_progress',
    updatedAt: now,
    finishedAt: null,
    activeMs: 0,
    tickedAt: now,
  })
  if (task.people === 0)
    await reply(ctx, deps.clock, {
      v: 1,
      kind: 'seen_again',
      taskId: task.id,
      systemId: one.systemId,
      login: one.login,
      at: now.toISOString(),
    })
  await record(ctx, now, {
    kind: 'seen_again',
    actor: 'system',
    taskId: task.id,
    facts: { enforcement: one.id, system: one.systemId },
  })
  await sendEnforcements(ctx, deps, [{ one, run: one.run + 1, by: 'system' }])
  await watchTask(ctx, deps, task)
  await showStatus(ctx, deps.clock, task.id)
}
