import { z } from 'zod'
import type { WriteContext } from '#db/store.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { JobKind } from '#src/jobs/job.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { standingOn } from '#src/tasks/newest.ts'
import { mustWait } from '#src/tasks/order.ts'
import { readTask } from '#src/tasks/rows.ts'
import { sendEnforcements } from '#src/tasks/send.ts'
import { failed, settleEnforcement } from '#src/tasks/settle.ts'

const Payload = z.object({
  taskId: z.string(),
  enforcementId: z.string(),
  run: z.number(),
  /** It has waited long enough: it goes also when those that it follows have not ended. */
  late: z.boolean(),
})
type Payload = z.infer<typeof Payload>
const busyAgainMs = 1_000

/** Lets an enforcement go that waited for those it follows; its own job judges the account anew. */
export function releaseEnforcementJob(deps: TaskDeps): JobKind<Payload> {
  return {
    kind: 'release_enforcement',
    payload: Payload,
    maxAttempts: 50,
    run: async (payload) => ({ kind: 'completed', settle: (ctx) => release(ctx, deps, payload) }),
    // The watch ends what nobody released.
    givenUp: async () => {},
  }
}

async function release(ctx: WriteContext, deps: TaskDeps, payload: Payload): Promise<void> {
  const read = await readTask(ctx, payload.taskId)
  const one = read?.enforcements.find((other) => other.id === payload.enforcementId)
  if (read === undefined || one?.status !== 'waiting' || one.run !== payload.run) return
  const { task, enforcements } = read
  if (!payload.late && mustWait(task.action, one, enforcements)) return
  const { systemId, accountId } = one
  const standing =
    accountId === null
      ? undefined
      : await standingOn(ctx, task, { systemId, accountId }, one.run === 1 ? 'first_start' : 'later')
  if (standing?.kind === 'lapsed')
    return await settleEnforcement(
      ctx,
      deps,
      task,
      one,
      failed({ kind: 'newer_task', taskId: standing.taskId }),
    )
  if (standing?.kind === 'busy') {
    const runAt = new Date(deps.clock.now().getTime() + busyAgainMs)
    return await enqueue(ctx, deps.clock, { kind: 'release_enforcement', payload, runAt })
  }
  await sendEnforcements(ctx, deps, [{ one, run: one.run, by: 'system' }])
}
