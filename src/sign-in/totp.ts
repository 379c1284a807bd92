import { Secret as OtpSecret, TOTP } from 'otpauth'
import {
  factorRowsOf,
  findChallenge,
  insertChallenge,
  takeChallenge,
  useStep,
} from '#db/queries/second-factors.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import { type Secret, secret } from '#src/secrets.ts'
import {
  addFactor,
  assertFresh,
  type FactorDeps,
  type Verified,
  type VerifyCode,
} from '#src/sign-in/factor-deps.ts'
import { questionInTurn } from '#src/sign-in/factor-questions.ts'
import { refusalOf } from '#src/sign-in/guessing.ts'
import { readFactorName } from '#src/sign-in/names.ts'
import { seal, unseal } from '#src/sign-in/sealed.ts'
import type { SignedIn } from '#src/sign-in/session.ts'

const periodSeconds = 30
const setUpMs = 30 * 60_000
/** The old phone and the new one. */
const most = 2
const setUpKind = 'totp_set_up'

/** What an authenticator app is set up with. */
export interface TotpSetUp {
  readonly id: string
  /** For the QR: an `otpauth:` address. */
  readonly uri: Secret
  /** For typing, in base 32. */
  readonly typed: Secret
}

/**
 * Begins to set up an authenticator app: nothing counts before a code of it was typed. The secret is kept sealed
 * meanwhile, for half an hour. Throws `UserError`: `sign_in_again`, `over_limit`, `too_many`.
 */
export async function beginTotp(deps: FactorDeps, signedIn: SignedIn): Promise<TotpSetUp> {
  const { userId } = signedIn
  const key = secret(new OtpSecret({ size: 20 }).base32)
  const id = newId()
  const now = deps.clock.now()
  await questionInTurn(deps, signedIn, async (ctx) => {
    await assertRoom(ctx, deps, signedIn)
    const value = seal(deps.web.secrets, sealedFor(userId), key)
    const expiresAt = new Date(now.getTime() + setUpMs)
    await insertChallenge(ctx, { id, kind: setUpKind, userId, value, expiresAt })
  })
  return setUpOf(id, key, signedIn)
}

/** The set-up again, to be shown after a wrong code. Throws `UserError('stale')` when it ended or is another person's. */
export async function openTotp(deps: FactorDeps, signedIn: SignedIn, id: string): Promise<TotpSetUp> {
  const now = deps.clock.now()
  const found = await deps.store.read((ctx) => findChallenge(ctx, { id, kind: setUpKind, now }))
  return setUpOf(id, keyOf(deps, signedIn, found), signedIn)
}

/**
 * Ends the set-up with a code of the app, which is used up by that. Throws `UserError`: `sign_in_again`, `over_limit`,
 * `wrong_code`, `stale` when the set-up ended.
 */
export async function finishTotp(
  deps: FactorDeps,
  signedIn: SignedIn,
  given: { readonly id: string; readonly code: string; readonly name: string },
): Promise<void> {
  const { userId } = signedIn
  const now = deps.clock.now()
  const name = readFactorName(given.name, 'Authenticator app')
  await deps.store.write(async (ctx) => {
    await assertRoom(ctx, deps, signedIn)
    const setUp = await takeChallenge(ctx, { id: given.id, kind: setUpKind, now })
    const key = keyOf(deps, signedIn, setUp)
    const usedStep = stepOf(key, given.code, now)
    // Thrown in here, so that the set-up stays: the next code may fit.
    if (usedStep === undefined)
      throw refusalOf({ kind: 'wrong' }, 'totp', now) ?? new Error('a wrong code has a refusal')
    const id = newId()
    const sealed = seal(deps.web.secrets, sealedFor(userId), key)
    await addFactor(ctx, deps, signedIn, { id, kind: 'totp', name, sealed, usedStep, createdAt: now })
  })
}

/**
 * Uses a code of the person's authenticator app up: one time step to each side counts (RFC 6238), a step that was used,
 * or one before it, does not.
 */
export const useTotp: VerifyCode = async (ctx, deps, userId, code) => {
  const now = deps.clock.now()
  const apps = (await factorRowsOf(ctx, userId)).filter((row) => row.kind === 'totp')
  if (apps.length === 0) return { kind: 'none' }
  const opened = apps.flatMap(({ id, sealed }) => {
    const key = unseal(deps.web.secrets, sealedFor(userId), sealed ?? '')
    return key === undefined ? [] : [{ id, key }]
  })
  if (opened.length === 0) return await noneOpens(ctx, now, userId)
  for (const { id, key } of opened) {
    const step = stepOf(key, code, now)
    if (step === undefined) continue
    // Sealed anew, so that an old secret can be taken out once everybody signed in under the new one.
    const sealed = seal(deps.web.secrets, sealedFor(userId), key)
    const isFirst = await useStep(ctx, id, { step, sealed, usedAt: now })
    return { kind: isFirst ? 'right' : 'used' }
  }
  return { kind: 'wrong' }
}

/** An old secret was taken out too early: the person has to set the app up anew, and the trail says why. */
async function noneOpens(ctx: WriteContext, now: Date, userId: string): Promise<Verified> {
  await record(ctx, now, {
    kind: 'local_factor_refused',
    actor: `local:${userId}`,
    facts: { userId, factor: 'totp', why: 'no web.secret opens it' },
  })
  return { kind: 'unreadable' }
}

/** The time step of which this is the code; undefined when it is none of the three around now. Pure. */
function stepOf(key: Secret, code: string, now: Date): number | undefined {
  const token = code.replaceAll(/[\s-]/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const timestamp = now.getTime()
  const keyed = OtpSecret.fromBase32(key.reveal())
  const delta = TOTP.validate({ token, secret: keyed, timestamp, period: periodSeconds, window: 1 })
  return delta === null ? undefined : TOTP.counter({ timestamp, period: periodSeconds }) + delta
}

async function assertRoom(ctx: WriteContext, deps: FactorDeps, signedIn: SignedIn): Promise<void> {
  const factors = await factorRowsOf(ctx, signedIn.userId)
  assertFresh(deps, signedIn, factors.length > 0)
  if (factors.filter((row) => row.kind === 'totp').length >= most)
    throw new UserError('over_limit', `You have ${most} authenticator apps. Remove one first.`)
}

function keyOf(
  deps: FactorDeps,
  { userId }: SignedIn,
  setUp: { readonly userId: string | null; readonly value: string } | undefined,
): Secret {
  const isOwn = setUp?.userId === userId
  const key = isOwn ? unseal(deps.web.secrets, sealedFor(userId), setUp.value) : undefined
  if (key === undefined) throw new UserError('stale', 'This set-up has ended. Start again.')
  return key
}

const sealedFor = (userId: string) => ({ label: 'authenticator app', owner: userId })

function setUpOf(id: string, key: Secret, { email }: SignedIn): TotpSetUp {
  const totp = new TOTP({
    issuer: 'Drawbridge',
    label: email,
    secret: OtpSecret.fromBase32(key.reveal()),
    period: periodSeconds,
  })
  return { id, uri: secret(totp.toString()), typed: key }
}
