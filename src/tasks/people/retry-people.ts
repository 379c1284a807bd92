import { waitAgain } from '#db/queries/enforcements.ts'
import { markStage } from '#db/queries/task-people.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { showProgress } from '#src/tasks/people/show-progress.ts'
import { sendNext, underWay } from '#src/tasks/people/turns.ts'
import { watchTask } from '#src/tasks/send.ts'
import type { Task } from '#src/tasks/task.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'

/**
 * Has everything on a list that failed wait for its turn again; nothing else is touched. Accounts about which a newer task
 * has the word end then, each with its reason.
 */
export async function retryPeople(ctx: WriteContext, deps: TaskDeps, task: Task, by: string): Promise<void> {
  const again = await waitAgain(ctx, task.id)
  const people = [...new Set(again)]
  await markStage(ctx, task.lookUpId, 'to_send', people)
  const facts = { people: people.length, accounts: again.length }
  await record(ctx, deps.clock.now(), { kind: 'enforcement_retried', actor: by, taskId: task.id, facts })
  await reply(ctx, deps.clock, { v: 1, kind: 'people_retried', taskId: task.id, by, ...facts })
  await sendNext(ctx, deps.clock, task, underWay(deps.rules))
  await watchTask(ctx, deps, task)
  await showProgress(ctx, deps.clock, task.id)
  await showStatus(ctx, deps.clock, task.id)
}
