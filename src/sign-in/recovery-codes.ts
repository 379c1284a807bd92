import { createHash } from 'node:crypto'
import {
  factorRowsOf,
  recoveryCodesLeft,
  replaceRecoveryCodes,
  takeRecoveryCode,
} from '#db/queries/second-factors.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newRecoveryCode } from '#src/ids.ts'
import { type Secret, secret } from '#src/secrets.ts'
import {
  assertFresh,
  assertStillIn,
  type FactorDeps,
  tellPerson,
  type VerifyCode,
} from '#src/sign-in/factor-deps.ts'
import { questionInTurn } from '#src/sign-in/factor-questions.ts'
import type { SignedIn } from '#src/sign-in/session.ts'

const howMany = 10

/**
 * Makes ten new recovery codes for somebody with a second factor; the old ones stop working. They are shown this once:
 * only hashes are kept. The person gets a mail, but not with the `first_factor`, of which they get one anyway. Throws
 * `UserError`: `sign_in_again`, `too_many`, or `nothing_to_do` without a second factor.
 */
export async function makeRecoveryCodes(
  deps: FactorDeps,
  signedIn: SignedIn,
  occasion: 'first_factor' | 'asked' = 'asked',
): Promise<readonly Secret[]> {
  const { userId } = signedIn
  const codes = Array.from({ length: howMany }, newRecoveryCode)
  const now = deps.clock.now()
  await questionInTurn(deps, signedIn, async (ctx) => {
    await assertStillIn(ctx, deps, signedIn)
    const factors = await factorRowsOf(ctx, userId)
    if (factors.length === 0)
      throw new UserError('nothing_to_do', 'Set up an authenticator app or a passkey first.')
    assertFresh(deps, signedIn, true)
    await replaceRecoveryCodes(
      ctx,
      userId,
      codes.map((code) => hashOf(userId, code)),
      now,
    )
    if (occasion === 'asked') await tellPerson(ctx, deps, 'recovery_codes', userId)
    await record(ctx, now, {
      kind: 'recovery_codes_made',
      actor: `local:${userId}`,
      facts: { userId, count: howMany },
    })
  })
  return codes.map(secret)
}

/** Uses a recovery code up and tells the person by mail, in whatever case and with whatever between its words it was typed. */
export const useRecoveryCode: VerifyCode = async (ctx, deps, userId, code) => {
  if (!(await takeRecoveryCode(ctx, userId, hashOf(userId, code)))) return { kind: 'wrong' }
  const left = await recoveryCodesLeft(ctx, userId)
  // Who lost the phone expects this mail; who did not learns that somebody has the password and a code.
  await tellPerson(ctx, deps, 'recovery_codes', userId)
  await record(ctx, deps.clock.now(), {
    kind: 'recovery_code_used',
    actor: `local:${userId}`,
    facts: { userId, left },
  })
  return { kind: 'right' }
}

// 80 random bits need no slow hash. The person is part of it, so that equal codes of two people would not show.
function hashOf(userId: string, code: string): string {
  return createHash('sha256')
    .update(`${userId}\n${normal(code)}`)
    .digest('base64url')
}

/** Crockford's base 32 reads O as 0, and I and L as 1. */
function normal(code: string): string {
  return code
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
    .replaceAll(/[^0-9A-Z]/g, '')
}
