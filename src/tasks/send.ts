import { updateEnforcement, updateEnforcements } from '#db/queries/enforcements.ts'
import type { WriteContext } from '#db/store.ts'
import { recordAll } from '#src/audit/audit.ts'
import type { MatchedAccount } from '#src/iam/target.ts'
import { enqueue, enqueueAll } from '#src/jobs/enqueue.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'
import { watchEveryMs } from '#src/tasks/watch.ts'

/** One enforcement that is to be handed to a job. */
export interface Sending {
  readonly one: Enforcement
  readonly run: number
  /** The Slack user id of who asked, or `system`. */
  readonly by: string
  /** What was read about the account a moment ago; without it the job looks for itself before it changes anything. */
  readonly account?: MatchedAccount | undefined
  /** Whether what was read is fresh enough for the job; it is, unless told. */
  readonly judged?: boolean
}

/**
 * Hands enforcements to a job each. Recorded before the calls: an action that could not be recorded is not carried out.
 */
export async function sendEnforcements(
  ctx: WriteContext,
  deps: TaskDeps,
  sendings: readonly Sending[],
): Promise<void> {
  const now = deps.clock.now()
  const running = { status: 'running', startedAt: now, finishedAt: null } as const
  const forgotten = { reason: null, readBack: null, sessions: null, remarks: [] }
  for (const [run, group] of Map.groupBy(sendings, (sending) => sending.run))
    await updateEnforcements(
      ctx,
      group.map(({ one }) => one.id),
      { ...running, ...forgotten, run },
    )
  for (const { one, account } of sendings)
    if (account !== undefined && !isAsKnown(one, account)) {
      const { accountId, login, emails } = account
      await updateEnforcement(ctx, one.id, { accountId, login, emails })
    }
  await recordAll(
    ctx,
    now,
    sendings.map(({ one, run, by, account }) => ({
      kind: run === 1 ? 'enforcement_started' : 'enforcement_retried',
      actor: by,
      taskId: one.taskId,
      facts: {
        enforcement: one.id,
        system: one.systemId,
        account: account?.accountId ?? one.accountId,
        run,
      },
    })),
  )
  await enqueueAll(
    ctx,
    deps.clock,
    sendings.map(({ one, run, account, judged = account !== undefined }) => ({
      kind: 'enforce',
      lane: one.systemId,
      payload: { enforcementId: one.id, run, judged },
    })),
  )
}

function isAsKnown(one: Enforcement, account: MatchedAccount): boolean {
  return (
    one.accountId === account.accountId &&
    one.login === account.login &&
    one.emails.join('\n') === account.emails.join('\n')
  )
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
