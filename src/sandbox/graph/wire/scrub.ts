import { isObject, parseJson } from '#src/sandbox/http/json.ts'
import type { RecordedCall } from '#src/sandbox/http/recorded-call.ts'

const removed = '[removed]'

/** Takes tokens, secrets, assertions and passwords out of a recorded call. */
export function scrub(call: RecordedCall): RecordedCall {
  const { authorization } = call.headers
  return {
    ...call,
    headers: {
      ...call.headers,
      ...(authorization !== undefined && {
        authorization: authorization.replace(/^(\S+\s+).*$/u, `$1${removed}`),
      }),
    },
    requestBody: scrubBody(call.requestBody, call.headers['content-type'] ?? ''),
    responseBody:
      isObject(call.responseBody) && 'access_token' in call.responseBody
        ? { ...call.responseBody, access_token: removed }
        : call.responseBody,
  }
}

function scrubBody(body: string, type: string): string {
  if (type.startsWith('application/x-www-form-urlencoded')) {
    const form = new URLSearchParams(body)
    for (const name of ['client_secret', 'client_assertion']) if (form.has(name)) form.set(name, removed)
    return form.toString()
  }
  const parsed = parseJson(body)
  if (!isObject(parsed) || !isObject(parsed['passwordProfile'])) return body
  const profile = parsed['passwordProfile']
  if (!('password' in profile)) return body
  return JSON.stringify({ ...parsed, passwordProfile: { ...profile, password: removed } })
}
