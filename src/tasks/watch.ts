import { z } from 'zod'
import { findTask, updateTask } from '#db/queries/tasks.ts'
import { activePauses } from '#db/queries/pauses.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import type { JobKind } from '#src/jobs/job.ts'
import { pauseKey } from '#src/jobs/pauses.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { readTask } from '#src/tasks/rows.ts'
import { failed, settleEnforcement } from '#src/tasks/settle.ts'

const Payload = z.object({ taskId: z.string() })

/** How often the running time of a task is counted. */
export const watchEveryMs = 30_000

/**
 * Counts the time a task spends running and ends what is open when its limit is reached. Only time in which Drawbridge
 * was there counts: a tick that comes late adds no more than the tick's own length. Nor does time in which every system that
 * has not answered demanded a pause.
 */
export function watchTaskJob(deps: TaskDeps): JobKind<z.infer<typeof Payload>> {
  return {
    kind: 'watch_task',
    payload: Payload,
    maxAttempts: 1_000,
    async run({ taskId }) {
      const now = deps.clock.now()
      const { row, paused } = await deps.store.read(async (ctx) => ({
        row: await findTask(ctx, taskId),
        paused: await isPaused(ctx, taskId, now),
      }))
      if (row === undefined || row.status !== 'in_progress') return { kind: 'completed' }
      const sinceMs = now.getTime() - (row.tickedAt ?? now).getTime()
      const activeMs = row.activeMs + (paused ? 0 : Math.min(sinceMs, watchEveryMs))
      // The limit is one person's: a list may take that long for each of its people.
      const limitMs = deps.rules.taskTimeoutMs * Math.max(1, row.people)
      if (activeMs >= limitMs) return { kind: 'completed', settle: (ctx) => failOutOfTime(ctx, deps, taskId) }
      await deps.store.write((ctx) => updateTask(ctx, taskId, { activeMs, tickedAt: now }))
      const leftMs = limitMs - activeMs
      return { kind: 'snooze', until: new Date(now.getTime() + Math.min(watchEveryMs, leftMs)) }
    },
    givenUp: (ctx, { taskId }) => failOutOfTime(ctx, deps, taskId),
  }
}

/** Whether all that is open waits for systems that demanded a pause. */
async function isPaused(ctx: ReadContext, taskId: string, now: Date): Promise<boolean> {
  const enforcements = (await readTask(ctx, taskId))?.enforcements ?? []
  const open = enforcements.filter(({ status }) => status === 'running' || status === 'waiting')
  const paused = await activePauses(ctx, now)
  return open.length > 0 && open.every(({ systemId }) => paused.has(pauseKey('iam', systemId)))
}

/** Ends every open enforcement of the task as unsuccessful, "out of time"; Retry is offered then. */
export async function failOutOfTime(ctx: WriteContext, deps: TaskDeps, taskId: string): Promise<void> {
  const read = await readTask(ctx, taskId)
  if (read === undefined || read.task.status !== 'in_progress') return
  const now = deps.clock.now()
  if (read.task.startedAt === null) await updateTask(ctx, taskId, { startedAt: now })
  for (const one of read.enforcements) {
    if (one.status !== 'running' && one.status !== 'waiting') continue
    await settleEnforcement(ctx, deps, read.task, one, failed({ kind: 'out_of_time' }))
  }
}
