import { z } from 'zod'

const Base = { v: z.literal(1) }

/**
 * The facts that the outbox holds, never rendered blocks. `task_status` is the root message of a task's thread: it is
 * posted once and afterwards edited, always rendered from what is true at delivery. The other lines of a task are
 * replies, complete in themselves.
 */
export const OutboxMessage = z.discriminatedUnion('kind', [
  z.object({ ...Base, kind: z.literal('task_status'), taskId: z.string() }),
])
export type OutboxMessage = z.infer<typeof OutboxMessage>
