import type { WriteContext } from '#db/store.ts'
import type { TaskReply } from '#src/outbox/message.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'

/** Adds a reply to the task's thread, after all replies that are there. */
export async function reply(ctx: WriteContext, message: TaskReply): Promise<void> {
  await enqueueLine(ctx, { stream: message.taskId, lane: 'reply', message })
}

/** Has the task's own message posted, or edited to what is true then. */
export async function showStatus(ctx: WriteContext, taskId: string): Promise<void> {
  await enqueueLine(ctx, { stream: taskId, lane: 'status', message: { v: 1, kind: 'task_status', taskId } })
}
