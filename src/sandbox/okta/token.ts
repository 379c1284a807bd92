import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { isObject, type Json, parseJson } from '#src/sandbox/json.ts'
import { OAuthRefusal } from '#src/sandbox/okta/errors.ts'
import type { World } from '#src/sandbox/okta/world.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const longestMs = 60 * 60_000

/** `POST /oauth2/v1/token` of the org's own server, for client credentials with `private_key_jwt`. Throws `OAuthRefusal`. */
export function issueToken(world: World, form: URLSearchParams): Json {
  const { app, settings } = world
  checkAssertion(world, form)
  if (!app.rights.scopes.size || !settings.appActive)
    throw refused(
      400,
      settings.appActive ? 'invalid_scope' : 'unauthorized_client',
      'The app may have no token.',
    )
  if (form.get('grant_type') !== 'client_credentials')
    throw refused(400, 'unsupported_grant_type', 'The app may use client_credentials only.')
  if (settings.dpopRequired) throw refused(400, 'invalid_dpop_proof', 'The DPoP proof JWT header is missing.')
  const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '')
  if (scopes.length === 0) throw refused(400, 'invalid_scope', 'A scope must be named.')
  const missing = scopes.find((scope) => !app.rights.scopes.has(scope))
  if (missing !== undefined)
    throw refused(400, 'invalid_scope', `The requested scope is invalid, unknown, or malformed: ${missing}`)
  const value = world.ids.secret()
  world.accessTokens.set(value, { scopes, endsAt: world.now() + settings.tokenSeconds * 1000 })
  return {
    token_type: 'Bearer',
    expires_in: settings.tokenSeconds,
    access_token: value,
    scope: scopes.join(' '),
  }
}

function refused(status: number, error: string, description: string): OAuthRefusal {
  return new OAuthRefusal(status, error, description)
}

function unknownClient(why: string): OAuthRefusal {
  return refused(401, 'invalid_client', why)
}

function checkAssertion(world: World, form: URLSearchParams): void {
  if (form.get('client_assertion_type') !== assertionType)
    throw unknownClient('No client assertion was sent.')
  const [head = '', payload = '', signature = ''] = (form.get('client_assertion') ?? '').split('.')
  const header = partOf(head)
  const claims = partOf(payload)
  const { kid } = header
  const key = typeof kid === 'string' ? world.app.keys.get(kid) : undefined
  if (key === undefined) throw unknownClient('The key is not registered with the app.')
  if (!isSigned(`${head}.${payload}`, signature, createPublicKey(key), header['alg']))
    throw unknownClient('The client_assertion signature is invalid.')
  const { iss, sub, aud, exp, iat, jti } = claims
  if (iss !== world.app.clientId || sub !== iss) throw unknownClient('The issuer is not the app.')
  if (aud !== `${world.url}/oauth2/v1/token`) throw unknownClient('The audience is not this endpoint.')
  if (typeof exp !== 'number' || typeof iat !== 'number') throw unknownClient('A time is missing.')
  const nowMs = world.now()
  if (exp * 1000 <= nowMs) throw unknownClient('The client_assertion token is expired.')
  if (exp * 1000 > nowMs + longestMs) throw unknownClient('The client_assertion token lives too long.')
  if (Math.abs(iat * 1000 - nowMs) > longestMs) throw unknownClient('The clocks differ too much.')
  if (typeof jti !== 'string' || world.usedAssertions.has(jti)) throw unknownClient('It was used before.')
  world.usedAssertions.add(jti)
}

function partOf(text: string): Json {
  const value = parseJson(Buffer.from(text, 'base64url').toString('utf8'))
  return isObject(value) ? value : {}
}

const hashes: Readonly<Record<string, string>> = { '256': 'sha256', '384': 'sha384', '512': 'sha512' }

function isSigned(text: string, signature: string, key: KeyObject, algorithm: unknown): boolean {
  const [, kind, bits = ''] = /^(RS|ES)(256|384|512)$/.exec(String(algorithm)) ?? []
  if (kind === undefined || key.asymmetricKeyType !== (kind === 'RS' ? 'rsa' : 'ec')) return false
  const how = kind === 'ES' ? { key, dsaEncoding: 'ieee-p1363' as const } : { key }
  return verify(hashes[bits], Buffer.from(text), how, Buffer.from(signature, 'base64url'))
}
