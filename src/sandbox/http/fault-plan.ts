/** A fault that was switched on. */
export interface ActiveFault {
  /** How often it has struck. */
  readonly hits: () => number
  /** Ends it; calls that hang go on. */
  readonly lift: () => void
}

/** Which calls a fault strikes; left out: all. The path is matched as it was sent, without the query. */
export interface Matching {
  readonly method?: string
  readonly path?: RegExp
}

/** Switches faults on and off while everything runs. */
export interface Faults<Fault> {
  /**
   * From now on each matching call has this fault: `times` times, or until it is lifted, after the first `after` calls.
   * The latest matching fault strikes.
   */
  readonly whenever: (
    matching: Matching,
    fault: Fault,
    options?: { readonly times?: number; readonly after?: number },
  ) => ActiveFault
  /** Lifts all. */
  readonly clear: () => void
}

/** A fault that strikes one call. `lifted` resolves when it ends. */
export interface Struck<Fault> {
  readonly fault: Fault
  readonly lifted: Promise<void>
}

/** What a server asks. */
export interface FaultPlan<Fault> extends Faults<Fault> {
  readonly strike: (method: string, path: string) => Struck<Fault> | undefined
}

interface Active<Fault> {
  readonly matching: Matching
  readonly fault: Fault
  readonly times: number
  spared: number
  hits: number
  readonly lifted: Promise<void>
  readonly lift: () => void
}

/** No faults at first. */
export function createFaultPlan<Fault>(): FaultPlan<Fault> {
  const active = new Set<Active<Fault>>()
  return {
    whenever: (matching, fault, options = {}) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const one: Active<Fault> = {
        matching,
        fault,
        times: options.times ?? Infinity,
        spared: options.after ?? 0,
        hits: 0,
        lifted: promise,
        lift: resolve,
      }
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
    strike: (method, path) => {
      const matching = [...active].filter((one) => fits(one.matching, method, path) && one.hits < one.times)
      const ready = matching.filter((one) => one.spared === 0)
      for (const one of matching) if (one.spared > 0) one.spared -= 1
      const one = ready.at(-1)
      if (one === undefined) return undefined
      one.hits += 1
      return { fault: one.fault, lifted: one.lifted }
    },
  }
}

function fits(matching: Matching, method: string, path: string): boolean {
  if (matching.method !== undefined && matching.method !== method) return false
  return matching.path === undefined || matching.path.test(path)
}
