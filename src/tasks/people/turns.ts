import { markStage, placesAtStage } from '#db/queries/task-people.ts'
import type { WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { Task } from '#src/tasks/task.ts'

/**
 * Has the next people of a list take their turn. As many are begun as calls to one system may run at the same time, then
 * one more for each who is done: a long list never stands before somebody else's urgent task.
 */
export async function sendNext(ctx: WriteContext, clock: Clock, task: Task, count: number): Promise<void> {
  const places = await placesAtStage(ctx, task.lookUpId, 'to_send', count)
  await markStage(ctx, task.lookUpId, 'sent', places)
  for (const person of places)
    await enqueue(ctx, clock, { kind: 'start_person', payload: { taskId: task.id, person } })
}
