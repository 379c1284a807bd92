/** A fault that was switched on. */
export interface ActiveFault {
  /** How often it has struck. */
  readonly hits: () => number
  /** Ends it; calls that hang go on. */
  readonly lift: () => void
}

/** A fault that strikes one call. `lifted` resolves when it ends. */
export interface Struck<Fault> {
  readonly fault: Fault
  readonly lifted: Promise<void>
}

/** How often a fault strikes: `times` times, or until it is lifted, after the first `after` matching calls. */
export interface HowOften {
  readonly times?: number
  readonly after?: number
}

/** The faults that are switched on for calls of some kind. The latest matching fault strikes. */
export interface FaultList<Fault, Call> {
  readonly add: (matches: (call: Call) => boolean, fault: Fault, howOften: HowOften) => ActiveFault
  /** Lifts all. */
  readonly clear: () => void
  /** The fault that strikes this call, counted. */
  readonly strike: (call: Call) => Struck<Fault> | undefined
}

interface Active<Fault, Call> {
  readonly matches: (call: Call) => boolean
  readonly fault: Fault
  readonly times: number
  spared: number
  hits: number
  readonly lifted: Promise<void>
  readonly lift: () => void
}

/** No faults at first. */
export function createFaultList<Fault, Call>(): FaultList<Fault, Call> {
  const active = new Set<Active<Fault, Call>>()
  return {
    add: (matches, fault, { times = Infinity, after = 0 }) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const one: Active<Fault, Call> = {
        ...{ matches, fault, times, spared: after, hits: 0 },
        ...{ lifted: promise, lift: resolve },
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
    strike: (call) => {
      const matching = [...active].filter((one) => one.hits < one.times && one.matches(call))
      const one = matching.findLast(({ spared }) => spared === 0)
      for (const each of matching) if (each.spared > 0) each.spared -= 1
      if (one === undefined) return undefined
      one.hits += 1
      return { fault: one.fault, lifted: one.lifted }
    },
  }
}

/** Which calls a fault strikes; left out: all. The path is matched as it was sent, without the query. */
export interface Matching {
  readonly method?: string
  readonly path?: RegExp
}

/** Switches faults on and off while everything runs. */
export interface Faults<Fault> {
  /** From now on each matching call has this fault. */
  readonly whenever: (matching: Matching, fault: Fault, howOften?: HowOften) => ActiveFault
  /** Lifts all. */
  readonly clear: () => void
}

/** What a server asks. */
export interface FaultPlan<Fault> extends Faults<Fault> {
  readonly strike: (method: string, path: string) => Struck<Fault> | undefined
}

/** No faults at first. */
export function createFaultPlan<Fault>(): FaultPlan<Fault> {
  const list = createFaultList<Fault, { readonly method: string; readonly path: string }>()
  return {
    whenever: (wanted, fault, howOften = {}) =>
      list.add(
        ({ method, path }) =>
          (wanted.method ?? method) === method && (wanted.path === undefined || wanted.path.test(path)),
        fault,
        howOften,
      ),
    clear: list.clear,
    strike: (method, path) => list.strike({ method, path }),
  }
}
