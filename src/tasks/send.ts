import { updateEnforcement } from '#db/queries/enforcements.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import type { MatchedAccount } from '#src/iam/target.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'
import { watchEveryMs } from '#src/tasks/watch.ts'

/**
 * Hands one enforcement to a job. `account` is what the gate read about it a moment ago; without it the job looks for
 * itself before it changes anything. Recorded before the call: an action that could not be recorded is not carried out.
 */
export async function sendEnforcement(
  ctx: WriteContext,
  deps: TaskDeps,
  one: Enforcement,
  sending: {
    readonly run: number
    readonly by: string
    readonly account?: MatchedAccount | undefined
    /** Whether what was read is fresh enough for the job; it is, unless told. */
    readonly judged?: boolean
  },
): Promise<void> {
  const now = deps.clock.now()
  const { run, by, account } = sending
  await updateEnforcement(ctx, one.id, {
    status: 'running',
    run,
    startedAt: now,
    finishedAt: null,
    reason: null,
    readBack: null,
    sessions: null,
    remarks: [],
    ...(account !== undefined && {
      accountId: account.accountId,
      login: account.login,
      emails: account.emails,
    }),
  })
  await record(ctx, now, {
    kind: run === 1 ? 'enforcement_started' : 'enforcement_retried',
    actor: by,
    taskId: one.taskId,
    facts: { enforcement: one.id, system: one.systemId, account: account?.accountId ?? one.accountId, run },
  })
  await enqueue(ctx, deps.clock, {
    kind: 'enforce',
    lane: one.systemId,
    payload: { enforcementId: one.id, run, judged: sending.judged ?? account !== undefined },
  })
}

/** Has the running time of a task counted from now on. */
export async function watchTask(ctx: WriteContext, deps: TaskDeps, task: Task): Promise<void> {
  await enqueue(ctx, deps.clock, {
    kind: 'watch_task',
    payload: { taskId: task.id },
    runAt: new Date(deps.clock.now().getTime() + watchEveryMs),
    dedupeKey: `watch_task:${task.id}`,
  })
}
