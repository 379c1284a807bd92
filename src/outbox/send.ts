import { type LineRow, markDead, markLater, markRepliesDead, markSent } from '#db/queries/outbox.ts'
import { insertThread } from '#db/queries/threads.ts'
import type { WriteContext } from '#db/store.ts'
import { backoffMs } from '#src/jobs/backoff.ts'
import { keepLease, type LeaseDeps } from '#src/jobs/lease.ts'
import { holdUp } from '#src/outbox/held.ts'
import type { ClaimedLine, Delivery, RelayDeps } from '#src/outbox/relay.ts'

/** A delivery that throws this often in a row is a fault of ours that waiting doesn't mend. */
const mostFailures = 10

/** Sends one claimed line and settles how it went. Throws only when that could not be written; the line comes back then. */
export async function sendLine<M>(
  deps: RelayDeps<M>,
  row: LineRow,
  line: ClaimedLine<M> | undefined,
  leaseDeps: LeaseDeps,
): Promise<void> {
  if (line === undefined) {
    deps.log.error({ line: row.id, stream: row.stream }, 'a line that cannot be read was given up')
    await deps.store.write(async (ctx) => {
      ctx.touch('outbox')
      if (await markDead(ctx, row, 'unreadable')) await endStreamOf(ctx, row, false)
    })
    return
  }
  // Its root was given up, and nothing is about to post another one.
  if (line.lane === 'reply' && line.thread === undefined) {
    await settle(deps, row, line, { kind: 'dead', reason: 'no_thread' })
    return
  }
  const lease = keepLease(leaseDeps)
  try {
    await settle(deps, row, line, await deps.deliver(line, lease.signal))
  } catch (error) {
    if (lease.isLost()) return
    if (leaseDeps.stopped.aborted) {
      await settle(deps, row, line, { kind: 'later', until: deps.clock.now(), uncertain: true })
      return
    }
    deps.log.error({ err: error, line: row.id, stream: row.stream }, 'a line could not be delivered')
    if (row.failures + 1 >= mostFailures) await settle(deps, row, line, { kind: 'dead', reason: 'failed' })
    else await settle(deps, row, line, { kind: 'later', uncertain: true }, true)
  } finally {
    lease.end()
  }
}

async function settle<M>(
  deps: RelayDeps<M>,
  row: LineRow,
  line: ClaimedLine<M>,
  delivery: Delivery,
  threw = false,
): Promise<void> {
  const now = deps.clock.now()
  await deps.store.write(async (ctx) => {
    ctx.touch('outbox')
    switch (delivery.kind) {
      case 'sent':
        await settleSent(ctx, row, delivery, now)
        return
      case 'later': {
        const until = delivery.until ?? new Date(now.getTime() + backoffMs(row.attempt))
        await holdUp(ctx, delivery.pauseKeys ?? [], until)
        await markLater(ctx, row, { until, uncertain: row.uncertain || delivery.uncertain === true, threw })
        return
      }
      case 'dead':
        if (!(await markDead(ctx, row, delivery.reason))) return
        await endStreamOf(ctx, row, line.thread !== undefined)
        await deps.onDead(ctx, line, delivery.reason)
    }
  })
  if (delivery.kind === 'dead')
    deps.log.error({ line: row.id, stream: row.stream, reason: delivery.reason }, 'a line was given up')
}

async function settleSent(
  ctx: WriteContext,
  row: LineRow,
  sent: Delivery & { readonly kind: 'sent' },
  now: Date,
): Promise<void> {
  // Also when the lease was lost meanwhile: the message is there, and whoever has the line now must not post a second one.
  if (sent.thread !== undefined) {
    const { channel, ts, permalink } = sent.thread
    await insertThread(ctx, { stream: row.stream, channel, ts, permalink: permalink ?? null, createdAt: now })
  }
  await markSent(ctx, row, { ref: sent.ref ?? null, now })
}

// Replies have no place without the root. Lines to one person don't need it.
async function endStreamOf(ctx: WriteContext, row: LineRow, hasThread: boolean): Promise<void> {
  if (row.lane === 'status' && !hasThread) await markRepliesDead(ctx, row.stream, 'no_thread')
}
