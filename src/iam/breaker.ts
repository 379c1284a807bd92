import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
} from 'cockatiel'
import type { Clock } from '#src/clock.ts'
import { ConnectorError } from '#src/errors.ts'
import type { Log } from '#src/log.ts'

/** Stops calls to a system that does not answer. */
export interface Breaker {
  /** Throws what `run` would throw, while it is known that the system is away. */
  refuseIfOpen(): void
  /** Calls, and learns from the answer. While the system is away: throws `unavailable` at once, with `retryAt`. */
  run<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T>
}

const failuresInARow = 5
const firstWaitMs = 1_000
const longestWaitMs = 15_000

const away: ReadonlySet<string> = new Set(['unavailable', 'timed_out'])
/** A system that is there, and only could not do this one thing now. */
const there: ReadonlySet<string> = new Set(['account_changed_meanwhile', 'changing_now', 'paused'])

/** How a call ended, as the policy sees it. */
type Outcome<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'refused' | 'no_answer'; readonly error: unknown }

function isNoAnswer(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'no_answer'
}

/**
 * A breaker for one system in this process. After five calls in a row without an answer nothing is sent for a second,
 * then a single call is tried; each one that fails again doubles the wait, up to 15 s. A refusal is an answer; a call that
 * we ended ourselves says nothing about the system.
 */
export function createBreaker(
  systemId: string,
  deps: {
    readonly clock: Clock
    readonly log: Log
    readonly onAway?: ((systemId: string, isAway: boolean) => void) | undefined
  },
): Breaker {
  const { clock, log, onAway } = deps
  let waitMs = firstWaitMs
  let openedAtMs = 0
  const policy = circuitBreaker(handleWhenResult(isNoAnswer), {
    breaker: new ConsecutiveBreaker(failuresInARow),
    halfOpenAfter: waitOf(1),
  })
  policy.onBreak(() => {
    openedAtMs = clock.now().getTime()
    log.warn({ system: systemId, waitMs }, 'an IAM system is away')
    onAway?.(systemId, true)
  })
  policy.onReset(() => {
    log.info({ system: systemId }, 'an IAM system answers again')
    onAway?.(systemId, false)
  })

  function waitOf(attempt: number) {
    return {
      duration: Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)),
      next(context: { readonly attempt: number }) {
        const wait = waitOf(context.attempt)
        waitMs = wait.duration
        return wait
      },
    }
  }

  function refusal(): ConnectorError {
    const now = clock.now().getTime()
    // Somebody is trying right now, or is about to.
    const retryAtMs = Math.max(openedAtMs + waitMs, now + firstWaitMs)
    const facts = { detail: 'away_lately', retryAt: new Date(retryAtMs).toISOString() }
    return new ConnectorError('unavailable', `${systemId} has not answered lately; nothing was sent`, facts)
  }

  return {
    refuseIfOpen() {
      const isOpen = policy.state === CircuitState.Open && clock.now().getTime() < openedAtMs + waitMs
      if (isOpen || policy.state === CircuitState.HalfOpen) throw refusal()
    },
    async run<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
      // The policy would have the others wait for the one that tries.
      if (policy.state === CircuitState.HalfOpen) throw refusal()
      try {
        const outcome = await policy.execute(() => judged(policy, signal, call))
        if (outcome.kind !== 'answered') throw outcome.error
        return outcome.value
      } catch (error) {
        throw error instanceof BrokenCircuitError ? refusal() : error
      }
    },
  }
}

async function judged<T>(
  policy: { readonly state: CircuitState },
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<Outcome<T>> {
  try {
    return { kind: 'answered', value: await call() }
  } catch (error) {
    if (!(error instanceof ConnectorError) || !away.has(error.code)) return { kind: 'refused', error }
    if (there.has(error.facts.detail ?? '')) return { kind: 'refused', error }
    // Whoever called went away, which says nothing; whoever tries for all must not be taken for an answer, either.
    if (endedByUs(signal) && policy.state === CircuitState.Closed) throw error
    return { kind: 'no_answer', error }
  }
}

function endedByUs(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason
  return signal.aborted && !(reason instanceof DOMException && reason.name === 'TimeoutError')
}
