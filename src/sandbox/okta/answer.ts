import { checkedBody, checkedQuery } from '#src/sandbox/okta/checks.ts'
import type { Endpoint, Reply } from '#src/sandbox/okta/endpoints/endpoint.ts'
import { groupEndpoints } from '#src/sandbox/okta/endpoints/groups.ts'
import { lifecycleEndpoints } from '#src/sandbox/okta/endpoints/lifecycle.ts'
import { roleEndpoints } from '#src/sandbox/okta/endpoints/roles.ts'
import { sessionEndpoints } from '#src/sandbox/okta/endpoints/sessions.ts'
import { userEndpoints } from '#src/sandbox/okta/endpoints/users.ts'
import { errorBody, OAuthRefusal, oktaErrors, OktaRefusal } from '#src/sandbox/okta/errors.ts'
import { type Rates, tooMany } from '#src/sandbox/okta/rates.ts'
import { type Caller, mustHaveScope } from '#src/sandbox/okta/rights.ts'
import { issueToken } from '#src/sandbox/okta/token.ts'
import type { Incoming } from '#src/sandbox/http/message.ts'
import type { World } from '#src/sandbox/okta/world.ts'

const endpoints = [
  ...userEndpoints,
  ...lifecycleEndpoints,
  ...sessionEndpoints,
  ...roleEndpoints,
  ...groupEndpoints,
].map((endpoint) => ({
  endpoint,
  pattern: new RegExp(`^${endpoint.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}))

/** What the org answers to a request: first the path, then the credential, the scope, the rate, the parameters. */
export function answerOkta(world: World, rates: Rates, request: Incoming): Reply {
  let limits: Readonly<Record<string, string>> = {}
  try {
    if (request.path === '/oauth2/v1/token') {
      limits = countOne(rates, '/oauth2/v1/token')
      return { status: 200, body: issueToken(world, formOf(request)), headers: limits }
    }
    const { endpoint, params } = complaining(world, request, () => route(request))
    const caller = callerOf(world, request.headers['authorization'] ?? '')
    mustHaveScope(caller, endpoint.scope, request.path)
    limits = countOne(rates, endpoint.bucket)
    const { query, body } = complaining(world, request, () => ({
      query: checkedQuery(endpoint, request),
      body: checkedBody(endpoint, request),
    }))
    const reply = endpoint.handle({ world, caller, params, query, headers: request.headers, body })
    return { ...reply, headers: { ...limits, ...reply.headers } }
  } catch (error) {
    return refusal(world, error, limits)
  }
}

// Refusals that no careful caller meets, whatever state the org is in.
function complaining<T>(world: World, { method, path }: Incoming, look: () => T): T {
  try {
    return look()
  } catch (error) {
    if (error instanceof OktaRefusal)
      world.complaints.push(`${method} ${path}: ${[error.message, ...error.causes].join(', ')}`)
    throw error
  }
}

function countOne(rates: Rates, bucket: Endpoint['bucket']): Readonly<Record<string, string>> {
  const { headers, refused } = rates.count(bucket)
  if (refused) throw tooMany(headers)
  return headers
}

function formOf({ method, headers, body }: Incoming): URLSearchParams {
  if (method !== 'POST') throw new OktaRefusal('E0000022')
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    throw new OktaRefusal('E0000021')
  return new URLSearchParams(body)
}

function route({ method, path }: Incoming): {
  readonly endpoint: Endpoint
  readonly params: Readonly<Record<string, string>>
} {
  const fitting = endpoints.filter(({ pattern }) => pattern.test(path))
  if (fitting.length === 0) throw new OktaRefusal('E0000008')
  const found = fitting.find(({ endpoint }) => endpoint.method === method)
  if (found === undefined) throw new OktaRefusal('E0000022')
  const parts = Object.entries(found.pattern.exec(path)?.groups ?? {})
  const params = Object.fromEntries(parts.map(([name, value]) => [name, decoded(value)]))
  return { endpoint: found.endpoint, params }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new OktaRefusal('E0000003')
  }
}

function callerOf(world: World, authorization: string): Caller {
  const [scheme, value = ''] = authorization.split(' ')
  const { apiToken, app } = world
  if (authorization === '') throw new OktaRefusal('E0000005')
  if (scheme === 'SSWS' && value === apiToken.value && apiToken.valid)
    return { kind: 'token', ownerId: apiToken.ownerId, rights: apiToken.rights }
  const token = scheme === 'Bearer' ? world.accessTokens.get(value) : undefined
  if (token === undefined || token.endsAt <= world.now() || !world.settings.appActive)
    throw new OktaRefusal('E0000011')
  return { kind: 'app', scopes: token.scopes, rights: app.rights }
}

/** A refusal as the org words it; whatever is no refusal is a mistake of the stand-in and thrown on. */
export function refusal(world: World, error: unknown, limits: Readonly<Record<string, string>> = {}): Reply {
  if (error instanceof OAuthRefusal) {
    const body = { error: error.error, error_description: error.message }
    return { status: error.status, body, headers: { ...limits, ...error.headers } }
  }
  if (!(error instanceof OktaRefusal)) throw error
  const body = errorBody(error.code, world.ids.errorId(), error.causes)
  return { status: oktaErrors[error.code].status, body, headers: { ...limits, ...error.headers } }
}
