import {
  claimLines,
  extendLineLease,
  type LineRow,
  markDead,
  markLater,
  markSent,
  releaseAllLines,
} from '#db/queries/outbox.ts'
import { insertThread } from '#db/queries/threads.ts'
import type { Store, WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import { backoffMs } from '#src/jobs/backoff.ts'
import { createLoop } from '#src/jobs/loop.ts'
import type { Log } from '#src/log.ts'
import { OutboxMessage } from '#src/outbox/message.ts'

const leaseMs = 15_000
const heartbeatMs = 5_000

/** A line on its way out. */
export interface ClaimedLine {
  readonly id: number
  readonly stream: string
  readonly message: OutboxMessage
  /** An earlier try may have reached Slack: look there before sending again. */
  readonly uncertain: boolean
  readonly createdAt: Date
}

/** How one try of a delivery ended. */
export type Delivery =
  | {
      readonly kind: 'sent'
      /** Slack's `ts` of the message. */
      readonly ref?: string | undefined
      /** Where the stream's thread now stands, when this was its root. */
      readonly thread?:
        | { readonly channel: string; readonly ts: string; readonly permalink?: string | undefined }
        | undefined
    }
  | { readonly kind: 'later'; readonly until?: Date | undefined; readonly uncertain?: boolean | undefined }
  | { readonly kind: 'dead'; readonly reason: string }

/** What the relay works with. It knows no Slack: `deliver` does. */
export interface RelayDeps {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly concurrency: number
  deliver(line: ClaimedLine, signal: AbortSignal): Promise<Delivery>
  /** Called in the transaction in which a line is given up. */
  onDead(ctx: WriteContext, line: ClaimedLine, reason: string): Promise<void>
}

export interface Relay {
  /** Delivers what is due until nothing is; for tests, which step by hand. Returns how many tries were made. */
  relayAllDue(): Promise<number>
  start(): Promise<void>
  stop(graceMs: number): Promise<void>
}

/** Delivers the outbox: each stream in order, several streams at the same time. */
export function createRelay(deps: RelayDeps): Relay {
  const loop = createLoop<LineRow>({
    log: deps.log,
    concurrency: deps.concurrency,
    claim: async (limit) => {
      const now = deps.clock.now()
      const leaseUntil = new Date(now.getTime() + leaseMs)
      return await deps.store.write((ctx) => claimLines(ctx, { now, leaseUntil, limit }), {
        isolation: 'read committed',
      })
    },
    work: (row, signal) => send(deps, row, signal),
  })
  let unsubscribe = () => {}
  return {
    relayAllDue: () => loop.drain(),
    async start() {
      // Only one process uses a SQLite file: whoever held a lease on it is gone.
      if (deps.store.dialect === 'sqlite')
        await deps.store.write((ctx) => releaseAllLines(ctx, deps.clock.now()))
      unsubscribe = deps.store.onCommit('outbox', loop.wake)
      loop.start()
    },
    async stop(graceMs) {
      unsubscribe()
      await loop.stop(graceMs)
    },
  }
}

async function send(deps: RelayDeps, row: LineRow, stopped: AbortSignal): Promise<void> {
  const message = OutboxMessage.safeParse(row.message)
  if (!message.success) {
    deps.log.error({ line: row.id, stream: row.stream }, 'an outbox line of unknown content was given up')
    await deps.store.write((ctx) => markDead(ctx, row, 'unreadable'))
    return
  }
  const line = {
    id: row.id,
    stream: row.stream,
    message: message.data,
    uncertain: row.uncertain,
    createdAt: row.createdAt,
  }
  const lost = new AbortController()
  const beat = setInterval(() => void heartbeat(deps, row, lost), heartbeatMs)
  const signal = AbortSignal.any([stopped, lost.signal])
  try {
    await settle(deps, row, line, await deps.deliver(line, signal))
  } catch (error) {
    if (signal.aborted) return
    deps.log.error(
      { err: error, line: row.id, kind: line.message.kind },
      'a message could not be made or sent; trying again',
    )
    await settle(deps, row, line, { kind: 'later', uncertain: true })
  } finally {
    clearInterval(beat)
  }
}

async function heartbeat(deps: RelayDeps, row: LineRow, lost: AbortController): Promise<void> {
  const until = new Date(deps.clock.now().getTime() + leaseMs)
  try {
    const held = await deps.store.write((ctx) => extendLineLease(ctx, row, until), {
      isolation: 'read committed',
    })
    if (!held) lost.abort(new Error('the lease of this line was lost'))
  } catch (error) {
    deps.log.warn({ err: error, line: row.id }, 'a lease could not be prolonged')
  }
}

async function settle(deps: RelayDeps, row: LineRow, line: ClaimedLine, delivery: Delivery): Promise<void> {
  const now = deps.clock.now()
  await deps.store.write(async (ctx) => {
    ctx.touch('outbox')
    switch (delivery.kind) {
      case 'sent': {
        const { thread } = delivery
        if (thread !== undefined)
          await insertThread(ctx, {
            ...thread,
            permalink: thread.permalink ?? null,
            stream: row.stream,
            createdAt: now,
          })
        await markSent(ctx, row, { ref: delivery.ref ?? null, now })
        return
      }
      case 'later': {
        const until = delivery.until ?? new Date(now.getTime() + backoffMs(row.attempt))
        await markLater(ctx, row, { until, uncertain: row.uncertain || delivery.uncertain === true })
        return
      }
      case 'dead':
        deps.log.error(
          { line: row.id, kind: line.message.kind, reason: delivery.reason },
          'a message was given up',
        )
        if (await markDead(ctx, row, delivery.reason)) await deps.onDead(ctx, line, delivery.reason)
    }
  })
}
