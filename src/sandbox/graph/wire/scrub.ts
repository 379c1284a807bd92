import { isObject, parseJson } from '#src/sandbox/json.ts'
import type { RecordedCall } from '#src/sandbox/http/recorded-call.ts'

const removed = '[removed]'

/** Takes tokens, secrets, assertions and passwords out of a recorded call. */
export function scrub(call: RecordedCall): RecordedCall {
  const { authorization, 'x-identity-header': identity } = call.headers
  return {
    ...call,
    headers: {
      ...call.headers,
      ...(authorization !== undefined && {
        authorization: authorization.replace(/^(\S+\s+).*$/u, `$1${removed}`),
      }),
      ...(identity !== undefined && { 'x-identity-header': removed }),
    },
    requestBody: scrubBody(call.requestBody, call.headers['content-type'] ?? ''),
    responseBody:
      isObject(call.responseBody) && 'access_token' in call.responseBody
        ? { ...call.responseBody, access_token: removed }
        : call.responseBody,
  }
}

const secretNames: ReadonlySet<string> = new Set(['client_secret', 'client_assertion', 'password'])

function scrubBody(body: string, type: string): string {
  if (type.startsWith('application/x-www-form-urlencoded')) {
    const form = new URLSearchParams(body)
    for (const name of secretNames) if (form.has(name)) form.set(name, removed)
    return form.toString()
  }
  const parsed = parseJson(body)
  return isObject(parsed) ? JSON.stringify(parsed, (name, value: unknown) => hide(name, value)) : body
}

function hide(name: string, value: unknown): unknown {
  return secretNames.has(name) ? removed : value
}
