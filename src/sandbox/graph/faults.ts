import type { FaultPlan, Faults } from '#src/sandbox/http/fault-plan.ts'

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
  /** An HTML page, e.g. of a proxy; nothing happens. */
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
  /** Something else happens in the tenant just before the call does, e.g. another administrator is faster. */
  | { readonly kind: 'meanwhile'; readonly happen: () => void }
  /** Something else happens in the tenant between the call and its answer. */
  | { readonly kind: 'afterwards'; readonly happen: () => void }

/** Switches faults on and off: paths of Graph begin with `/v1.0/`, those of the authority with the tenant. */
export type EntraFaults = Faults<Fault>
export type EntraFaultPlan = FaultPlan<Fault>
