import { localUsersByIds } from '#db/queries/local-users.ts'
import { addSessionFactor, insertFactor, type NewFactorRow } from '#db/queries/second-factors.ts'
import { sessionWithUser } from '#db/queries/sign-in-sessions.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { queueMails } from '#src/local-users/mails.ts'
import type { WebSecrets } from '#src/sign-in/sealed.ts'
import type { SignedIn } from '#src/sign-in/session.ts'

/** What the work on second factors needs. */
export interface FactorDeps extends LocalUserDeps {
  readonly web: {
    readonly secrets: WebSecrets
    /** Where people reach the pages, without a slash at its end. */
    readonly publicUrl: string
  }
}

/** What became of a code. Only `wrong` counts as a guess. */
export type Verified =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong' }
  /** It was right, and somebody used it already. */
  | { readonly kind: 'used' }
  /** The person has nothing to make such codes with. */
  | { readonly kind: 'none' }
  /** The person has, but no `web.secret` opens it any more. */
  | { readonly kind: 'unreadable' }
  /** Too many wrong ones: this one was not looked at. */
  | { readonly kind: 'wait'; readonly until: Date }

/** Looks at a code in the transaction in which it counts. */
export type VerifyCode = (
  ctx: WriteContext,
  deps: FactorDeps,
  userId: string,
  code: string,
) => Promise<Verified>

const freshMs = 15 * 60_000

/**
 * Refuses what changes how somebody signs in, unless they just did so, with a second factor where they have one. Throws
 * `UserError('sign_in_again')`.
 */
export function assertFresh({ clock }: FactorDeps, signedIn: SignedIn, hasSecondFactor: boolean): void {
  const isFresh = clock.now().getTime() - signedIn.signedInAt.getTime() <= freshMs
  const isFull = !hasSecondFactor || signedIn.factors.some((one) => one !== 'password')
  if (isFresh && isFull) return
  throw new UserError('sign_in_again', 'This needs a fresh sign-in. Sign in again, then come back here.')
}

/**
 * Refuses what changes how somebody signs in when their sign-in has ended since the page looked: a reset, a disable or a
 * changed password counts also against requests that are under way. Throws `UserError('sign_in_again')`.
 */
export async function assertStillIn(
  ctx: ReadContext,
  { clock }: LocalUserDeps,
  { sessionId, userId }: Pick<SignedIn, 'sessionId' | 'userId'>,
): Promise<void> {
  const found = await sessionWithUser(ctx, sessionId)
  const isIn = found?.user.id === userId && found.user.state === 'enabled'
  if (isIn && found.session.expiresAt > clock.now()) return
  throw new UserError('sign_in_again', 'You were signed out meanwhile. Sign in again, then come back here.')
}

/** Tells the person by mail what happened to their factors or codes, in the transaction in which it does. */
export async function tellPerson(
  ctx: WriteContext,
  deps: LocalUserDeps,
  kind: 'factors_changed' | 'factors_reset' | 'recovery_codes',
  userId: string,
): Promise<void> {
  const [user] = await localUsersByIds(ctx, [userId])
  if (user === undefined) return
  await queueMails(ctx, deps, [{ kind, userId, generation: user.generation }])
}

/**
 * Keeps a factor that somebody has just shown; their page session counts as begun with it from now on. Throws
 * `UserError('sign_in_again')` when their sign-in has ended meanwhile.
 */
export async function addFactor(
  ctx: WriteContext,
  deps: FactorDeps,
  signedIn: SignedIn,
  factor: Omit<NewFactorRow, 'kind' | 'userId'> & { readonly kind: 'totp' | 'passkey' },
): Promise<void> {
  const { userId, sessionId, factors } = signedIn
  await assertStillIn(ctx, deps, signedIn)
  await insertFactor(ctx, { ...factor, userId })
  await tellPerson(ctx, deps, 'factors_changed', userId)
  await addSessionFactor(ctx, { id: sessionId, factors }, factor.kind)
  await record(ctx, factor.createdAt, {
    kind: 'local_factor_added',
    actor: `local:${userId}`,
    facts: { userId, factorId: factor.id, factor: factor.kind },
  })
}
