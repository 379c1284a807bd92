import { type BulkheadPolicy, bulkhead } from 'cockatiel'
import type { Clock } from '#src/clock.ts'
import { ConnectorError } from '#src/errors.ts'
import { type Breaker, createBreaker } from '#src/iam/breaker.ts'
import type { IamConnector } from '#src/iam/connector.ts'
import type { Log } from '#src/log.ts'

/** Where pauses are kept that a system has asked for, so that all replicas keep to them. */
export interface SystemPauses {
  /** Until when nobody calls the system; undefined when everybody may. */
  until(systemId: string): Promise<Date | undefined>
  pause(systemId: string, until: Date): Promise<void>
}

/** What the guard works with. */
export interface GuardDeps {
  readonly clock: Clock
  readonly log: Log
  readonly pauses: SystemPauses
  /** How many calls to one system run at the same time in this process. */
  readonly callsPerSystem: number
  /** Told when a system is taken for away, and when it answers again; for counting. */
  readonly onAway?: ((systemId: string, isAway: boolean) => void) | undefined
}

/** A pause longer than this is a misunderstanding of clocks; the system says so again when it is none. */
const longestPauseMs = 15 * 60_000

/**
 * The same connector, kept from overrunning its system and from waiting for one that is away. At most so many calls at
 * the same time, later ones wait for their turn; after five failures in a row (`unavailable`, `timed_out`) calls are
 * answered `unavailable` at once, with `retryAt`, until a single one gets through again; a pause that the system demanded is
 * kept by all replicas (`rate_limited`, detail `paused`: nothing was sent). The looks of `doctor` keep to pauses only.
 */
export function guardConnector(connector: IamConnector, deps: GuardDeps): IamConnector {
  const guard: Guard = {
    ...deps,
    systemId: connector.system.id,
    places: bulkhead(deps.callsPerSystem, Infinity),
    breaker: createBreaker(connector.system.id, deps),
  }
  const resetPassword = connector.resetPassword?.bind(connector)
  const signOut = connector.signOut?.bind(connector)
  return {
    ...connector,
    find: (query, signal) => guarded(guard, signal, () => connector.find(query, signal)),
    read: (accountId, signal) => guarded(guard, signal, () => connector.read(accountId, signal)),
    disable: (accountId, context) =>
      guarded(guard, context.signal, () => connector.disable(accountId, context)),
    enable: (accountId, context) =>
      guarded(guard, context.signal, () => connector.enable(accountId, context)),
    ...(resetPassword !== undefined && {
      resetPassword: (accountId, context) =>
        guarded(guard, context.signal, () => resetPassword(accountId, context)),
    }),
    ...(signOut !== undefined && {
      signOut: (accountId, context) => guarded(guard, context.signal, () => signOut(accountId, context)),
    }),
    checkRights: (signal) => outsidePauses(guard, () => connector.checkRights(signal)),
    checkConnection: (signal) => outsidePauses(guard, () => connector.checkConnection(signal)),
  }
}

interface Guard extends GuardDeps {
  readonly systemId: string
  readonly places: BulkheadPolicy
  readonly breaker: Breaker
}

async function guarded<T>(guard: Guard, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  // Before queueing: an answer that is known is given at once.
  guard.breaker.refuseIfOpen()
  return await inTurn(guard.places, signal, () => outsidePauses(guard, () => guard.breaker.run(signal, call)))
}

/** Waits for a place, no longer than the signal allows; once begun, the call itself heeds the signal. */
async function inTurn<T>(places: BulkheadPolicy, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  if (places.executionSlots > 0) return await places.execute(call)
  const gaveUp = Promise.withResolvers<never>()
  const giveUp = (): void =>
    gaveUp.reject(
      new ConnectorError('timed_out', 'No place became free in time', { detail: 'all_places_taken' }),
    )
  if (signal.aborted) giveUp()
  signal.addEventListener('abort', giveUp, { once: true })
  // With the signal, a call that nobody waits for any more is not begun.
  const work = places.execute(() => {
    signal.removeEventListener('abort', giveUp)
    return call()
  }, signal)
  return await Promise.race([work, gaveUp.promise])
}

async function outsidePauses<T>(guard: Guard, call: () => Promise<T>): Promise<T> {
  const until = await guard.pauses.until(guard.systemId)
  if (until !== undefined && until > guard.clock.now())
    throw new ConnectorError('rate_limited', `${guard.systemId} asked for a pause`, {
      retryAt: until.toISOString(),
      detail: 'paused',
    })
  try {
    return await call()
  } catch (error) {
    await keepPause(guard, error)
    throw error
  }
}

async function keepPause(guard: Guard, error: unknown): Promise<void> {
  if (!(error instanceof ConnectorError) || error.code !== 'rate_limited') return
  const { retryAt, detail } = error.facts
  if (retryAt === undefined || detail === 'paused') return
  const latest = guard.clock.now().getTime() + longestPauseMs
  const until = new Date(Math.min(Date.parse(retryAt), latest))
  try {
    await guard.pauses.pause(guard.systemId, until)
  } catch (err) {
    // What the system answered matters more than that the other replicas learn of it.
    guard.log.warn({ err, system: guard.systemId }, 'a pause could not be kept')
  }
}
