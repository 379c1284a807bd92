import { updateEnforcement } from '#db/queries/enforcements.ts'
import { readKept } from '#db/queries/journal.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import type { Remark } from '#src/iam/connector.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { leadersOf, mustWait, willBeUndone } from '#src/tasks/order.ts'
import { readPerson } from '#src/tasks/rows.ts'
import type { Enforcement, EnforcementStand, Task } from '#src/tasks/task.ts'

/** Kept for an enforcement whose mastering account is in the wanted state already, outside the task. */
export const ledElsewhere = 'led_elsewhere'

const undone: Remark = 'next_sync_will_undo'

/** Lets an enforcement wait for those that it follows, at most for the time limit of one call. */
export async function holdBack(
  ctx: WriteContext,
  deps: TaskDeps,
  one: Enforcement,
  sending: { readonly run: number; readonly by: string },
): Promise<void> {
  const now = deps.clock.now()
  const { run, by } = sending
  const { id, taskId, systemId, accountId, login, follows } = one
  await updateEnforcement(ctx, id, {
    ...{ accountId, login, follows, run, emails: [...one.emails], status: 'waiting' },
    ...{ reason: null, readBack: null, sessions: null, remarks: [], finishedAt: null },
  })
  await record(ctx, now, {
    kind: 'enforcement_held',
    actor: by,
    taskId,
    facts: { enforcement: id, system: systemId, account: accountId, run, follows },
  })
  await enqueue(ctx, deps.clock, {
    kind: 'release_enforcement',
    payload: { taskId, enforcementId: id, run, late: true },
    runAt: new Date(now.getTime() + deps.rules.callTimeoutMs),
  })
}

/** What the end of an enforcement means for those of the same person that follow it: they may go, and a warning may be settled. */
export async function tellFollowers(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  all: readonly EnforcementStand[],
): Promise<void> {
  for (const other of all) {
    const leads = leadersOf(task.action, other, all).some((leader) => leader.id === one.id)
    if (!leads) continue
    if (other.remarks.includes(undone) && !willBeUndone(task.action, other, all))
      await updateEnforcement(ctx, other.id, { remarks: other.remarks.filter((remark) => remark !== undone) })
    if (other.status === 'waiting' && !mustWait(task.action, other, all))
      await enqueue(ctx, deps.clock, {
        kind: 'release_enforcement',
        payload: { taskId: task.id, enforcementId: other.id, run: other.run, late: false },
      })
  }
}

/** What people must be told about a synchronized account that was changed before, or without, the one that masters it. */
export async function syncWarning(
  ctx: WriteContext,
  task: Task,
  one: Enforcement,
): Promise<readonly Remark[]> {
  const all = await readPerson(ctx, task.id, one.person)
  if (!willBeUndone(task.action, one, all)) return []
  return (await readKept(ctx, one.id, ledElsewhere)) === undefined ? [undone] : []
}
