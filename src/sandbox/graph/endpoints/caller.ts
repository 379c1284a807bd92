import { GraphRefusal, requestDenied } from '#src/sandbox/graph/errors.ts'
import { rolesOf } from '#src/sandbox/graph/people/memberships.ts'
import type { Permission } from '#src/sandbox/graph/permissions.ts'
import type { RoleHolding, World } from '#src/sandbox/graph/world.ts'

/** Who calls: the app with the permissions of its token, and the directory roles that it holds at this moment. */
export interface Caller {
  readonly permissions: ReadonlySet<string>
  readonly roles: readonly RoleHolding[]
}

const challenge =
  'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"'

/** Reads the bearer token. Throws 401 `InvalidAuthenticationToken`. */
export function readCaller(world: World, headers: Readonly<Record<string, string>>): Caller {
  const [scheme, value, ...rest] = (headers['authorization'] ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || value === undefined || rest.length > 0)
    throw invalidToken('Access token is empty.')
  const token = world.tokens.get(value)
  if (token === undefined) throw invalidToken('CompactToken parsing failed with error code: 80049217')
  if (token.audience !== world.graphUrl)
    throw invalidToken('Access token validation failure. Invalid audience.')
  if (token.endsAt <= world.now()) throw invalidToken('Lifetime validation failed, the token is expired.')
  if (world.revokedTokens.has(value)) {
    const claims = Buffer.from('{"access_token":{"nbf":{"essential":true}}}').toString('base64')
    throw invalidToken(
      'Continuous access evaluation resulted in challenge.',
      `, error="insufficient_claims", claims="${claims}"`,
    )
  }
  if (!world.settings.app.enabled)
    throw new GraphRefusal(
      403,
      'Authorization_IdentityNotFound',
      'The identity of the calling application could not be established.',
    )
  return { permissions: new Set(token.permissions), roles: rolesOf(world, world.app.principalId) }
}

function invalidToken(message: string, more = ''): GraphRefusal {
  const headers = { 'www-authenticate': `${challenge}${more}` }
  return new GraphRefusal(401, 'InvalidAuthenticationToken', message, { headers })
}

/** Whether the token holds one of these. */
export function holds(caller: Caller, permissions: readonly Permission[]): boolean {
  return permissions.some((one) => caller.permissions.has(one))
}

/** Throws 403 `Authorization_RequestDenied` when the token holds none of these. */
export function mustHold(caller: Caller, permissions: readonly Permission[]): void {
  if (!holds(caller, permissions)) throw requestDenied()
}
