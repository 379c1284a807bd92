import { endSessions, passwordHashOf } from '#db/queries/local-users-sign-in.ts'
import { localUsersByIds, updateLocalUser } from '#db/queries/local-users.ts'
import { factorRowsOf } from '#db/queries/second-factors.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { queueMails } from '#src/local-users/mails.ts'
import { hashNewPassword, inTurn, type PasswordDeps, setPassword } from '#src/local-users/password-history.ts'
import { isPassword } from '#src/local-users/password.ts'
import type { Secret } from '#src/secrets.ts'
import { assertFresh, assertStillIn, type FactorDeps } from '#src/sign-in/factor-deps.ts'
import { type Counter, giveTurnBack, hasToWait, limitOf, takeTurn } from '#src/sign-in/lock-out.ts'
import { type SignedIn, startSession } from '#src/sign-in/session.ts'

/** What somebody typed to change their password. */
export interface PasswordChange {
  readonly current: Secret
  readonly wanted: Secret
  /** By which the person recognises the browser later. */
  readonly label: string
}

/** Throws `UserError('sign_in_again')` for who did not just sign in, with a second factor where they have one. */
export async function assertMayChangePassword(deps: FactorDeps, signedIn: SignedIn): Promise<void> {
  const factors = await deps.store.read((ctx) => factorRowsOf(ctx, signedIn.userId))
  assertFresh(deps, signedIn, factors.length > 0)
}

/**
 * Changes one's own password. All sessions end with it, links that are out too; the browser that asked gets a session in the
 * place of the one it had, which is as old as that one. Of two at once one goes on. Throws `UserError`: `sign_in_again`;
 * `not_understood` or `too_many` under `current`; as `hashNewPassword`.
 */
export async function changePassword(
  deps: FactorDeps & PasswordDeps,
  signedIn: SignedIn,
  change: PasswordChange,
): Promise<{ readonly token: Secret }> {
  const { store, clock } = deps
  const { userId, factors, signedInAt } = signedIn
  await assertMayChangePassword(deps, signedIn)
  const before = await showCurrent(deps, signedIn, change)
  const hash = await hashNewPassword(deps, signedIn, change.wanted)
  const now = clock.now()
  return await store.write(async (ctx) => {
    const [user] = await localUsersByIds(ctx, [userId])
    await assertStillIn(ctx, deps, signedIn)
    if (user === undefined || (await passwordHashOf(ctx, userId)) !== before) throw meanwhile()
    // Links that are out were for whoever had the old password.
    const generation = user.generation + 1
    const fields = { generation, linkHash: null, linkExpiresAt: null, updatedAt: now }
    if (!(await updateLocalUser(ctx, user, fields))) throw meanwhile()
    await endSessions(ctx, [userId])
    await setPassword(ctx, { userId, hash, changedAt: now })
    await queueMails(ctx, deps, [{ kind: 'password_changed', userId, generation }])
    await record(ctx, now, {
      kind: 'local_user_password_changed',
      actor: `local:${userId}`,
      facts: { userId },
    })
    return await startSession(ctx, deps, { userId, kind: 'page', factors, label: change.label, signedInAt })
  })
}

/** The hash of the current password, once it was typed. Tries are counted: the browser may be another's. */
async function showCurrent(
  deps: FactorDeps & PasswordDeps,
  { userId, email }: SignedIn,
  change: PasswordChange,
): Promise<string> {
  const { store, clock } = deps
  const counters: readonly Counter[] = [{ by: 'own', what: userId }]
  const { turn, hash, isRight } = await inTurn(deps, email, async () => {
    const begun = await store.write(async (ctx) => ({
      turn: await takeTurn(ctx, clock.now(), counters),
      hash: await passwordHashOf(ctx, userId),
    }))
    const kept = begun.turn.kind === 'go' ? begun.hash : undefined
    return { ...begun, isRight: kept !== undefined && (await isPassword(kept, change.current)) }
  })
  if (turn.kind === 'wait') {
    deps.onLimit?.(limitOf[turn.by])
    throw new UserError('too_many', hasToWait(turn).message, 'current')
  }
  if (hash !== undefined && isRight) {
    await store.write((ctx) => giveTurnBack(ctx, counters))
    return hash
  }
  await store.write((ctx) =>
    record(ctx, clock.now(), {
      kind: 'local_password_change_refused',
      actor: `local:${userId}`,
      facts: { userId, tries: turn.tries },
    }),
  )
  const sentence = 'This is not your current password. Forgot it? Sign out, then ask for a link.'
  throw new UserError('not_understood', sentence, 'current')
}

function meanwhile(): UserError {
  return new UserError(
    'sign_in_again',
    'Your password was changed meanwhile. Sign in again, then come back here.',
  )
}
