import { issueToken, type SigningKey } from '#src/sandbox/graph/authority/issue.ts'
import type { Incoming, Reply } from '#src/sandbox/http/message.ts'
import type { World } from '#src/sandbox/graph/world.ts'

/** Where the host's identity endpoint lies on the authority's server. */
export const managedIdentityPath = '/managed-identity/token'

/** Where a virtual machine's instance metadata service (IMDS) has its own, whatever its host. */
export const imdsPath = /^\/metadata\/identity\/oauth2\/token\/?$/u

/**
 * The instance metadata service ("How to use managed identities for Azure resources on an Azure VM to acquire an access
 * token", version 2018-02-01): only a caller on the machine reaches it, and the header proves that nobody was tricked into it.
 */
export function giveMachineToken(world: World, key: SigningKey, request: Incoming): Reply {
  const query = new URLSearchParams(request.query)
  const resource = query.get('resource') ?? ''
  const clientId = query.get('client_id')
  if (request.headers['metadata'] !== 'true') return refuseMachine('Required metadata header not specified')
  if (query.get('api-version') !== '2018-02-01')
    return refuseMachine('Required audience parameter or version not specified')
  if (clientId !== null && clientId !== world.app.clientId) return refuseMachine('Identity not found')
  if (resource !== world.graphUrl) return refuseMachine(`The resource ${resource} is not known.`)
  return tokenReply(world, key, resource)
}

function refuseMachine(error_description: string): Reply {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return { status: 400, headers, json: { error: 'invalid_request', error_description } }
}

/**
 * The identity endpoint of a host ("How to use managed identities for App Service", version 2019-08-01): the header proves
 * that the caller runs on this host, the answer is a token of the app without any secret.
 */
export function giveHostToken(world: World, key: SigningKey, request: Incoming): Reply {
  const query = new URLSearchParams(request.query)
  const resource = query.get('resource') ?? ''
  const clientId = query.get('client_id')
  if (request.headers['x-identity-header'] !== world.app.identityHeader)
    return refuse(401, 'The identity header is missing or wrong.')
  if (query.get('api-version') !== '2019-08-01') return refuse(400, 'The api-version is not known.')
  if (clientId !== null && clientId !== world.app.clientId)
    return refuse(
      400,
      'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
    )
  if (resource !== world.graphUrl) return refuse(400, `The resource ${resource} is not known.`)
  return tokenReply(world, key, resource)
}

function tokenReply(world: World, key: SigningKey, resource: string): Reply {
  const { value, seconds } = issueToken(world, key, resource, true)
  const issuedAt = Math.floor(world.now() / 1000)
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    json: {
      access_token: value,
      client_id: world.app.clientId,
      expires_on: String(issuedAt + seconds),
      not_before: String(issuedAt),
      resource,
      token_type: 'Bearer',
    },
  }
}

function refuse(statusCode: number, message: string): Reply {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return { status: statusCode, headers, json: { statusCode, message } }
}
