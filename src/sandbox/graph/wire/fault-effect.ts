import { refusalReply } from '#src/sandbox/graph/authority/refusal.ts'
import { graphErrorReply } from '#src/sandbox/graph/endpoints/graph.ts'
import { AuthorityRefusal, GraphRefusal } from '#src/sandbox/graph/errors.ts'
import type { Fault } from '#src/sandbox/graph/faults.ts'
import type { Incoming, Reply } from '#src/sandbox/http/message.ts'
import type { FaultEffect } from '#src/sandbox/http/serve.ts'

/** What a fault comes to. */
export function effectOf(fault: Fault, request: Incoming, now: number): FaultEffect {
  const json = { 'content-type': 'application/json' }
  switch (fault.kind) {
    case 'graph_error': {
      const { status, code, message = 'A fault of the sandbox.', headers = {} } = fault
      return made(graphErrorReply(new GraphRefusal(status, code, message, { headers }), request, now))
    }
    case 'authority_error': {
      const { status, error, number, headers = {} } = fault
      const refusal = new AuthorityRefusal(status, error, number, 'A fault of the sandbox.', headers)
      return made(refusalReply(refusal, request, now))
    }
    case 'throttled':
      return made(tooMany(fault.retryAfterSeconds, request, now))
    case 'page':
      return made(page(fault.status))
    case 'garbage':
      return made({ status: 200, headers: json, text: '{"value":[{"id":"' })
    case 'body':
      return made({ status: fault.status, headers: json, json: fault.body })
    case 'redirect':
      return made({ status: 302, headers: { location: fault.location } })
    case 'slow':
    case 'hang':
    case 'cut':
    case 'lose_answer':
    case 'hang_after':
    case 'meanwhile':
    case 'afterwards':
      return fault
  }
}

function made(reply: Reply): FaultEffect {
  return { kind: 'reply', reply }
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
