import { z } from 'zod'
import { findTask } from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { JobKind } from '#src/jobs/job.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { showStatus } from '#src/tasks/thread.ts'

const Payload = z.object({ taskId: z.string() })

// Slack takes about one edit a second of the whole app.
const everyMs = 2_000

/** Has the message of a task about several people show how far it is while it runs, by the clock. */
export async function showProgress(ctx: WriteContext, clock: Clock, taskId: string): Promise<void> {
  await enqueue(ctx, clock, {
    kind: 'show_progress',
    payload: { taskId },
    runAt: new Date(clock.now().getTime() + everyMs),
    dedupeKey: `show_progress:${taskId}`,
  })
}

/** Edits the message once in a while: two thousand results are not two thousand edits. */
export function showProgressJob(deps: TaskDeps): JobKind<z.infer<typeof Payload>> {
  return {
    kind: 'show_progress',
    payload: Payload,
    maxAttempts: 1_000,
    async run({ taskId }) {
      const row = await deps.store.read((ctx) => findTask(ctx, taskId))
      if (row?.status !== 'in_progress') return { kind: 'completed' }
      return {
        kind: 'snooze',
        until: new Date(deps.clock.now().getTime() + everyMs),
        settle: (ctx) => showStatus(ctx, deps.clock, taskId),
      }
    },
    givenUp: async () => {},
  }
}
