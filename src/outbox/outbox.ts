import { insertLine, type Lane, replaceLine } from '#db/queries/outbox.ts'
import type { WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import type { OutboxMessage } from '#src/outbox/message.ts'

/** A line to be delivered: lines of one stream go out in their order. */
interface NewLine {
  readonly stream: string
  readonly lane: Lane
  readonly message: OutboxMessage
  /** It is not delivered before this time; at once, unless told. */
  readonly notBefore?: Date
}

/** Adds a line in the same transaction as what it tells about; the relay delivers it, in order, once. */
export async function enqueueLine(ctx: WriteContext, clock: Clock, line: NewLine): Promise<void> {
  await insertLine(ctx, { ...line, now: clock.now() })
  ctx.touch('outbox')
}

/** As `enqueueLine`, for a stream in which only the newest line counts: it takes the place of one that still waits. */
export async function enqueueNewest(ctx: WriteContext, clock: Clock, line: NewLine): Promise<void> {
  const now = clock.now()
  await replaceLine(ctx, { ...line, now, notBefore: line.notBefore ?? now })
  ctx.touch('outbox')
}
