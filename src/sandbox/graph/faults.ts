import type { Faults } from '#src/sandbox/http/fault-plan.ts'
import type { ConnectionFault, StrangeAnswer } from '#src/sandbox/http/faults.ts'

/** Something that goes wrong between a caller and Entra. */
export type Fault =
  /** Graph's own error; nothing happens. */
  | {
      readonly kind: 'graph_error'
      readonly status: number
      readonly code: string
      readonly message?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  /** A refusal of the token endpoint with its AADSTS number; nothing happens. */
  | {
      readonly kind: 'authority_error'
      readonly status: number
      readonly error: string
      readonly number: number
      readonly headers?: Readonly<Record<string, string>>
    }
  /** 429, with or without `Retry-After`; nothing happens. */
  | { readonly kind: 'throttled'; readonly retryAfterSeconds?: number }
  | StrangeAnswer
  | ConnectionFault

/** Switches faults on and off: paths of Graph begin with `/v1.0/`, those of the authority with the tenant. */
export type EntraFaults = Faults<Fault>
