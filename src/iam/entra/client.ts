import type { Clock } from '#src/clock.ts'
import { ConnectorError } from '#src/errors.ts'
import { graphError } from '#src/iam/entra/errors.ts'
import { type GraphRight, holds } from '#src/iam/entra/permissions.ts'
import { permissionsIn } from '#src/iam/entra/token-claims.ts'
import type { AccessToken, Tokens } from '#src/iam/entra/tokens.ts'
import { type HttpAnswer, sendHttp } from '#src/iam/http.ts'
import { queryOf } from '#src/iam/url.ts'
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
  /** Names somebody who was found before: a server of Graph that knows nobody may only be late, and is asked once more. */
  readonly known?: boolean
}

/** Calls one tenant. Errors are `ConnectorError` only. */
export interface GraphClient {
  /** Answers with a success; throws for every other one. */
  call(call: GraphCall, signal: AbortSignal): Promise<HttpAnswer>
  /** The next page of a list, at the address that Graph gave. Throws `bad_response` for one that is not Graph's. */
  follow(link: string, call: GraphCall, signal: AbortSignal): Promise<HttpAnswer>
  /**
   * Whether we have the right; undefined when that can't be read from the token. One that lacks it is renewed first, unless
   * it is new: what is granted stands in tokens that are issued later.
   */
  mayUse(right: GraphRight, signal: AbortSignal): Promise<boolean | undefined>
  /** Those of a token that was issued just now. */
  freshPermissions(signal: AbortSignal): Promise<readonly string[] | undefined>
}

/** A token that is younger than this is not renewed because of what it lacks, except for a change. */
const newForMs = 30_000

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
    return sendHttp(request, signal)
  }
  const isNew = (token: AccessToken) => clock.now().getTime() - token.issuedAt.getTime() < newForMs
  const renewed = async (token: AccessToken, signal: AbortSignal) => {
    tokens.drop(token)
    return await tokens.get(signal)
  }
  const ask = async (call: GraphCall, url: URL, signal: AbortSignal): Promise<HttpAnswer> => {
    let token = await tokens.get(signal)
    let answer = await send(call, url, token, signal)
    // A token may be revoked before its time (continuous access evaluation).
    if (answer.status === 401) {
      token = await renewed(token, signal)
      answer = await send(call, url, token, signal)
    }
    if (answer.status === 409 || answer.status === 412 || (answer.status === 404 && call.known === true))
      answer = await send(call, url, token, signal)
    // What was granted meanwhile stands in a new token only.
    const isWorthIt = call.method !== 'GET' || !isNew(token)
    if (answer.status === 403 && isWorthIt && holdsRight(token, call.right) !== true) {
      token = await renewed(token, signal)
      if (holdsRight(token, call.right) !== false) answer = await send(call, url, token, signal)
    }
    if (answer.status >= 200 && answer.status < 300) return answer
    throw graphError(answer, { right: call.right, changes: call.method !== 'GET' }, clock.now())
  }
  return {
    call: (call, signal) => ask(call, new URL(`${graphUrl}/v1.0${call.path}${queryOf(call.query)}`), signal),
    follow: async (link, call, signal) => {
      const url = URL.parse(link)
      if (url?.origin !== new URL(graphUrl).origin)
        throw new ConnectorError('bad_response', 'The next page is somewhere else', {
          detail: 'foreign_link',
        })
      return await ask(call, url, signal)
    },
    mayUse: async (right, signal) => {
      const token = await tokens.get(signal)
      const isHeld = holdsRight(token, right)
      return isHeld !== false || isNew(token) ? isHeld : holdsRight(await renewed(token, signal), right)
    },
    freshPermissions: async (signal) =>
      permissionsIn((await renewed(await tokens.get(signal), signal)).value),
  }
}

function holdsRight(token: AccessToken, right: GraphRight): boolean | undefined {
  const permissions = permissionsIn(token.value)
  return permissions === undefined ? undefined : holds(permissions, right)
}
