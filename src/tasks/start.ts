import { z } from 'zod'
import { findTask, updateTask } from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { JobKind } from '#src/jobs/job.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { planEnd } from '#src/tasks/ends.ts'
import { type Gate, lookBeforeChange } from '#src/tasks/gate.ts'
import { emailsAt, handOut, isBusy } from '#src/tasks/hand.ts'
import { needsMoreApprovals } from '#src/tasks/more-approvals.ts'
import { startPeople } from '#src/tasks/people/start-people.ts'
import { readTargetEmails, readTask, taskFrom } from '#src/tasks/rows.ts'
import { watchTask } from '#src/tasks/send.ts'
import { settleTask } from '#src/tasks/settle.ts'
import type { Task } from '#src/tasks/task.ts'
import { failOutOfTime } from '#src/tasks/watch.ts'

const Payload = z.object({ taskId: z.string() })
const busyAgainMs = 1_000

/**
 * Starts a task that may run: matches and judges every account anew, before the first change, then hands each account
 * to an `enforce` job. An account that another task is changing right now makes it wait.
 */
export function startTaskJob(deps: TaskDeps): JobKind<z.infer<typeof Payload>> {
  return {
    kind: 'start_task',
    payload: Payload,
    maxAttempts: 50,
    async run({ taskId }, run) {
      const row = await deps.store.read((ctx) => findTask(ctx, taskId))
      if (row === undefined || !mayStart(taskFrom(row))) return { kind: 'completed' }
      if (row.people > 0) return await startPeople(deps, taskFrom(row), run.signal)
      const read = await deps.store.read((ctx) => readTask(ctx, taskId))
      if (read === undefined) return { kind: 'completed' }
      const busy = await deps.store.read((ctx) => isBusy(ctx, read.task, read.enforcements))
      if (busy) return { kind: 'snooze', until: new Date(deps.clock.now().getTime() + busyAgainMs) }
      const gate = await lookBeforeChange(deps, read.task, read.enforcements, run.signal)
      return { kind: 'completed', settle: (ctx) => begin(ctx, deps, taskId, gate) }
    },
    givenUp: (ctx, { taskId }) => failOutOfTime(ctx, deps, taskId),
  }
}

function mayStart(task: Task): boolean {
  return task.status === 'in_progress' && task.startedAt === null
}

async function begin(ctx: WriteContext, deps: TaskDeps, taskId: string, gate: Gate): Promise<void> {
  const read = await readTask(ctx, taskId)
  if (read === undefined || !mayStart(read.task)) return
  const { task } = read
  const now = deps.clock.now()
  if (await isBusy(ctx, task, read.enforcements)) {
    await enqueue(ctx, deps.clock, {
      kind: 'start_task',
      payload: { taskId },
      runAt: new Date(now.getTime() + busyAgainMs),
    })
    return
  }
  const known = await readTargetEmails(ctx, taskId)
  const targetEmails = [...new Set([...known, ...emailsAt(gate, read.enforcements)])]
  if (await needsMoreApprovals(ctx, deps, task, read.enforcements, gate, targetEmails)) return
  await updateTask(ctx, taskId, { startedAt: now, tickedAt: now, updatedAt: now, targetEmails })
  await record(ctx, now, {
    kind: 'task_started',
    actor: 'system',
    taskId,
    facts: { enforcements: read.enforcements.length },
  })
  await planEnd(ctx, deps, task, now)
  await handOut(ctx, deps, task, read.enforcements, gate)
  await watchTask(ctx, deps, task)
  await settleTask(ctx, deps, taskId)
}
