import { endSessions } from '#db/queries/local-users-sign-in.ts'
import { localUsersByIds } from '#db/queries/local-users.ts'
import {
  deleteFactor,
  deleteFactorsOf,
  type FactorRow,
  factorRowsOf,
  nameFactor,
  recoveryCodesLeft,
  replaceRecoveryCodes,
} from '#db/queries/second-factors.ts'
import { boundAmong } from '#db/queries/slack-bindings.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { endAskedLink } from '#src/local-users/enrollment.ts'
import { readLocalSettings } from '#src/local-users/settings.ts'
import { type Actor, assertRole } from '#src/people/actor.ts'
import {
  assertFresh,
  assertStillIn,
  type FactorDeps,
  tellPerson,
  type Verified,
} from '#src/sign-in/factor-deps.ts'
import { refusalOf, verifyGuarded } from '#src/sign-in/guessing.ts'
import { readFactorName } from '#src/sign-in/names.ts'
import { useRecoveryCode } from '#src/sign-in/recovery-codes.ts'
import type { SignedIn } from '#src/sign-in/session.ts'
import { useTotp } from '#src/sign-in/totp.ts'

export type { FactorDeps } from '#src/sign-in/factor-deps.ts'
export { beginPasskey, finishPasskey } from '#src/sign-in/passkeys.ts'

/** An authenticator app or a passkey, as its person sees it. */
export interface Factor {
  readonly id: string
  readonly kind: 'totp' | 'passkey'
  readonly name: string
  readonly addedAt: Date
  readonly usedAt: Date | undefined
}

/** With what somebody can do the second step. Without `all` there is none. */
export interface Factors {
  /** Oldest first. */
  readonly all: readonly Factor[]
  readonly recoveryCodesLeft: number
}

/** The person's second factors. */
export async function factorsOf(deps: FactorDeps, userId: string): Promise<Factors> {
  return await deps.store.read(async (ctx) => ({
    all: (await factorRowsOf(ctx, userId)).map(factorFrom),
    recoveryCodesLeft: await recoveryCodesLeft(ctx, userId),
  }))
}

function factorFrom({ id, kind, name, createdAt, usedAt }: FactorRow): Factor {
  const known = kind === 'totp' ? 'totp' : 'passkey'
  return { id, kind: known, name, addedAt: createdAt, usedAt: usedAt ?? undefined }
}

/** A code that somebody typed. */
export interface GivenCode {
  readonly kind: 'totp' | 'recovery_code'
  readonly code: string
}

/**
 * Looks at a code in the transaction in which it counts, and uses it up. Does not throw: a wrong one is counted, and that
 * must be committed.
 */
export async function verifyFactorIn(
  ctx: WriteContext,
  deps: FactorDeps,
  userId: string,
  { kind, code }: GivenCode,
): Promise<Verified> {
  return await verifyGuarded(ctx, deps, { userId, kind, code }, kind === 'totp' ? useTotp : useRecoveryCode)
}

/** Uses a code up. Throws `UserError` under `code`: `wrong_code`, or `too_many` after too many wrong ones in a row. */
export async function verifyFactor(deps: FactorDeps, userId: string, given: GivenCode): Promise<void> {
  const verified = await deps.store.write((ctx) => verifyFactorIn(ctx, deps, userId, given))
  if (verified.kind === 'wait') deps.onLimit?.('code')
  const refusal = refusalOf(verified, given.kind, deps.clock.now())
  if (refusal !== undefined) throw refusal
}

/** Names one of one's own factors. Throws `UserError`: `sign_in_again`, `not_found`, `too_long` under `name`. */
export async function renameFactor(
  deps: FactorDeps,
  signedIn: SignedIn,
  given: { readonly id: string; readonly name: string },
): Promise<void> {
  const { userId } = signedIn
  const name = readFactorName(given.name, 'Without a name')
  assertFresh(deps, signedIn, true)
  await deps.store.write(async (ctx) => {
    await assertStillIn(ctx, deps, signedIn)
    if (!(await nameFactor(ctx, { id: given.id, userId }, name))) throw gone()
    await record(ctx, deps.clock.now(), {
      kind: 'local_factor_renamed',
      actor: `local:${userId}`,
      facts: { userId, factorId: given.id },
    })
  })
}

/**
 * Removes one of one's own factors; recovery codes go with the last one. Throws `UserError`: `sign_in_again`,
 * `not_found`, or `nothing_to_do` for the last one while a second factor is required.
 */
export async function removeFactor(deps: FactorDeps, signedIn: SignedIn, id: string): Promise<void> {
  const { userId } = signedIn
  assertFresh(deps, signedIn, true)
  const now = deps.clock.now()
  await deps.store.write(async (ctx) => {
    await assertStillIn(ctx, deps, signedIn)
    const removed = await deleteFactor(ctx, { id, userId })
    if (removed === undefined) throw gone()
    const left = await factorRowsOf(ctx, userId)
    if (left.length === 0) await lastOneGoes(ctx, userId, now)
    await tellPerson(ctx, deps, 'factors_changed', userId)
    await record(ctx, now, {
      kind: 'local_factor_removed',
      actor: `local:${userId}`,
      facts: { userId, factorId: id, factor: removed.kind },
    })
  })
}

async function lastOneGoes(ctx: WriteContext, userId: string, now: Date): Promise<void> {
  const { mfaRequired } = await readLocalSettings(ctx)
  if (mfaRequired) {
    const sentence = 'A second factor is required here. Add another one, then remove this one.'
    throw new UserError('nothing_to_do', sentence)
  }
  await replaceRecoveryCodes(ctx, userId, [], now)
}

function gone(): UserError {
  return new UserError('not_found', 'This is no longer there.')
}

/**
 * Takes all second factors and recovery codes of a person away and ends their sessions and links, e.g. for a lost
 * phone; how many factors there were. An owner only does that to somebody who is bound to a Slack person. Throws `UserError`:
 * `not_allowed`, `not_found`.
 */
export async function resetFactors(deps: LocalUserDeps, actor: Actor, userId: string): Promise<number> {
  const now = deps.clock.now()
  return await deps.store.write(async (ctx) => {
    await assertMayReset(ctx, actor, userId)
    const [user] = await localUsersByIds(ctx, [userId])
    if (user === undefined) throw new UserError('not_found', 'This local user is no longer there.')
    const factors = await deleteFactorsOf(ctx, [userId])
    await endSessions(ctx, [userId])
    await endAskedLink(ctx, user, now)
    await tellPerson(ctx, deps, 'factors_reset', userId)
    const facts = { userId, email: user.email, factors }
    await record(ctx, now, { kind: 'local_factors_reset', actor: actor.userId, facts })
    return factors
  })
}

/** Throws `UserError('not_allowed')`: a bound local user is an owner's business, the others a local-user admin's. */
async function assertMayReset(ctx: ReadContext, actor: Actor, userId: string): Promise<void> {
  const bound = await boundAmong(ctx, [userId])
  assertRole(actor, bound.length > 0 ? 'owner' : 'local_user_admin')
}
