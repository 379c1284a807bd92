import { refusal } from '#src/sandbox/okta/answer.ts'
import type { Reply } from '#src/sandbox/okta/endpoints/endpoint.ts'
import { OAuthRefusal, OktaRefusal } from '#src/sandbox/okta/errors.ts'
import type { Fault } from '#src/sandbox/okta/faults.ts'
import type { Reply as Outgoing } from '#src/sandbox/http/message.ts'
import type { RecordedCall } from '#src/sandbox/http/recorded-call.ts'
import type { FaultEffect } from '#src/sandbox/http/serve.ts'
import { isObject } from '#src/sandbox/json.ts'
import { rateHeaders, tooMany } from '#src/sandbox/okta/rates.ts'
import type { World } from '#src/sandbox/okta/world.ts'

/** A reply with the headers that every answer of the org has. */
export function outgoing(world: World, { status, body, headers = {}, links = [] }: Reply): Outgoing {
  return {
    status,
    json: body,
    headers: {
      'x-okta-request-id': world.ids.requestId(),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(links.length > 0 && { link: links.join(', ') }),
      ...headers,
    },
  }
}

/** What a fault comes to. */
export function effectOf(world: World, fault: Fault): FaultEffect {
  const made = (reply: Outgoing): FaultEffect => ({ kind: 'reply', reply })
  const html = { 'content-type': 'text/html; charset=utf-8' }
  switch (fault.kind) {
    case 'error': {
      const reply = refusal(world, new OktaRefusal(fault.errorCode))
      return made(outgoing(world, { ...reply, status: fault.status ?? reply.status }))
    }
    case 'oauth_error': {
      const { status, error, description = 'A fault of the sandbox.' } = fault
      return made(outgoing(world, refusal(world, new OAuthRefusal(status, error, description))))
    }
    case 'rate_limited': {
      const resetAt = world.now() + fault.resetInSeconds * 1000
      return made(outgoing(world, refusal(world, tooMany(rateHeaders(600, 0, resetAt)))))
    }
    case 'page':
      return made({ status: fault.status, headers: html, text: '<!doctype html><h1>Not Okta</h1>' })
    case 'garbage':
      return made({ status: 200, headers: { 'content-type': 'application/json' }, text: '[{"id":"00u' })
    case 'body':
      return made(outgoing(world, { status: fault.status, body: fault.body }))
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

const removed = '[removed]'

/** Takes tokens and signatures out of a recorded call; what an assertion claims stays. */
export function scrub(call: RecordedCall): RecordedCall {
  const { authorization } = call.headers
  const { responseBody } = call
  return {
    ...call,
    headers: {
      ...call.headers,
      ...(authorization !== undefined && { authorization: authorization.replace(/ .*$/, ` ${removed}`) }),
    },
    requestBody: call.requestBody.replace(/(client_assertion=[^&.]*\.[^&.]*\.)[^&]*/, `$1${removed}`),
    responseBody:
      isObject(responseBody) && 'access_token' in responseBody
        ? { ...responseBody, access_token: removed }
        : responseBody,
  }
}
