import type { Clock } from '#src/clock.ts'
import type { Log } from '#src/log.ts'

/** How long a claim holds without a sign of life: after that, somebody else may take the work over. */
export const defaultLeaseMs = 15_000

/** A claim that is kept alive while the work runs. */
export interface Lease {
  /** Aborts when the lease is lost, or when the process stops. */
  readonly signal: AbortSignal
  /** True when somebody else may have the work by now. */
  isLost(): boolean
  /** Ends the signs of life. */
  end(): void
}

/** What keeps a lease. `extend` answers false when the lease was lost. */
export interface LeaseDeps {
  readonly clock: Clock
  readonly log: Log
  readonly leaseMs: number
  readonly stopped: AbortSignal
  extend(until: Date): Promise<boolean>
}

/** Prolongs a lease that was just taken at a third of its length, until `end`. */
export function keepLease(deps: LeaseDeps): Lease {
  const { clock, leaseMs } = deps
  const lost = new AbortController()
  let until = clock.now().getTime() + leaseMs

  async function beat(): Promise<void> {
    const next = new Date(clock.now().getTime() + leaseMs)
    try {
      if (await deps.extend(next)) until = next.getTime()
      else lost.abort(new Error('the lease was lost'))
    } catch (error) {
      deps.log.warn({ err: error }, 'a lease could not be prolonged')
      if (clock.now().getTime() >= until) lost.abort(new Error('the lease ran out', { cause: error }))
    }
  }

  const timer = setInterval(() => void beat(), leaseMs / 3)
  return {
    signal: AbortSignal.any([deps.stopped, lost.signal]),
    isLost: () => lost.signal.aborted,
    end: () => clearInterval(timer),
  }
}
