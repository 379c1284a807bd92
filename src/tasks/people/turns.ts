import { markStage, placesAtStage } from '#db/queries/task-people.ts'
import type { WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { Task } from '#src/tasks/task.ts'

/**
 * How many people of a list are under way at the same time: twice as many as calls to one system may run, so that no call
 * waits until the end of somebody is written, and no more, so that a long list never stands before somebody else's urgent
 * task for longer than a call or two.
 */
export function underWay(rules: { readonly callsPerSystem: number }): number {
  return 2 * rules.callsPerSystem
}

/** Has the next people of a list take their turn: `underWay` at first, then one more for each who is done. */
export async function sendNext(ctx: WriteContext, clock: Clock, task: Task, count: number): Promise<void> {
  const places = await placesAtStage(ctx, task.lookUpId, 'to_send', count)
  await markStage(ctx, task.lookUpId, 'sent', places)
  for (const person of places)
    await enqueue(ctx, clock, { kind: 'start_person', payload: { taskId: task.id, person } })
}
