import type { z } from 'zod'
import { activePauses, deletePausesBefore } from '#db/queries/pauses.ts'
import {
  claimLines,
  type DueLine,
  dueLines,
  extendLineLease,
  type Lane,
  releaseAllLines,
} from '#db/queries/outbox.ts'
import type { Store, WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import { defaultLeaseMs } from '#src/jobs/lease.ts'
import { createLoop } from '#src/jobs/loop.ts'
import type { Log } from '#src/log.ts'
import { whileHeld } from '#src/outbox/held.ts'
import { sendLine } from '#src/outbox/send.ts'

/** A line on its way out. */
export interface ClaimedLine<M> {
  readonly id: number
  readonly stream: string
  readonly lane: Lane
  readonly message: M
  /** Where the stream's thread stands; a status line without one posts the thread's root. */
  readonly thread:
    | { readonly channel: string; readonly ts: string; readonly permalink: string | null }
    | undefined
  /** An earlier try may have reached its reader: look there before sending again. */
  readonly uncertain: boolean
  /** 1 for the first try. */
  readonly attempt: number
  readonly createdAt: Date
}

/** How one try of a delivery ended. `dead`: trying again cannot help; `reason` is the other side's code. */
export type Delivery =
  | {
      readonly kind: 'sent'
      /** Slack's `ts` of the message. */
      readonly ref?: string | undefined
      /** Where the stream's thread stands now, when this was its root. */
      readonly thread?:
        | { readonly channel: string; readonly ts: string; readonly permalink?: string | undefined }
        | undefined
    }
  | {
      readonly kind: 'later'
      /** After a backoff that grows, unless told. */
      readonly until?: Date | undefined
      /** What nobody may call before that time either, in no replica. */
      readonly pauseKeys?: readonly string[] | undefined
      /** It may have arrived nevertheless. */
      readonly uncertain?: boolean | undefined
    }
  | { readonly kind: 'dead'; readonly reason: string }

/** What a line calls, as far as others may have to wait with it. Pure. */
export interface Limits {
  /** The line waits while one of these is paused. */
  readonly pauseKeys: readonly string[]
  /** At most one such line per interval, in all replicas together. */
  readonly pace?: { readonly key: string; readonly intervalMs: number } | undefined
}

/** What the relay works with. It knows no Slack: `deliver` and `limitsOf` do. */
export interface RelayDeps<M> {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** How many lines are sent at the same time by this process. */
  readonly concurrency: number
  readonly leaseMs?: number | undefined
  readonly message: z.ZodType<M>
  deliver(line: ClaimedLine<M>, signal: AbortSignal): Promise<Delivery>
  limitsOf(line: ClaimedLine<M>): Limits
  /** Called in the transaction in which a line is given up. Replies that die with their root are not told one by one. */
  onDead(ctx: WriteContext, line: ClaimedLine<M>, reason: string): Promise<void>
}

/** Delivers the outbox. */
export interface Relay {
  /** By hand: sends one due line; false when none is. */
  relayOnce(): Promise<boolean>
  /** By hand: sends what is due until nothing is, and returns how many tries that were. */
  relayAllDue(): Promise<number>
  /** Sends lines as they become due: at once after a commit of this process, otherwise within a second. */
  start(): Promise<void>
  /** Begins nothing more, lets tries under way end within the grace, then aborts them; those lines are uncertain. */
  stop(graceMs: number): Promise<void>
}

/** A claimed line whose message may turn out to be unreadable. */
export interface RelayWork<M> {
  readonly row: DueLine['line']
  readonly line: ClaimedLine<M> | undefined
}

const pageSize = 100

/** Delivers the outbox: each stream in order, several streams at the same time. */
export function createRelay<M>(deps: RelayDeps<M>): Relay {
  const { store, clock, log, concurrency, leaseMs = defaultLeaseMs } = deps
  const loop = createLoop<RelayWork<M>>({
    log,
    concurrency,
    claim: (limit) => store.write((ctx) => claim(ctx, deps, limit, leaseMs), { isolation: 'read committed' }),
    work: ({ row, line }, stopped) =>
      sendLine(deps, row, line, {
        clock,
        log,
        leaseMs,
        stopped,
        extend: (until) =>
          store.write((ctx) => extendLineLease(ctx, row, until), { isolation: 'read committed' }),
      }),
  })
  let unsubscribe = (): void => {}
  return {
    relayOnce: () => loop.step(),
    relayAllDue: () => loop.drain(),
    async start() {
      const alone = store.workAlone()
      await store.write(async (ctx) => {
        if (alone) await releaseAllLines(ctx, clock.now())
        await deletePausesBefore(ctx, clock.now())
      })
      unsubscribe = store.onCommit('outbox', loop.wake)
      loop.start()
    },
    async stop(graceMs) {
      unsubscribe()
      await loop.stop(graceMs)
    },
  }
}

/** Takes due lines that no pause holds up. */
async function claim<M>(ctx: WriteContext, deps: RelayDeps<M>, limit: number, leaseMs: number) {
  const now = deps.clock.now()
  const pauses = await activePauses(ctx, now)
  const chosen: RelayWork<M>[] = []
  let nextAt = Infinity
  for (let after = 0; chosen.length < limit;) {
    const page = await dueLines(ctx, { now, after, limit: pageSize })
    for (const due of page) {
      const line = readLine(deps.message, due)
      const heldUntil =
        line === undefined ? undefined : await whileHeld(ctx, deps.limitsOf(line), pauses, now)
      if (heldUntil === undefined) chosen.push({ row: due.line, line })
      else nextAt = Math.min(nextAt, heldUntil.getTime())
      if (chosen.length === limit) break
      after = due.line.id
    }
    if (page.length < pageSize) break
  }
  const ids = chosen.map(({ row }) => row.id)
  const rows = await claimLines(ctx, ids, { now, leaseUntil: new Date(now.getTime() + leaseMs) })
  const claimed = new Map(rows.map((row) => [row.id, row]))
  const pieces = chosen.flatMap(({ row: { id }, line }) => {
    const row = claimed.get(id)
    if (row === undefined) return []
    return [{ row, line: line && { ...line, uncertain: row.uncertain, attempt: row.attempt } }]
  })
  return { pieces, lookAgainInMs: nextAt === Infinity ? undefined : nextAt - now.getTime() }
}

function readLine<M>(message: z.ZodType<M>, { line: row, thread }: DueLine): ClaimedLine<M> | undefined {
  const parsed = message.safeParse(row.message)
  if (!parsed.success) return undefined
  const { id, stream, uncertain, attempt, createdAt } = row
  const lane = row.lane === 'status' || row.lane === 'reply' ? row.lane : 'direct'
  return {
    id,
    stream,
    lane,
    message: parsed.data,
    thread: thread ?? undefined,
    uncertain,
    attempt,
    createdAt,
  }
}
