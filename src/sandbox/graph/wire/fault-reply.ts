import { refusalReply } from '#src/sandbox/graph/authority/refusal.ts'
import { graphErrorReply } from '#src/sandbox/graph/endpoints/graph.ts'
import { AuthorityRefusal, GraphRefusal } from '#src/sandbox/graph/errors.ts'
import type { Fault } from '#src/sandbox/graph/faults.ts'
import type { Incoming, Reply } from '#src/sandbox/graph/wire/message.ts'

/** The answer of a fault that has one of its own; undefined for those that let the call happen, or cut it. */
export function faultReply(fault: Fault, request: Incoming, now: number): Reply | undefined {
  switch (fault.kind) {
    case 'graph_error': {
      const { status, code, message = 'A fault of the sandbox.', headers = {} } = fault
      return graphErrorReply(new GraphRefusal(status, code, message, { headers }), request, now)
    }
    case 'authority_error': {
      const { status, error, number, headers = {} } = fault
      const refusal = new AuthorityRefusal(status, error, number, 'A fault of the sandbox.', headers)
      return refusalReply(refusal, request, now)
    }
    case 'throttled':
      return tooMany(fault.retryAfterSeconds, request, now)
    case 'page':
      return page(fault.status)
    case 'garbage':
      return { status: 200, headers: { 'content-type': 'application/json' }, text: '{"value":[{"id":"' }
    case 'body':
      return { status: fault.status, headers: { 'content-type': 'application/json' }, json: fault.body }
    case 'redirect':
      return { status: 302, headers: { location: fault.location } }
    case 'slow':
    case 'hang':
    case 'cut':
    case 'lose_answer':
    case 'hang_after':
    case 'meanwhile':
    case 'afterwards':
      return undefined
  }
}

function tooMany(seconds: number | undefined, request: Incoming, now: number): Reply {
  const headers = {
    ...(seconds !== undefined && { 'retry-after': String(seconds) }),
    'x-ms-throttle-scope': 'Tenant_Application/ReadWrite',
    'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
  }
  const message = 'Too many requests'
  return graphErrorReply(new GraphRefusal(429, 'TooManyRequests', message, { headers }), request, now)
}

function page(status: number): Reply {
  const text = '<!doctype html><title>Proxy</title><h1>The page can not be shown</h1>'
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, text }
}
