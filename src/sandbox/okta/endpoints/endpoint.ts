import type { RateBucket } from '#src/sandbox/okta/rates.ts'
import type { Caller } from '#src/sandbox/okta/rights.ts'
import type { World } from '#src/sandbox/okta/world.ts'

/** What a handler is given; path, method, credentials, scope, rate and parameters were looked at before. */
export interface OktaRequest {
  readonly world: World
  readonly caller: Caller
  /** Decoded parts of the path by the name in the template. */
  readonly params: Readonly<Record<string, string>>
  readonly query: ReadonlyMap<string, string>
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON body; undefined without. */
  readonly body: unknown
}

/** What is answered. `links` become one `Link` header each. */
export interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly links?: readonly string[]
}

/** A query parameter. */
export interface Parameter {
  readonly type: 'string' | 'boolean' | 'integer'
  readonly required?: true
  readonly from?: number
  readonly to?: number
}

/** One operation of the API, named as its specification names it. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** E.g. `/api/v1/users/{id}/lifecycle/suspend`. */
  readonly path: string
  readonly scope: string
  readonly bucket: RateBucket
  readonly query: Readonly<Record<string, Parameter>>
  /** JSON; left out: a call with a body is refused. */
  readonly takesBody?: true
  readonly handle: (request: OktaRequest) => Reply
}

/** An answer of a call that has nothing to say, in the form that the org is set to. */
export function empty(world: World): Reply {
  return world.settings.emptyAnswer === 'object' ? { status: 200, body: {} } : { status: 200 }
}

/** A time as the API writes it; null for none. */
export function stamp(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}
