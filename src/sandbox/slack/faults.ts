import { type ActiveFault, createFaultList, type Struck } from '#src/sandbox/http/fault-plan.ts'
import type { ConnectionFault } from '#src/sandbox/http/faults.ts'
import type { Json } from '#src/sandbox/json.ts'
import { commonErrors, methodFacts, words } from '#src/sandbox/slack/methods/facts.ts'

/** Something that goes wrong between the app and Slack. */
export type Fault =
  /** 429 with Retry-After; nothing happens. */
  | { readonly kind: 'rate_limited'; readonly retryAfterSeconds: number }
  /** An HTTP status such as 500 or 503, with a page instead of JSON; nothing happens. */
  | { readonly kind: 'status'; readonly status: number }
  /** `{ok: false, error}`; nothing happens. Only errors that Slack documents for the method. */
  | { readonly kind: 'error'; readonly error: string }
  | Exclude<ConnectionFault, { kind: 'meanwhile' | 'afterwards' }>

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
  /** The fault that strikes this call, counted. */
  readonly strike: (method: string, args: Json) => Struck<Fault> | undefined
}

/** No faults at first. */
export function createFaults(): FaultPlan {
  const list = createFaultList<Fault, { readonly method: string; readonly args: Json }>()
  return {
    whenever: (wanted, fault, { when, ...howOften } = {}) => {
      if (fault.kind === 'error') mustBeDocumented(wanted, fault.error)
      return list.add(
        ({ method, args }) => (wanted === '*' || wanted === method) && (when?.(args) ?? true),
        fault,
        howOften,
      )
    },
    clear: list.clear,
    strike: (method, args) => list.strike({ method, args }),
  }
}

function mustBeDocumented(method: string, error: string): void {
  const facts = methodFacts[method]
  if (facts === undefined || commonErrors.includes(error) || words(facts.errors).includes(error)) return
  throw new Error(`Slack documents no error ${error} for ${method}`)
}
