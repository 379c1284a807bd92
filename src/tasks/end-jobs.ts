import { z } from 'zod'
import type { WriteContext } from '#db/store.ts'
import type { JobKind } from '#src/jobs/job.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { endDisable, remindOfEnd } from '#src/tasks/ends.ts'

const Payload = z.object({
  taskId: z.string(),
  /** The end that this was planned for; one that was moved since has plans of its own. */
  endsAt: z.string(),
})
type Payload = z.infer<typeof Payload>
type Act = (ctx: WriteContext, deps: TaskDeps, taskId: string, endsAt: string) => Promise<void>

function atEnd(kind: string, deps: TaskDeps, act: Act): JobKind<Payload> {
  return {
    kind,
    payload: Payload,
    maxAttempts: 1_000,
    run: async ({ taskId, endsAt }) => ({
      kind: 'completed',
      settle: (ctx) => act(ctx, deps, taskId, endsAt),
    }),
    givenUp: async () => {},
  }
}

/** Reminds that a temporary Disable is about to end. */
export const remindOfEndJob = (deps: TaskDeps) => atEnd('remind_of_end', deps, remindOfEnd)

/** Ends a temporary Disable. */
export const endDisableJob = (deps: TaskDeps) => atEnd('end_disable', deps, endDisable)
