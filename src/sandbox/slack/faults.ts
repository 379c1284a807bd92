import type { Json } from '#src/sandbox/slack/json.ts'
import { commonErrors, methodFacts, words } from '#src/sandbox/slack/methods/facts.ts'

/** Something that goes wrong between the app and Slack. */
export type Fault =
  /** 429 with Retry-After; nothing happens. */
  | { readonly kind: 'rate_limited'; readonly retryAfterSeconds: number }
  /** An HTTP status such as 500 or 503, with a page instead of JSON; nothing happens. */
  | { readonly kind: 'status'; readonly status: number }
  /** `{ok: false, error}`; nothing happens. Only errors that Slack documents for the method. */
  | { readonly kind: 'error'; readonly error: string }
  /** Happens, but the answer comes late (or when the fault is lifted). */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Nothing happens and no answer comes; the connection stays open until the fault is lifted. */
  | { readonly kind: 'hang' }
  /** The connection is cut before anything happens. */
  | { readonly kind: 'cut' }
  /** It happens, and then the connection is cut: the app can't know. */
  | { readonly kind: 'lose_answer' }
  /** It happens, but no answer comes; the connection stays open until the fault is lifted. */
  | { readonly kind: 'hang_after' }

/** A fault that was switched on. */
interface ActiveFault {
  /** How often it has struck. */
  readonly hits: () => number
  /** Ends it. */
  readonly lift: () => void
}

/** Switches faults on and off while everything runs. */
export interface Faults {
  /**
   * From now on each call of the method (`*`: all; `response_url`; `upload`) has this fault: `times` times, or until it is lifted.
   * `when` looks at the arguments. The latest matching fault strikes.
   */
  readonly whenever: (
    method: string,
    fault: Fault,
    options?: { readonly times?: number; readonly when?: (args: Json) => boolean },
  ) => ActiveFault
  /** Lifts all. */
  readonly clear: () => void
}

/** What the server asks. */
export interface FaultPlan extends Faults {
  /** The fault that strikes this call, counted. `lifted` resolves when it ends. */
  readonly strike: (
    method: string,
    args: Json,
  ) => { readonly fault: Fault; readonly lifted: Promise<void> } | undefined
}

/** No faults at first. */
export function createFaults(): FaultPlan {
  const active = new Set<Active>()
  return {
    whenever: (method, fault, options = {}) => {
      if (fault.kind === 'error') mustBeDocumented(method, fault.error)
      const { promise, resolve } = Promise.withResolvers<void>()
      const one: Active = { method, fault, options, hits: 0, lifted: promise, lift: resolve }
      active.add(one)
      return {
        hits: () => one.hits,
        lift: () => {
          active.delete(one)
          one.lift()
        },
      }
    },
    clear: () => {
      for (const one of active) one.lift()
      active.clear()
    },
    strike: (method, args) => {
      const one = [...active].findLast(
        (each) =>
          (each.method === '*' || each.method === method) &&
          each.hits < (each.options.times ?? Infinity) &&
          (each.options.when?.(args) ?? true),
      )
      if (one === undefined) return undefined
      one.hits += 1
      return { fault: one.fault, lifted: one.lifted }
    },
  }
}

interface Active {
  readonly method: string
  readonly fault: Fault
  readonly options: { readonly times?: number; readonly when?: (args: Json) => boolean }
  hits: number
  readonly lifted: Promise<void>
  readonly lift: () => void
}

function mustBeDocumented(method: string, error: string): void {
  const facts = methodFacts[method]
  if (facts === undefined || commonErrors.includes(error) || words(facts.errors).includes(error)) return
  throw new Error(`Slack documents no error ${error} for ${method}`)
}
