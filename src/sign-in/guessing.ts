import { factorTries, forgetFactorTries, keepFactorTries } from '#db/queries/second-factors.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import type { FactorDeps, Verified, VerifyCode } from '#src/sign-in/factor-deps.ts'

const free = 5
const firstWaitMs = 60_000
const longestWaitMs = 60 * 60_000

/**
 * How long nothing is looked at after so many wrong codes in a row: not at all before the fifth, then a minute, doubled
 * each time up to an hour. About thirty guesses in a day, of a million codes. Pure.
 */
export function waitAfterMs(wrong: number): number {
  return wrong < free ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** (wrong - free))
}

/** Looks at a code unless too many were wrong, and counts. Never throws for a code: what was counted must be committed. */
export async function verifyGuarded(
  ctx: WriteContext,
  deps: FactorDeps,
  given: { readonly userId: string; readonly kind: 'totp' | 'recovery_code'; readonly code: string },
  verify: VerifyCode,
): Promise<Verified> {
  const { userId, kind, code } = given
  const now = deps.clock.now()
  const tries = await factorTries(ctx, userId, kind)
  const until = tries?.waitUntil ?? undefined
  if (until !== undefined && until > now) return { kind: 'wait', until }
  const verified = await verify(ctx, deps, userId, code)
  if (verified.kind === 'right' && tries !== undefined) await forgetFactorTries(ctx, userId, kind)
  if (verified.kind !== 'wrong') return verified
  const wrong = (tries?.wrong ?? 0) + 1
  const waitMs = waitAfterMs(wrong)
  const waitUntil = waitMs === 0 ? null : new Date(now.getTime() + waitMs)
  await keepFactorTries(ctx, { userId, kind, wrong, waitUntil })
  await record(ctx, now, {
    kind: 'local_factor_refused',
    actor: `local:${userId}`,
    facts: { userId, factor: kind, wrong },
  })
  return verified
}

/** What a person reads when their code did not count; undefined when it did. The field is `code`. */
export function refusalOf(
  verified: Verified,
  kind: 'totp' | 'recovery_code',
  now: Date,
): UserError | undefined {
  switch (verified.kind) {
    case 'right':
      return undefined
    case 'wrong':
      return new UserError('wrong_code', wrongSentence[kind], 'code')
    case 'used':
      return new UserError('wrong_code', 'This code was used already. Wait for the next one.', 'code')
    case 'none':
      return new UserError('wrong_code', noneSentence[kind], 'code')
    case 'unreadable':
      return new UserError('wrong_code', unreadable, 'code')
    case 'wait': {
      const minutes = Math.max(1, Math.ceil((verified.until.getTime() - now.getTime()) / 60_000))
      const time = minutes === 1 ? 'a minute' : `${minutes} minutes`
      return new UserError('too_many', `Too many wrong codes. Try again in ${time}.`, 'code')
    }
  }
}

const wrongSentence = {
  totp: 'This code is not right. Type the six digits that your authenticator app shows now.',
  recovery_code: 'This code is not right, or it was used already. Each recovery code works once.',
} as const

const unreadable =
  'The codes of your authenticator app cannot be checked any more. Use another way, or ask your administrator to reset your second factors.'

const noneSentence = {
  totp: 'No authenticator app is set up for this account.',
  recovery_code: wrongSentence.recovery_code,
} as const
