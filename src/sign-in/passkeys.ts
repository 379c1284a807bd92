import { isIP } from 'node:net'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { z } from 'zod'
import {
  factorRowsOf,
  type FactorRow,
  insertChallenge,
  moveCounter,
  passkeyByCredential,
  takeChallenge,
} from '#db/queries/second-factors.ts'
import { ConflictError } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import { addFactor, assertFresh, type FactorDeps } from '#src/sign-in/factor-deps.ts'
import { type AskedIn, questionInTurn } from '#src/sign-in/factor-questions.ts'
import { readFactorName } from '#src/sign-in/names.ts'
import type { SignedIn } from '#src/sign-in/session.ts'

const challengeMs = 5 * 60_000
const most = 10
// EdDSA, ES256, RS256 (COSE): what authenticators have. The library would offer more, by ways Node calls experimental.
const algorithms = [-8, -7, -257]
const addKind = 'passkey_add'
const useKind = 'passkey_use'

/** What the browser is asked: `options` go to `navigator.credentials` by way of `parse…OptionsFromJSON`. */
export interface PasskeyQuestion {
  readonly challengeId: string
  readonly options: { readonly challenge: string }
}

/**
 * Whether passkeys work at this address: browsers know them by the host's name, never by its number, and only where the
 * page came over TLS or from this machine. Pure.
 */
export function arePasskeysPossible(publicUrl: string): boolean {
  return isIP(new URL(publicUrl).hostname.replaceAll(/[[\]]/g, '')) === 0
}

// They belong to the host of `web.public_url`: on another one they are not offered by the browser.
function relyingParty({ web }: FactorDeps) {
  const { hostname, origin } = new URL(web.publicUrl)
  return { id: hostname, origin }
}

/** Asks the browser for a new passkey. Throws `UserError`: `sign_in_again`, `over_limit`. */
export async function beginPasskeyAdd(deps: FactorDeps, signedIn: SignedIn): Promise<PasskeyQuestion> {
  const { userId, email } = signedIn
  const factors = await deps.store.read((ctx) => factorRowsOf(ctx, userId))
  assertRoom(deps, signedIn, factors)
  const options = await generateRegistrationOptions({
    rpName: 'Drawbridge',
    rpID: relyingParty(deps).id,
    userName: email,
    userDisplayName: email,
    // Ids of ours are random and say nothing about the person.
    userID: new Uint8Array(Buffer.from(userId)),
    timeout: challengeMs,
    attestationType: 'none',
    supportedAlgorithmIDs: algorithms,
    excludeCredentials: factors.flatMap(credentialOf),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  })
  return await keep(deps, addKind, signedIn, options)
}

const Bytes = z.base64url().min(1).max(20_000)
const Created = z.object({
  id: Bytes,
  rawId: Bytes,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: Bytes,
    attestationObject: Bytes,
    transports: z.array(z.string().max(40)).max(10).prefault([]),
  }),
})

/**
 * Keeps the passkey that the browser made. Throws `UserError`: `sign_in_again`, `over_limit`, `too_long` under `name`,
 * `already_there`, or `wrong_code` for an answer that is not to this question, of this person, on this site.
 */
export async function finishPasskeyAdd(
  deps: FactorDeps,
  signedIn: SignedIn,
  given: { readonly challengeId: string; readonly answer: unknown; readonly name: string },
): Promise<void> {
  const { userId } = signedIn
  const name = readFactorName(given.name, 'Passkey')
  const challenge = await take(deps, addKind, signedIn, given.challengeId)
  const party = relyingParty(deps)
  const made = await accepted(deps, userId, async () => {
    if (challenge === undefined) throw new Error('no such challenge')
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...Created.parse(given.answer), clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: false,
      supportedAlgorithmIDs: algorithms,
    })
    return verified ? registrationInfo.credential : undefined
  })
  const id = newId()
  const now = deps.clock.now()
  try {
    await deps.store.write(async (ctx) => {
      assertRoom(deps, signedIn, await factorRowsOf(ctx, userId))
      const { publicKey, counter, transports = [] } = made
      const row = { credentialId: made.id, publicKey: Buffer.from(publicKey), counter, transports }
      await addFactor(ctx, deps, signedIn, { id, kind: 'passkey', name, ...row, createdAt: now })
    })
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    throw new UserError('already_there', 'This passkey is registered already.')
  }
}

/**
 * Asks the browser for one of the person's passkeys, as the step after the password. Throws `UserError`: `nothing_to_do`
 * for a person without any, `too_many`.
 */
