import { setTimeout as wait } from 'node:timers/promises'
import type { Receiver } from '@slack/bolt'
import type { Clock } from '#src/clock.ts'
import { SlackCallError, sortProblem } from '#src/slack/clients.ts'
import { type Connection, type ConnectionDeps, openConnection } from '#src/slack/connection.ts'
import { StartUpError } from '#src/slack/start-up.ts'

/** How the connections stand. */
export interface ReceiverHealth {
  readonly open: number
  readonly wanted: number
  /** Since when `open` is what it is. */
  readonly since: Date
  /** Why not all are open, in words for an operator. */
  readonly problem: string | undefined
}

export type HealthyReceiver = Receiver & { readonly health: () => ReceiverHealth }

const firstBackoffMs = 500
const longestBackoffMs = 30_000
const refusedBackoffMs = 60_000
const shortLifeMs = 5000
const ackLimitMs = 3000
// Slack closes a connection itself about 10 s after its warning.
const leaveLimitMs = 8000

/**
 * Receives over two or more Socket Mode connections of its own. When Slack asks one to refresh, its replacement is open before
 * the old one is given up, so no moment is without a connection. `start` throws `StartUpError` when Slack
 * refuses; when Slack is away it returns, and trying goes on in the background.
 */
export function createSockets(
  deps: ConnectionDeps & {
    readonly clock: Clock
    readonly connections: number
  },
): HealthyReceiver {
  const stopping = new AbortController()
  const open = new Set<Connection>()
  let changedAt = deps.clock.now()
  let problem: string | undefined

  async function watch(connection: Connection): Promise<void> {
    open.add(connection)
    changedAt = deps.clock.now()
    if (open.size >= deps.connections) problem = undefined
    if (stopping.signal.aborted) await connection.retire(0)
    await connection.closed
    open.delete(connection)
    changedAt = deps.clock.now()
  }

  async function tryToOpen(): Promise<Connection | StartUpError | Error> {
    try {
      const connection = await openConnection(deps)
      void watch(connection)
      return connection
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      problem = failure instanceof StartUpError ? failure.message : 'Slack cannot be reached'
      deps.log.warn({ err: failure, open: open.size }, 'A connection to Slack could not be opened')
      return failure
    }
  }

  async function keepOpen(slot: number, first: Connection | Error): Promise<void> {
    let current = first
    let failures = 0
    while (!stopping.signal.aborted) {
      if (current instanceof Error) {
        failures += 1
        if (!(await pause(backoffMs(current, failures) + slot * 137))) return
        current = await tryToOpen()
        continue
      }
      const since = performance.now()
      const leaver = current
      const asked = await Promise.race([leaver.leaving.then(() => true), leaver.closed.then(() => false)])
      if (stopping.signal.aborted) return
      // A connection that is cut again and again must not make us knock without a pause.
      failures = !asked && performance.now() - since < shortLifeMs ? failures + 1 : 0
      if (failures > 1 && !(await pause(backoffMs(undefined, failures)))) return
      current = await tryToOpen()
      void leaver.retire(leaveLimitMs)
    }
  }

  async function pause(ms: number): Promise<boolean> {
    await wait(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
    return !stopping.signal.aborted
  }

  return {
    init: () => {},
    start: async () => {
      for (let slot = 0; slot < deps.connections; slot += 1) {
        const first = await tryToOpen()
        if (slot === 0 && first instanceof StartUpError) throw first
        void keepOpen(slot, first)
      }
    },
    stop: async () => {
      stopping.abort()
      await Promise.all([...open].map((connection) => connection.retire(ackLimitMs)))
    },
    health: () => ({ open: open.size, wanted: deps.connections, since: changedAt, problem }),
  }
}

function backoffMs(error: Error | undefined, failures: number): number {
  if (error instanceof StartUpError) return refusedBackoffMs
  const sorted = error instanceof SlackCallError ? error.problem : sortProblem(error)
  if (sorted.kind === 'rate_limited') return sorted.retryAfterMs
  return Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(failures - 1, 10))
}
