import type { Clock } from '#src/clock.ts'
import { ConnectorError } from '#src/errors.ts'
import { graphError } from '#src/iam/entra/errors.ts'
import type { GraphRight } from '#src/iam/entra/permissions.ts'
import { permissionsIn } from '#src/iam/entra/token-claims.ts'
import type { AccessToken, Tokens } from '#src/iam/entra/tokens.ts'
import { type HttpAnswer, sendHttp } from '#src/iam/http.ts'
import { newUuid } from '#src/ids.ts'

/** One call of Microsoft Graph v1.0. */
export interface GraphCall {
  readonly method: 'GET' | 'POST' | 'PATCH'
  /** Below `/v1.0`, already encoded: `pathOf`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Sent to the eventually consistent index, which "advanced queries" need. */
  readonly advanced?: boolean
  readonly body?: unknown
  /** What a 403 lacks. */
  readonly right: GraphRight
}

/** Calls one tenant. Errors are `ConnectorError` only. */
export interface GraphClient {
  /** Answers with a success; throws for every other one. */
  call(call: GraphCall, signal: AbortSignal): Promise<HttpAnswer>
  /** The next page of a list, at the address that Graph gave. Throws `bad_response` for one that is not Graph's. */
  follow(link: string, call: GraphCall, signal: AbortSignal): Promise<HttpAnswer>
  /** The permissions of the token in use; undefined when they can't be read from it. */
  permissions(signal: AbortSignal): Promise<readonly string[] | undefined>
  /** Those of a token that was issued just now. */
  freshPermissions(signal: AbortSignal): Promise<readonly string[] | undefined>
}

/** Makes the client of one tenant. Nothing is contacted yet. */
export function createGraphClient(deps: {
  readonly graphUrl: string
  readonly tokens: Tokens
  readonly callTimeoutMs: number
  readonly clock: Clock
}): GraphClient {
  const { graphUrl, tokens, callTimeoutMs, clock } = deps
  const send = (call: GraphCall, url: URL, token: AccessToken, signal: AbortSignal) => {
    const request = {
      method: call.method,
      url,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token.value}`,
        'client-request-id': newUuid(),
        'return-client-request-id': 'true',
        ...(call.advanced === true && { consistencylevel: 'eventual' }),
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      changes: call.method !== 'GET',
      timeoutMs: callTimeoutMs,
    }
    return sendHttp(request, signal).catch((error: unknown) => {
      throw unreadable(error, request.changes)
    })
  }
  const ask = async (call: GraphCall, url: URL, signal: AbortSignal): Promise<HttpAnswer> => {
    const first = await tokens.get(signal)
    let answer = await send(call, url, first, signal)
    // A token may be revoked before its time (continuous access evaluation).
    if (answer.status === 401) {
      tokens.drop(first)
      answer = await send(call, url, await tokens.get(signal), signal)
    }
    if (answer.status === 409 || answer.status === 412)
      answer = await send(call, url, await tokens.get(signal), signal)
    if (answer.status >= 200 && answer.status < 300) return answer
    // What is granted from now on stands in a new token only.
    if (answer.status === 403) tokens.drop(await tokens.get(signal))
    throw graphError(answer, { right: call.right, changes: call.method !== 'GET' }, clock.now())
  }
  return {
    call: (call, signal) =>
      ask(call, new URL(`${graphUrl}/v1.0${call.path}${queryOf(call.query ?? {})}`), signal),
    follow: async (link, call, signal) => {
      const url = URL.parse(link)
      if (url?.origin !== new URL(graphUrl).origin)
        throw new ConnectorError('bad_response', 'The next page is somewhere else', {
          detail: 'foreign_link',
        })
      return await ask(call, url, signal)
    },
    permissions: async (signal) => permissionsIn((await tokens.get(signal)).value),
    freshPermissions: async (signal) => {
      tokens.drop(await tokens.get(signal))
      return permissionsIn((await tokens.get(signal)).value)
    },
  }
}

// Whoever answered in no JSON may have passed the change on: an answer that can't be read tells nothing.
function unreadable(error: unknown, changes: boolean): unknown {
  if (!changes || !(error instanceof ConnectorError) || error.code !== 'bad_response') return error
  return new ConnectorError('unknown_outcome', 'An unreadable answer to a change', error.facts, error)
}

/** A path of fixed words and of values, each encoded as one segment. */
export function pathOf(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
}

// Not `URLSearchParams`: a blank as `+` is a plus for whoever decodes as RFC 3986 says.
function queryOf(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