export async function beginPasskey(deps: FactorDeps, who: AskedIn): Promise<PasskeyQuestion> {
  const factors = await deps.store.read((ctx) => factorRowsOf(ctx, who.userId))
  const allowCredentials = factors.flatMap(credentialOf)
  if (allowCredentials.length === 0) throw new UserError('nothing_to_do', 'This account has no passkey.')
  const options = await generateAuthenticationOptions({
    rpID: relyingParty(deps).id,
    timeout: challengeMs,
    allowCredentials,
    userVerification: 'preferred',
  })
  return await keep(deps, useKind, who, options)
}

const Shown = z.object({
  id: Bytes,
  rawId: Bytes,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: Bytes,
    authenticatorData: Bytes,
    signature: Bytes,
  }),
})

/**
 * Looks at what the browser answered for this person. Each question is answered once, also wrongly; a passkey whose counter
 * went back, as a copy's would, is refused. Throws `UserError`: `wrong_code`, `too_many`.
 */
export async function finishPasskey(
  deps: FactorDeps,
  who: AskedIn,
  given: { readonly challengeId: string; readonly answer: unknown },
): Promise<void> {
  const { userId } = who
  const challenge = await take(deps, useKind, who, given.challengeId)
  const party = relyingParty(deps)
  const used = await accepted(deps, userId, async () => {
    if (challenge === undefined) throw new Error('no such challenge')
    const shown = Shown.parse(given.answer)
    const factor = await deps.store.read((ctx) => passkeyByCredential(ctx, shown.id))
    const [credential] = factor === undefined ? [] : credentialOf(factor)
    if (factor?.userId !== userId || credential === undefined) throw new Error('no passkey of this person')
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...shown, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      credential,
      requireUserVerification: false,
    })
    return verified ? { factor, from: credential.counter, to: authenticationInfo.newCounter } : undefined
  })
  const usedAt = deps.clock.now()
  const isFirst = await deps.store.write((ctx) =>
    moveCounter(ctx, { id: used.factor.id, counter: used.from }, { counter: used.to, usedAt }),
  )
  if (!isFirst) throw notAccepted()
}

function credentialOf(row: FactorRow) {
  const { credentialId, publicKey, counter } = row
  if (row.kind !== 'passkey' || credentialId === null || publicKey === null || counter === null) return []
  const transports = z.array(z.string()).parse(row.transports)
  return [{ id: credentialId, publicKey: new Uint8Array(publicKey), counter, transports }]
}

function assertRoom(deps: FactorDeps, signedIn: SignedIn, factors: readonly FactorRow[]): void {
  assertFresh(deps, signedIn, factors.length > 0)
  if (factors.filter((row) => row.kind === 'passkey').length >= most)
    throw new UserError('over_limit', `You have ${most} passkeys. Remove one first.`)
}

async function keep(
  deps: FactorDeps,
  kind: string,
  who: AskedIn,
  options: PasskeyQuestion['options'],
): Promise<PasskeyQuestion> {
  const id = newId()
  const expiresAt = new Date(deps.clock.now().getTime() + challengeMs)
  const value = `${who.sessionId} ${options.challenge}`
  await questionInTurn(deps, who, (ctx) =>
    insertChallenge(ctx, { id, kind, userId: who.userId, value, expiresAt }),
  )
  return { challengeId: id, options }
}

/**
 * The challenge of a question, for the sign-in in which it was asked. Taken before the answer is looked at: nobody tries a
 * second answer.
 */
async function take(deps: FactorDeps, kind: string, who: AskedIn, id: string): Promise<string | undefined> {
  const now = deps.clock.now()
  const asked = await questionInTurn(deps, who, (ctx) => takeChallenge(ctx, { id, kind, now }))
  const [sessionId, challenge] = asked?.value.split(' ') ?? []
  return asked?.userId === who.userId && sessionId === who.sessionId ? challenge : undefined
}

/** What the look at an answer gives; whatever it throws is one refusal, recorded with what the library said. */
async function accepted<T>(deps: FactorDeps, userId: string, look: () => Promise<T | undefined>): Promise<T> {
  let why = 'not verified'
  try {
    const found = await look()
    if (found !== undefined) return found
  } catch (error) {
    why = error instanceof Error ? error.message.slice(0, 200) : 'unknown'
  }
  const event = { kind: 'local_factor_refused', actor: `local:${userId}` } as const
  const facts = { userId, factor: 'passkey', why }
  await deps.store.write((ctx) => record(ctx, deps.clock.now(), { ...event, facts }))
  throw notAccepted()
}

function notAccepted(): UserError {
  return new UserError('wrong_code', 'This passkey was not accepted. Try again.')
}
