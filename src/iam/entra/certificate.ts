import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { SignJWT } from 'jose'
import type { Clock } from '#src/clock.ts'
import { ConnectorError } from '#src/errors.ts'
import { newUuid } from '#src/ids.ts'

/** Our certificate with its key. */
export interface OwnCertificate {
  readonly privateKey: KeyObject
  /** SHA-256 over the certificate, as base64url. */
  readonly thumbprint: string
  readonly endsAt: Date
}

/**
 * Reads a PEM file that holds a certificate and its RSA key, in any order. Throws `misconfigured`:
 * `certificate_file_unreadable`, or `certificate_file_unusable` when one of both is missing or they don't belong together.
 */
export async function readCertificate(file: string): Promise<OwnCertificate> {
  const pem = await readFile(file, 'utf8').catch((error: unknown) => {
    throw broken('certificate_file_unreadable', file, error)
  })
  const { certificate, privateKey } = parse(pem, file)
  if (privateKey.asymmetricKeyType !== 'rsa' || !certificate.checkPrivateKey(privateKey))
    throw broken('certificate_file_unusable', file)
  return {
    privateKey,
    thumbprint: Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
    endsAt: certificate.validToDate,
  }
}

function parse(pem: string, file: string) {
  try {
    return { certificate: new X509Certificate(pem), privateKey: createPrivateKey(pem) }
  } catch (error) {
    throw broken('certificate_file_unusable', file, error)
  }
}

function broken(detail: string, file: string, cause?: unknown): ConnectorError {
  return new ConnectorError(
    'misconfigured',
    'Our certificate can not be used',
    { detail, where: file },
    cause,
  )
}

const livesMs = 10 * 60_000
// Their clock may be behind ours.
const earlierMs = 60_000

/**
 * The signed statement that we are the application: what Microsoft's "certificate credentials" page asks for, for one
 * use within ten minutes.
 */
export async function signAssertion(
  certificate: OwnCertificate,
  claims: { readonly clientId: string; readonly tokenUrl: string },
  clock: Clock,
): Promise<string> {
  const nowMs = clock.now().getTime()
  return await new SignJWT()
    .setProtectedHeader({ alg: 'PS256', typ: 'JWT', 'x5t#S256': certificate.thumbprint })
    .setAudience(claims.tokenUrl)
    .setIssuer(claims.clientId)
    .setSubject(claims.clientId)
    .setJti(newUuid())
    .setNotBefore(new Date(nowMs - earlierMs))
    .setIssuedAt(new Date(nowMs))
    .setExpirationTime(new Date(nowMs + livesMs - earlierMs))
    .sign(certificate.privateKey)
}
