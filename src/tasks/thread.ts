import type { WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import type { TaskReply } from '#src/outbox/message.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'

/** Adds a reply to the task's thread, after all replies that are there. */
export async function reply(ctx: WriteContext, clock: Clock, message: TaskReply): Promise<void> {
  await enqueueLine(ctx, clock, { stream: message.taskId, lane: 'reply', message })
}

/** Has the task's own message posted, or edited to what is true then. */
export async function showStatus(ctx: WriteContext, clock: Clock, taskId: string): Promise<void> {
  const message = { v: 1, kind: 'task_status', taskId } as const
  await enqueueLine(ctx, clock, { stream: taskId, lane: 'status', message })
}
