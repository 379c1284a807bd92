import { checkAssertion } from '#src/sandbox/graph/authority/assertion.ts'
import { discover } from '#src/sandbox/graph/authority/discovery.ts'
import { issueToken, type SigningKey } from '#src/sandbox/graph/authority/issue.ts'
import {
  giveHostToken,
  giveMachineToken,
  imdsPath,
  managedIdentityPath,
} from '#src/sandbox/graph/authority/managed-identity.ts'
import { refusalReply, refusals } from '#src/sandbox/graph/authority/refusal.ts'
import { AuthorityRefusal } from '#src/sandbox/graph/errors.ts'
import type { Incoming, Reply } from '#src/sandbox/http/message.ts'
import type { World } from '#src/sandbox/graph/world.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

// A parameter is missing, the grant, the scope or the assertion has a wrong form: no careful client sends that.
const malformed: ReadonlySet<number> = new Set([900144, 70003, 1002012, 50027])

/** What the authority answers: tokens for the app (client credentials), and the documents that libraries read first. */
export function answerAuthority(world: World, key: SigningKey, request: Incoming): Reply {
  try {
    if (request.method === 'GET' && request.path === managedIdentityPath)
      return giveHostToken(world, key, request)
    if (request.method === 'GET' && imdsPath.test(request.path)) return giveMachineToken(world, key, request)
    const match = /^\/([^/]+)\/oauth2\/v2\.0\/token$/u.exec(request.path)
    if (match === null) return discover(world, key, request) ?? { status: 404 }
    if (request.method !== 'POST') return { status: 405, headers: { allow: 'POST' } }
    return giveToken(world, key, request, decodeURIComponent(match[1] ?? ''))
  } catch (error) {
    if (!(error instanceof AuthorityRefusal)) throw error
    if (malformed.has(error.number))
      world.complaints.push(`${request.method} ${request.path}: ${error.message}`)
    return refusalReply(error, request, world.now())
  }
}

function giveToken(world: World, key: SigningKey, request: Incoming, tenant: string): Reply {
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded')) throw refusals.missing('grant_type')
  if (tenant !== world.tenant.id && tenant !== world.tenant.domain) throw refusals.tenant(tenant)
  const form = new URLSearchParams(request.body)
  const need = (name: string): string => {
    const value = form.get(name)
    if (value === null || value === '') throw refusals.missing(name)
    return value
  }
  const grant = need('grant_type')
  if (grant !== 'client_credentials') throw refusals.grant(grant)
  const clientId = need('client_id')
  if (clientId !== world.app.clientId) throw refusals.application(clientId, tenant)
  const audience = readScope(world, need('scope'))
  const isByCertificate = checkCredential(world, form, request.path)
  if (!world.settings.app.enabled) throw refusals.applicationDisabled(clientId)
  if (world.settings.app.blockedByConditionalAccess) throw refusals.conditionalAccess()
  const { value, seconds } = issueToken(world, key, audience, isByCertificate)
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store, no-cache' },
    json: { token_type: 'Bearer', expires_in: seconds, ext_expires_in: seconds, access_token: value },
  }
}

function readScope(world: World, scope: string): string {
  const suffix = '/.default'
  if (!scope.endsWith(suffix) || scope.includes(' ')) throw refusals.scope(scope)
  const resource = scope.slice(0, -suffix.length)
  if (resource !== world.graphUrl) throw refusals.resource(resource)
  return resource
}

function checkCredential(world: World, form: URLSearchParams, path: string): boolean {
  const secret = form.get('client_secret')
  const assertion = form.get('client_assertion')
  if (secret !== null && assertion !== null)
    world.complaints.push('The token endpoint was sent a client secret and an assertion')
  if (assertion !== null) {
    if (form.get('client_assertion_type') !== assertionType) throw refusals.missing('client_assertion_type')
    checkAssertion(world, assertion, `${world.authorityUrl}${path}`)
    return true
  }
  if (secret === null) throw refusals.noCredential()
  if (secret !== world.app.secret) throw refusals.secret()
  if (world.settings.app.secretExpired) throw refusals.expired()
  return false
}
