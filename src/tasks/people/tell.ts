import { countByPerson, countEnforcements, lastRun } from '#db/queries/enforcements.ts'
import type { WriteContext } from '#db/store.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { statusByPerson } from '#src/tasks/people/status.ts'
import type { Task, TaskStatus } from '#src/tasks/task.ts'
import { reply } from '#src/tasks/thread.ts'

/** How many failures are told one by one in the thread of a list; its file has all. */
const toldFailures = 10

/**
 * Whether the thread tells how an enforcement on a list ended: the first failures do, then one sentence says where the
 * others are. Asked after the ending was written.
 */
export async function isTold(
  ctx: WriteContext,
  deps: Pick<TaskDeps, 'clock'>,
  task: Task,
  status: 'successful' | 'unsuccessful' | 'skipped',
): Promise<boolean> {
  if (task.people === 0) return true
  if (status !== 'unsuccessful') return false
  const failed = await countEnforcements(ctx, task.id, ['unsuccessful'])
  if (failed === toldFailures + 1)
    await reply(ctx, deps.clock, { v: 1, kind: 'more_failures', taskId: task.id, told: toldFailures })
  return failed <= toldFailures
}

/** Tells how a task about several people ended, and has the file with every result follow. */
export async function tellPeopleEnded(
  ctx: WriteContext,
  deps: Pick<TaskDeps, 'clock'>,
  task: Task,
  status: TaskStatus,
): Promise<void> {
  const people = [...statusByPerson(await countByPerson(ctx, task.id)).values()]
  const count = (wanted: TaskStatus) => people.filter((one) => one === wanted).length
  await reply(ctx, deps.clock, {
    v: 1,
    kind: 'people_ended',
    taskId: task.id,
    action: task.action,
    status,
    successful: count('successful'),
    partly: count('partially_successful'),
    unsuccessful: count('unsuccessful'),
  })
  const run = await lastRun(ctx, task.id)
  const name = `${task.id}-results${run > 1 ? `-${run}` : ''}.csv`
  await enqueueLine(ctx, deps.clock, {
    stream: task.id,
    lane: 'reply',
    message: { v: 1, kind: 'results_file', taskId: task.id, name },
  })
}
