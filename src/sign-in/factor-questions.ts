import type { WriteContext } from '#db/store.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { hasToWait, limitOf, takeTurn } from '#src/sign-in/lock-out.ts'
import type { SignedIn } from '#src/sign-in/session.ts'

/** In which sign-in something is asked about a second factor, and answered. */
export type AskedIn = Pick<SignedIn, 'userId' | 'sessionId'>

/**
 * Writes a question about a second factor, looks one up for an answer, or makes new recovery codes. Each is counted by its
 * sign-in, so that nobody fills the database, the audit trail or a mailbox; others of the same person are not slowed by it.
 * Throws `UserError('too_many')`.
 */
export async function questionInTurn<T>(
  deps: LocalUserDeps,
  { sessionId }: AskedIn,
  work: (ctx: WriteContext) => Promise<T>,
): Promise<T> {
  const done = await deps.store.write(async (ctx) => {
    const turn = await takeTurn(ctx, deps.clock.now(), [{ by: 'question', what: sessionId }])
    return turn.kind === 'wait' ? turn : { kind: 'done' as const, value: await work(ctx) }
  })
  if (done.kind === 'done') return done.value
  deps.onLimit?.(limitOf[done.by])
  throw hasToWait(done)
}
