import type { WriteContext } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { readTask } from '#src/tasks/rows.ts'

/**
 * Looks at the approver's one-time code where the policy asks for one, and uses it up. What is wrong is given back rather
 * than thrown: a wrong code is counted, and that must be committed.
 */
export async function stepUpRefusal(
  ctx: WriteContext,
  deps: TaskDeps,
  by: { readonly taskId: string; readonly approverId: string; readonly code: string },
): Promise<UserError | undefined> {
  const task = (await readTask(ctx, by.taskId))?.task
  // A task that is gone is refused by the job, in its own words.
  if (task === undefined || deps.rules.approval[task.action].stepUp !== true) return undefined
  if (deps.stepUp === undefined)
    return new UserError(
      'nothing_to_do',
      'One-time codes cannot be checked here. Ask an owner of Drawbridge.',
    )
  return await deps.stepUp.verify(ctx, by.approverId, by.code)
}
