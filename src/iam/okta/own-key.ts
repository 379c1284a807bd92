import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { SignJWT } from 'jose'
import { z } from 'zod'
import type { Clock } from '#src/clock.ts'
import { ConnectorError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'

/** The key with which we prove to be the app. */
interface OwnKey {
  readonly privateKey: KeyObject
  readonly algorithm: string
  /** Under which Okta knows the public half; undefined where neither the file nor the configuration says it. */
  readonly keyId: string | undefined
}

const Jwk = z.looseObject({ kty: z.string(), kid: z.string().optional() })

/**
 * Reads a PEM file or a JSON Web Key with an RSA or an elliptic-curve key. Throws `misconfigured`:
 * `private_key_file_unreadable`, or `private_key_file_unusable`.
 */
async function readOwnKey(file: string, keyId: string | undefined): Promise<OwnKey> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw broken('private_key_file_unreadable', file, error)
  })
  const { privateKey, kid } = parse(text, file)
  const algorithm = algorithmOf(privateKey)
  if (algorithm === undefined) throw broken('private_key_file_unusable', file)
  return { privateKey, algorithm, keyId: keyId ?? kid }
}

function parse(text: string, file: string): { privateKey: KeyObject; kid?: string | undefined } {
  try {
    if (!text.trimStart().startsWith('{')) return { privateKey: createPrivateKey(text) }
    const key = Jwk.parse(JSON.parse(text))
    return { privateKey: createPrivateKey({ key, format: 'jwk' }), kid: key.kid }
  } catch {
    // No cause: a parser's message may quote the key.
    throw broken('private_key_file_unusable', file)
  }
}

const curves: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  if (asymmetricKeyType === 'rsa') return 'RS256'
  return curves[asymmetricKeyDetails?.namedCurve ?? '']
}

function broken(detail: string, file: string, cause?: unknown): ConnectorError {
  return new ConnectorError('misconfigured', 'Our key can not be used', { detail, where: file }, cause)
}

// Okta takes up to an hour; one use needs less.
const livesMs = 5 * 60_000

/**
 * The signed statement that we are the app (Okta, "Client authentication methods", `private_key_jwt`): for one use within
 * five minutes. The key is read anew each time, so that a new one is taken up. Throws `misconfigured`.
 */
export async function signAssertion(
  wish: {
    readonly clientId: string
    readonly tokenUrl: string
    readonly file: string
    readonly keyId: string | undefined
  },
  clock: Clock,
): Promise<string> {
  const { privateKey, algorithm, keyId } = await readOwnKey(wish.file, wish.keyId)
  const nowMs = clock.now().getTime()
  return await new SignJWT()
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) })
    .setIssuer(wish.clientId)
    .setSubject(wish.clientId)
    .setAudience(wish.tokenUrl)
    .setJti(newId())
    .setIssuedAt(new Date(nowMs))
    .setExpirationTime(new Date(nowMs + livesMs))
    .sign(privateKey)
}
