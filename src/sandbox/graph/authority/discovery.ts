import type { SigningKey } from '#src/sandbox/graph/authority/issue.ts'
import { refusals } from '#src/sandbox/graph/authority/refusal.ts'
import type { Incoming, Reply } from '#src/sandbox/http/message.ts'
import type { World } from '#src/sandbox/graph/world.ts'

/** The documents by which libraries find the endpoints; undefined for another path. Throws `AuthorityRefusal`. */
export function discover(world: World, key: SigningKey, request: Incoming): Reply | undefined {
  if (request.method !== 'GET') return undefined
  if (request.path === '/common/discovery/instance') return found(instances(world))
  const match = /^\/([^/]+)\/(v2\.0\/\.well-known\/openid-configuration|discovery\/v2\.0\/keys)$/u.exec(
    request.path,
  )
  if (match === null) return undefined
  const tenant = decodeURIComponent(match[1] ?? '')
  if (tenant !== world.tenant.id && tenant !== world.tenant.domain) throw refusals.tenant(tenant)
  if (match[2] === 'discovery/v2.0/keys') return found({ keys: [publicKey(key)] })
  return found(configuration(world))
}

function found(json: unknown): Reply {
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, json }
}

function instances(world: World): unknown {
  const { host } = new URL(world.authorityUrl)
  return {
    tenant_discovery_endpoint: `${world.authorityUrl}/${world.tenant.id}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  }
}

function configuration(world: World): unknown {
  const base = `${world.authorityUrl}/${world.tenant.id}`
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${base}/v2.0`,
    request_uri_parameter_supported: false,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    tenant_region_scope: 'EU',
    cloud_instance_name: new URL(world.authorityUrl).host,
    msgraph_host: new URL(world.graphUrl).host,
  }
}

function publicKey(key: SigningKey): unknown {
  return { ...key.publicKey.export({ format: 'jwk' }), use: 'sig', kid: key.id, x5t: key.id }
}
