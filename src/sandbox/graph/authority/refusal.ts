import { randomUUID } from 'node:crypto'
import { AuthorityRefusal } from '#src/sandbox/graph/errors.ts'
import type { Incoming, Reply } from '#src/sandbox/http/message.ts'

/** The answer that tells a refusal, in the form of the token endpoint. */
export function refusalReply(refusal: AuthorityRefusal, request: Incoming, now: number): Reply {
  const trace = randomUUID()
  const correlation = request.headers['client-request-id'] ?? randomUUID()
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`
  return {
    status: refusal.status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store, no-cache',
      'x-ms-request-id': trace,
      ...refusal.headers,
    },
    json: {
      error: refusal.error,
      error_description: `AADSTS${refusal.number}: ${refusal.message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [refusal.number],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${refusal.number}`,
    },
  }
}

const invalid = (number: number, message: string) =>
  new AuthorityRefusal(401, 'invalid_client', number, message)

/** The refusals that this stand-in knows, by what is wrong. */
export const refusals = {
  tenant: (tenant: string) =>
    new AuthorityRefusal(400, 'invalid_request', 90002, `Tenant '${tenant}' not found.`),
  missing: (name: string) =>
    new AuthorityRefusal(
      400,
      'invalid_request',
      900144,
      `The request body must contain the following parameter: '${name}'.`,
    ),
  grant: (grant: string) =>
    new AuthorityRefusal(
      400,
      'unsupported_grant_type',
      70003,
      `The app requested an unsupported grant type '${grant}'.`,
    ),
  application: (id: string, tenant: string) =>
    new AuthorityRefusal(
      400,
      'unauthorized_client',
      700016,
      `Application with identifier '${id}' was not found in the directory '${tenant}'.`,
    ),
  applicationDisabled: (id: string) =>
    new AuthorityRefusal(400, 'unauthorized_client', 7000112, `Application '${id}' is disabled.`),
  scope: (scope: string) =>
    new AuthorityRefusal(
      400,
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`,
    ),
  resource: (resource: string) =>
    new AuthorityRefusal(
      400,
      'invalid_resource',
      500011,
      `The resource principal named ${resource} was not found in the tenant.`,
    ),
  conditionalAccess: () =>
    new AuthorityRefusal(
      400,
      'access_denied',
      53003,
      'Access has been blocked by Conditional Access policies.',
    ),
  noCredential: () =>
    invalid(
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
  secret: () =>
    invalid(
      7000215,
      'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.',
    ),
  expired: () => invalid(7000222, 'The provided client secret keys are expired.'),
  assertionForm: (why: string) => invalid(50027, `JWT token is invalid or malformed: ${why}.`),
  certificate: () =>
    invalid(
      700027,
      'The certificate with identifier used to sign the client assertion is not registered on application.',
    ),
  certificateExpired: () => invalid(7000222, 'The provided client certificate is expired.'),
  signature: () => invalid(700027, 'Client assertion failed signature validation.'),
  time: () => invalid(700024, 'Client assertion is not within its valid time range.'),
  audience: () => invalid(700023, 'Client assertion audience claim does not match Realm issuer.'),
  subject: () =>
    invalid(700021, "Client assertion application identifier doesn't match 'client_id' parameter."),
} as const
