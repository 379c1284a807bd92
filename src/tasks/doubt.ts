import { forgetKept, forgetOne, hasKept, keepOnce } from '#db/queries/journal.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'

/**
 * Doubt about an enforcement: its change may have been sent, and nobody has looked since. It is noted before the first
 * write, so that it outlives a process that is killed before it hears how the change went. Each attempt notes its own: one
 * that knows that it sent nothing does not speak for another that was taken for dead and still writes.
 */
const prefix = 'maybe_changed:'

/** Notes that from now on this attempt may have changed the account. */
export async function noteDoubt(
  ctx: WriteContext,
  enforcementId: string,
  attemptId: string,
  now: Date,
): Promise<void> {
  await keepOnce(ctx, enforcementId, prefix + attemptId, true, now)
}

/** Whether the account may have been changed without anybody having looked since. */
export async function isInDoubt(ctx: ReadContext, enforcementId: string): Promise<boolean> {
  return await hasKept(ctx, enforcementId, prefix)
}

/** This attempt has sent nothing after all. */
export async function takeDoubtBack(
  ctx: WriteContext,
  enforcementId: string,
  attemptId: string,
): Promise<void> {
  await forgetOne(ctx, enforcementId, prefix + attemptId)
}

/** Somebody has looked. */
export async function endDoubt(ctx: WriteContext, enforcementId: string): Promise<void> {
  await forgetKept(ctx, enforcementId, prefix)
}
