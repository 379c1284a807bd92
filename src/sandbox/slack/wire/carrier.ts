import type { Json } from '#src/sandbox/json.ts'

/** Something that Slack sends to the app. */
export interface Outgoing {
  readonly kind: 'slash_commands' | 'interactive' | 'events_api'
  readonly payload: Json
  /** For events sent again: which attempt this is (from 1) and why. */
  readonly retry?: { readonly attempt: number; readonly reason: 'http_timeout' | 'http_error' } | undefined
}

/** How the app took it. `payload` is what it answered with, undefined for an empty answer. */
export type Delivery =
  | { readonly kind: 'acknowledged'; readonly payload: unknown; readonly stopRetries?: boolean }
  | FailedDelivery

/** Nobody took it in time, or nobody could be reached. */
export interface FailedDelivery {
  readonly kind: 'failed'
  readonly error: 'operation_timeout' | 'dispatch_failed'
}

/** A way to the app. Never throws. */
export interface Carrier {
  readonly send: (outgoing: Outgoing) => Promise<Delivery>
}
