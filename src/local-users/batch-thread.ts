import type { WriteContext } from '#db/store.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'

/** Has the batch's own message show what is true, in the same transaction as what changed. */
export async function showBatchStatus(
  ctx: WriteContext,
  { clock }: Pick<LocalUserDeps, 'clock'>,
  batchId: string,
): Promise<void> {
  const message = { v: 1, kind: 'batch_status', batchId } as const
  await enqueueLine(ctx, clock, { stream: `batch:${batchId}`, lane: 'status', message })
}

/** Has the rows that failed put into the batch's thread, as a file that can be mended. */
export async function showBatchFailures(
  ctx: WriteContext,
  { clock }: Pick<LocalUserDeps, 'clock'>,
  batchId: string,
): Promise<void> {
  const message = { v: 1, kind: 'batch_failures', batchId } as const
  await enqueueLine(ctx, clock, { stream: `batch:${batchId}`, lane: 'reply', message })
}
