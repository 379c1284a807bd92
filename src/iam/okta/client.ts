import type { Clock } from '#src/clock.ts'
import { type HttpAnswer, sendHttp } from '#src/iam/http.ts'
import { queryOf } from '#src/iam/url.ts'
import type { Credential, Credentials } from '#src/iam/okta/credentials.ts'
import { refusalOf } from '#src/iam/okta/errors.ts'
import type { OktaRight } from '#src/iam/okta/permissions.ts'

/** One call of Okta's management API. */
export interface OktaCall {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below the org's address, already encoded: `pathOf`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** What a 403 lacks. */
  readonly right: OktaRight
}

/** Calls one org. Errors are `ConnectorError` only. */
export interface OktaClient {
  /** Answers with a success; throws for every other one. */
  call(call: OktaCall, signal: AbortSignal): Promise<HttpAnswer>
  /** The scopes of a token that was issued just now; undefined for an API token. */
  freshScopes(signal: AbortSignal): Promise<readonly string[] | undefined>
}

/** Makes the client of one org. Nothing is contacted yet. */
export function createOktaClient(deps: {
  readonly url: string
  readonly credentials: Credentials
  readonly callTimeoutMs: number
  readonly clock: Clock
}): OktaClient {
  const { url, credentials, callTimeoutMs, clock } = deps
  const send = (call: OktaCall, { header }: Credential, signal: AbortSignal) => {
    const request = {
      method: call.method,
      url: new URL(`${url}${call.path}${queryOf(call.query)}`),
      headers: { accept: 'application/json', authorization: header, ...call.headers },
      changes: call.method !== 'GET',
      timeoutMs: callTimeoutMs,
    }
    return sendHttp(request, signal)
  }
  return {
    async call(call, signal) {
      const first = await credentials.get(signal)
      let answer = await send(call, first, signal)
      // A token may end, or be revoked, before its time.
      if (answer.status === 401 && credentials.renew(first))
        answer = await send(call, await credentials.get(signal), signal)
      if (answer.status >= 200 && answer.status < 300) return answer
      throw refusalOf(answer, { right: call.right, changes: call.method !== 'GET' }, clock.now())
    },
    async freshScopes(signal) {
      credentials.renew(await credentials.get(signal))
      return (await credentials.get(signal)).scopes
    },
  }
}
