import { parseJson } from '#src/sandbox/http/json.ts'
import type { Endpoint, Parameter, Reply } from '#src/sandbox/okta/endpoints/endpoint.ts'
import { groupEndpoints } from '#src/sandbox/okta/endpoints/groups.ts'
import { lifecycleEndpoints } from '#src/sandbox/okta/endpoints/lifecycle.ts'
import { roleEndpoints } from '#src/sandbox/okta/endpoints/roles.ts'
import { sessionEndpoints } from '#src/sandbox/okta/endpoints/sessions.ts'
import { userEndpoints } from '#src/sandbox/okta/endpoints/users.ts'
import { errorBody, OAuthRefusal, oktaErrors, OktaRefusal } from '#src/sandbox/okta/errors.ts'
import { type Rates, tooMany } from '#src/sandbox/okta/rates.ts'
import { type Caller, mustHaveScope } from '#src/sandbox/okta/rights.ts'
import { issueToken } from '#src/sandbox/okta/token.ts'
import type { Incoming } from '#src/sandbox/okta/wire/serve.ts'
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
    const { endpoint, params } = route(request)
    const caller = callerOf(world, request.headers['authorization'] ?? '')
    mustHaveScope(caller, endpoint.scope, request.path)
    limits = countOne(rates, endpoint.bucket)
    const query = queryOf(world, endpoint, request)
    const { headers, body } = request
    const reply = endpoint.handle({ world, caller, params, query, headers, body: parseJson(body) })
    return { ...reply, headers: { ...limits, ...reply.headers } }
  } catch (error) {
    return refusal(world, error, limits)
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
  const params = Object.fromEntries(parts.map(([name, value]) => [name, decodeURIComponent(value)]))
  return { endpoint: found.endpoint, params }
}

function callerOf(world: World, authorization: string): Caller {
  const [scheme, value = ''] = authorization.split(' ')
  const { apiToken, app } = world
  if (scheme === 'SSWS' && value === apiToken.value && apiToken.valid)
    return { kind: 'token', ownerId: apiToken.ownerId, rights: apiToken.rights }
  const token = scheme === 'Bearer' ? world.accessTokens.get(value) : undefined
  if (token === undefined || token.endsAt <= world.now() || !world.settings.appActive)
    throw new OktaRefusal('E0000011')
  return { kind: 'app', scopes: token.scopes, rights: app.rights }
}

function queryOf(world: World, endpoint: Endpoint, { query }: Incoming): ReadonlyMap<string, string> {
  const given = new Map(new URLSearchParams(query))
  for (const name of given.keys())
    if (endpoint.query[name] === undefined)
      world.complaints.push(`${endpoint.method} ${endpoint.path} has no parameter ${name}`)
  for (const [name, parameter] of Object.entries(endpoint.query))
    checkParameter(name, parameter, given.get(name))
  return given
}

function checkParameter(
  name: string,
  { type, required, from, to }: Parameter,
  value: string | undefined,
): void {
  if (value === undefined) {
    if (required === true) throw new OktaRefusal('E0000028', [`${name}: is required`])
    return
  }
  if (type === 'boolean' && value !== 'true' && value !== 'false')
    throw new OktaRefusal('E0000001', [`${name}: must be true or false`])
  if (type !== 'integer') return
  const isIn = /^\d+$/.test(value) && Number(value) >= (from ?? 0) && Number(value) <= (to ?? Infinity)
  if (!isIn) throw new OktaRefusal('E0000001', [`${name}: is out of its range`])
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
