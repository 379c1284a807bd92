import type { Faults } from '#src/sandbox/http/fault-plan.ts'
import type { ConnectionFault, StrangeAnswer } from '#src/sandbox/http/faults.ts'
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
  | StrangeAnswer
  | ConnectionFault

/** Switches faults on and off. */
export type OktaFaults = Faults<Fault>
