import type { FaultPlan, Faults } from '#src/sandbox/http/fault-plan.ts'
import type { OktaErrorCode } from '#src/sandbox/okta/errors.ts'

/** Something that goes wrong between a caller and Okta. */
export type Fault =
  /** Okta's own error with its usual status; nothing happens. `status` for one that is not usual. */
  | { readonly kind: 'error'; readonly errorCode: OktaErrorCode; readonly status?: number }
  /** A refusal of the token endpoint; nothing happens. */
  | {
      readonly kind: 'oauth_error'
      readonly status: number
      readonly error: string
      readonly description?: string
    }
  /** 429 whose reset lies so many seconds ahead, or behind when negative; nothing happens. */
  | { readonly kind: 'rate_limited'; readonly resetInSeconds: number }
  /** An HTML page, e.g. of a proxy or of a wrong domain (200); nothing happens. */
  | { readonly kind: 'page'; readonly status: number }
  /** 200 and something that breaks off in the middle of its JSON; nothing happens. */
  | { readonly kind: 'garbage' }
  /** Well-formed JSON of any shape; nothing happens. */
  | { readonly kind: 'body'; readonly status: number; readonly body: unknown }
  /** Another address is named; nothing happens. */
  | { readonly kind: 'redirect'; readonly location: string }
  /** Happens, but the answer comes late (or when the fault is lifted). */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Nothing happens and no answer comes; the connection stays open until the fault is lifted. */
  | { readonly kind: 'hang' }
  /** The connection is cut before anything happens. */
  | { readonly kind: 'cut' }
  /** It happens, and then the connection is cut: the caller can't know. */
  | { readonly kind: 'lose_answer' }
  /** It happens, but no answer comes; the connection stays open until the fault is lifted. */
  | { readonly kind: 'hang_after' }
  /** Something else happens in the org just before the call does, e.g. another administrator is faster. */
  | { readonly kind: 'meanwhile'; readonly happen: () => void }
  /** Something else happens in the org between the call and its answer. */
  | { readonly kind: 'afterwards'; readonly happen: () => void }

/** Switches faults on and off. */
export type OktaFaults = Faults<Fault>
export type OktaFaultPlan = FaultPlan<Fault>
