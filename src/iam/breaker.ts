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
/** Who was heard of within this time is slow for an impatient caller, not away. */
const heardLatelyMs = 30_000

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
 * we ended ourselves says nothing about the system, and one that its caller gave little time only when nothing else was
 * heard lately.
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
  let heardAtMs = -Infinity
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

  async function judged<T>(signal: AbortSignal, call: () => Promise<T>): Promise<Outcome<T>> {
    try {
      const value = await call()
      heardAtMs = clock.now().getTime()
      return { kind: 'answered', value }
    } catch (error) {
      const now = clock.now().getTime()
      const word = wordOf(error, signal, now - heardAtMs < heardLatelyMs)
      if (word === 'heard') {
        heardAtMs = now
        return { kind: 'refused', error }
      }
      // The one that tries for all must not be taken for an answer when it brings none.
      if (word === 'nothing' && policy.state === CircuitState.Closed) throw error
      return { kind: 'no_answer', error }
    }
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
        const outcome = await policy.execute(() => judged(signal, call))
        if (outcome.kind !== 'answered') throw outcome.error
        return outcome.value
      } catch (error) {
        throw error instanceof BrokenCircuitError ? refusal() : error
      }
    },
  }
}

type Word = 'heard' | 'nothing' | 'no_answer'

/** What a failed call says about the system. */
function wordOf(error: unknown, signal: AbortSignal, isPatient: boolean): Word {
  if (!(error instanceof ConnectorError) || !away.has(error.code)) return 'heard'
  if (there.has(error.facts.detail ?? '')) return 'heard'
  if (!signal.aborted) return 'no_answer'
  // Ended by the caller: a limit shorter than the connector's own, or somebody who went away, which says nothing.
  const reason: unknown = signal.reason
  const isLimit = reason instanceof DOMException && reason.name === 'TimeoutError'
  return isLimit && !isPatient ? 'no_answer' : 'nothing'
}
