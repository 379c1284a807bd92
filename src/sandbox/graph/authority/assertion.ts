import { createPublicKey, createVerify, constants, X509Certificate } from 'node:crypto'
import { refusals } from '#src/sandbox/graph/authority/refusal.ts'
import type { World } from '#src/sandbox/graph/world.ts'
import { isObject, type Json, parseJson } from '#src/sandbox/json.ts'

/**
 * Checks a client assertion as "Microsoft identity platform application authentication certificate credentials" has it:
 * RS256 or PS256 by a certificate that was uploaded, its thumbprint in the header, `aud` the token URL, `iss` = `sub` = the
 * app, within its time, each `jti` once. Throws `AuthorityRefusal`.
 */
export function checkAssertion(world: World, assertion: string, tokenUrl: string): void {
  const [head = '', body = '', signature = '', ...rest] = assertion.split('.')
  const header = readPart(head)
  const claims = readPart(body)
  if (header === undefined || claims === undefined || signature === '' || rest.length > 0)
    throw refusals.assertionForm('it is no compact JWS')
  const certificate = findCertificate(world, header)
  verify(header, certificate, `${head}.${body}`, signature)
  if (Date.parse(certificate.validTo) < world.now()) throw refusals.certificateExpired()
  checkClaims(world, claims, tokenUrl)
}

function findCertificate(world: World, header: Json): X509Certificate {
  const { x5t, 'x5t#S256': x5t256 } = header
  if (typeof x5t !== 'string' && typeof x5t256 !== 'string')
    throw refusals.assertionForm('its header has neither x5t nor x5t#S256')
  const found = world.app.certificates
    .map((pem) => new X509Certificate(pem))
    .find((one) =>
      typeof x5t256 === 'string'
        ? thumbprint(one.fingerprint256) === x5t256
        : thumbprint(one.fingerprint) === x5t,
    )
  if (found === undefined) throw refusals.certificate()
  return found
}

function thumbprint(fingerprint: string): string {
  return Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url')
}

function verify(header: Json, certificate: X509Certificate, signed: string, signature: string): void {
  if (header['alg'] !== 'PS256' && header['alg'] !== 'RS256')
    throw refusals.assertionForm('its algorithm is neither PS256 nor RS256')
  const key = createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' }))
  const padding =
    header['alg'] === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {}
  const isGenuine = createVerify('RSA-SHA256')
    .update(signed)
    .verify({ key, ...padding }, signature, 'base64url')
  if (!isGenuine) throw refusals.signature()
}

// Clocks of honest clients differ by so much.
const skewSeconds = 300
const longestLifeSeconds = 24 * 3600
const advisedLifeSeconds = 600

function checkClaims(world: World, claims: Json, tokenUrl: string): void {
  const { aud, iss, sub, jti, exp, nbf, iat } = claims
  const now = world.now() / 1000
  if (typeof exp !== 'number' || exp + skewSeconds < now) throw refusals.time()
  if (typeof nbf === 'number' && nbf - skewSeconds > now) throw refusals.time()
  const begins = typeof nbf === 'number' ? nbf : typeof iat === 'number' ? iat : now
  if (exp - begins > longestLifeSeconds) throw refusals.time()
  if (exp - begins > advisedLifeSeconds)
    world.complaints.push(
      `The client assertion lives ${exp - begins} seconds, more than the advised ten minutes`,
    )
  if (aud !== tokenUrl) throw refusals.audience()
  if (iss !== world.app.clientId || sub !== world.app.clientId) throw refusals.subject()
  if (typeof jti !== 'string' || jti === '') throw refusals.assertionForm('it has no jti')
  if (world.app.usedAssertions.has(jti)) throw refusals.assertionForm('it was used before')
  world.app.usedAssertions.add(jti)
}

function readPart(part: string): Json | undefined {
  const value = parseJson(Buffer.from(part, 'base64url').toString('utf8'))
  return isObject(value) ? value : undefined
}
