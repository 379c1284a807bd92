import {
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomInt,
  randomUUID,
} from 'node:crypto'
import { rolesOf } from '#src/sandbox/graph/people/memberships.ts'
import type { World } from '#src/sandbox/graph/world.ts'

/** The key that signs access tokens. */
export interface SigningKey {
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** A new one. */
export function createSigningKey(): SigningKey {
  return { id: randomBytes(20).toString('base64url'), ...generateKeyPairSync('rsa', { modulusLength: 2048 }) }
}

/** A new access token for the app, with the rights of this moment. */
export function issueToken(
  world: World,
  key: SigningKey,
  audience: string,
  isByCertificate: boolean,
): { readonly value: string; readonly seconds: number } {
  const seconds = world.settings.tokenSeconds ?? randomInt(3599, 5400)
  const issuedAt = Math.floor(world.now() / 1000)
  const permissions = [...world.app.permissions]
  const claims = {
    aud: audience,
    iss: `https://sts.windows.net/${world.tenant.id}/`,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + seconds,
    app_displayname: 'Drawbridge',
    appid: world.app.clientId,
    appidacr: isByCertificate ? '2' : '1',
    idp: `https://sts.windows.net/${world.tenant.id}/`,
    idtyp: 'app',
    oid: world.app.principalId,
    sub: world.app.principalId,
    // Without a single app role the claim is missing.
    ...(permissions.length > 0 && { roles: permissions }),
    tid: world.tenant.id,
    uti: randomBytes(16).toString('base64url'),
    ver: '1.0',
    wids: [
      ...rolesOf(world, world.app.principalId)
        .filter(({ scope }) => scope === '/')
        .map(({ roleId }) => roleId),
      // What every token without a user holds.
      '0997a1d0-0d1d-4acb-b408-d5ca73121e90',
    ],
  }
  const value = world.settings.opaqueTokens ? `opaque-${randomUUID()}` : sign(key, claims)
  world.tokens.set(value, { permissions, audience, endsAt: (issuedAt + seconds) * 1000 })
  return { value, seconds }
}

function sign(key: SigningKey, claims: unknown): string {
  const header = { typ: 'JWT', alg: 'RS256', kid: key.id, x5t: key.id }
  const signed = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key.privateKey, 'base64url')}`
}
