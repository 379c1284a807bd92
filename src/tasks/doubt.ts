import { forgetOne, keepOnce, readKept } from '#db/queries/journal.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'

/**
 * Doubt about an enforcement: its change may have been sent, and nobody has looked since. It is noted before the first
 * write, so that it outlives a process that is killed before it hears how the change went.
 */
const name = 'maybe_changed'

/** Notes that from now on the account may be changed. */
export async function noteDoubt(ctx: WriteContext, enforcementId: string, now: Date): Promise<void> {
  await keepOnce(ctx, enforcementId, name, true, now)
}

/** Whether the account may have been changed without anybody having looked since. */
export async function isInDoubt(ctx: ReadContext, enforcementId: string): Promise<boolean> {
  return (await readKept(ctx, enforcementId, name)) !== undefined
}

/** Somebody has looked, or nothing was sent after all. */
export async function endDoubt(ctx: WriteContext, enforcementId: string): Promise<void> {
  await forgetOne(ctx, enforcementId, name)
}
