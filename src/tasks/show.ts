import { decisionsOfTask } from '#db/queries/decisions.ts'
import type { ReadContext } from '#db/store.ts'
import { approvalsMissing } from '#src/approvals/wait.ts'
import { findTask } from '#db/queries/tasks.ts'
import { type PeopleCard, readPeopleCard } from '#src/tasks/people/show-people.ts'
import { readPerson, taskFrom } from '#src/tasks/rows.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'

/** Everything that a task's own message says. */
export interface TaskCard {
  readonly task: Task
  /** Empty in a task about several people. */
  readonly enforcements: readonly Enforcement[]
  /** Set in a task about several people. */
  readonly people: PeopleCard | undefined
  readonly missing: number
  readonly approvedBy: readonly string[]
  readonly rejectedBy: string | undefined
  readonly rejectReason: string | undefined
  /** Failed enforcements that Retry may send again. */
  readonly retryable: boolean
  /** Something this Disable changed is still as it left it. */
  readonly enableOffered: boolean
}

/** What is true about a task now, for its message; undefined when there is none of that id. */
export async function readTaskCard(ctx: ReadContext, taskId: string): Promise<TaskCard | undefined> {
  const row = await findTask(ctx, taskId)
  if (row === undefined) return undefined
  const task = taskFrom(row)
  const people = task.people === 0 ? undefined : await readPeopleCard(ctx, task)
  const enforcements = people === undefined ? await readPerson(ctx, taskId, 0) : []
  const counted = (await decisionsOfTask(ctx, taskId)).filter((one) => one.state === 'counted')
  const rejection = counted.find((one) => one.verdict === 'reject')
  const ended = task.startedAt !== null && task.status !== 'in_progress'
  return {
    task,
    enforcements,
    people,
    missing: await approvalsMissing(ctx, task),
    approvedBy: counted.filter((one) => one.verdict === 'approve').map((one) => one.approverId),
    rejectedBy: rejection?.approverId,
    rejectReason: rejection?.note,
    retryable:
      ended &&
      (enforcements.some((one) => one.status === 'unsuccessful') || (people?.failedAccounts ?? 0) > 0),
    enableOffered:
      ended &&
      task.action === 'disable_account' &&
      (enforcements.some((one) => one.readBack !== null && !one.already && one.undoneBy === null) ||
        (people?.standing ?? 0) > 0),
  }
}
