import { z } from 'zod'
import { findEnforcement, findTask, newerTaskOnAccount } from '#db/queries/tasks.ts'
import { updateEnforcement } from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import type { JobKind } from '#src/jobs/job.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { readAccount } from '#src/tasks/gate.ts'
import { enforcementFrom, taskFrom } from '#src/tasks/rows.ts'
import { settleTask } from '#src/tasks/settle.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'
import { reply } from '#src/tasks/thread.ts'

const Payload = z.object({ enforcementId: z.string(), run: z.number(), afterMs: z.number() })
type Payload = z.infer<typeof Payload>

/**
 * Looks at a disabled account again. Enabled meanwhile by somebody else: the thread says so and the status shows it. An
 * account whose state was unknown and now reads as disabled becomes successful. Silent when a newer task covers it.
 */
export function lookAgainJob(deps: TaskDeps): JobKind<Payload> {
  return {
    kind: 'look_again',
    payload: Payload,
    maxAttempts: 5,
    async run(payload, run) {
      const row = await deps.store.read((ctx) => findEnforcement(ctx, payload.enforcementId))
      if (row === undefined || row.run !== payload.run || row.undoneBy !== null) return { kind: 'completed' }
      const one = enforcementFrom(row)
      const account = await readAccount(deps, one, run.signal)
      if (account === undefined) return { kind: 'retry', reason: `${one.systemId} could not be asked` }
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
  if ((await newerTaskOnAccount(ctx, account, { taskId: task.id, createdAt: task.createdAt })) !== undefined)
    return
  if (one.status === 'successful' && state === 'enabled') await drifted(ctx, deps, task, one, payload)
  if (one.readBack === 'unreachable' && state === 'disabled') await seenAgain(ctx, deps, task, one)
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
  const afterMs = now.getTime() - (one.finishedAt ?? now).getTime()
  const { systemId, login } = one
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

async function seenAgain(ctx: WriteContext, deps: TaskDeps, task: Task, one: Enforcement): Promise<void> {
  const now = deps.clock.now()
  await updateEnforcement(ctx, one.id, { status: 'successful', readBack: 'verified', reason: null })
  const { systemId, login } = one
  await reply(ctx, deps.clock, {
    v: 1,
    kind: 'seen_again',
    taskId: task.id,
    systemId,
    login,
    state: 'disabled',
    at: now.toISOString(),
  })
  await settleTask(ctx, deps, task.id)
}
