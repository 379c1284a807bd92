import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import {
  countPiece,
  deletePieces,
  insertFailures,
  moveBatch,
  nextBatch,
  pieceOf,
} from '#db/queries/batches.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { JobKind } from '#src/jobs/job.ts'
import { type Batch, batchFrom, hasFailures, pieceSize, runBatchesKind } from '#src/local-users/batch.ts'
import { showBatchFailures, showBatchStatus } from '#src/local-users/batch-thread.ts'
import { changeUsers, type UserAction } from '#src/local-users/change.ts'
import { assertAdmin, type Asked, type BackgroundDeps, giveWayMs } from '#src/local-users/deps.ts'
import { importPiece, type PieceDone } from '#src/local-users/import-piece.ts'
import { type Actor, type Role, SlackAwayError } from '#src/people/actor.ts'

/** What working on batches needs beside the tables: the live look-up of whoever asked. */
export interface BatchDeps extends BackgroundDeps {
  findActor(
    userId: string,
    options: { maxAgeMs: number; signal: AbortSignal; wanted: readonly Role[] },
  ): Promise<Actor>
}

const slackAwayMs = 10_000
const breathMs = 12

/**
 * Works on batches, one after the other in the order of asking, one piece per transaction. The piece, its counts and its
 * failures are written together with the job, under its lease: no row is done twice, whoever is killed when. Before
 * the first piece whoever asked is looked up live.
 */
export function runBatchesJob(deps: BatchDeps): JobKind<Record<string, never>> {
  const again = () => ({ kind: 'snooze', until: deps.clock.now() }) as const
  return {
    kind: runBatchesKind,
    payload: z.object({}).strict(),
    maxAttempts: 20,
    async run(_payload, { signal }) {
      const row = await deps.store.read(nextBatch)
      if (row === undefined) return { kind: 'completed', settle: (ctx) => continueIfAsked(ctx, deps) }
      const batch = batchFrom(row)
      if (batch.state === 'running') {
        // A piece holds everybody up on SQLite; about as long as one takes, the clicks that came meanwhile have their turn.
        await wait(breathMs, undefined, { signal })
        await deps.peopleFirst?.(giveWayMs)
        // However many processes a long batch outlives: it is given up for a piece that cannot be done, not for its length.
        return { ...again(), partDone: true, settle: (ctx) => workPiece(ctx, deps, batch.id) }
      }
      try {
        const how = { maxAgeMs: 0, signal, wanted: ['local_user_admin'] } as const
        assertAdmin(await deps.findActor(batch.requesterId, how))
        return { ...again(), settle: (ctx) => startBatch(ctx, deps, batch) }
      } catch (error) {
        if (error instanceof SlackAwayError) {
          const waitMs = error.retryAfterMs ?? slackAwayMs
          return { kind: 'snooze', until: new Date(deps.clock.now().getTime() + waitMs) }
        }
        if (!(error instanceof UserError)) throw error
        return { ...again(), settle: (ctx) => endBatch(ctx, deps, batch, 'role_lost') }
      }
    },
    async givenUp(ctx) {
      const row = await nextBatch(ctx)
      if (row !== undefined) await endBatch(ctx, deps, batchFrom(row), 'gave_up')
      await continueIfAsked(ctx, deps)
    },
  }
}

/** Somebody may have asked for a batch since this job looked. */
async function continueIfAsked(ctx: WriteContext, deps: BatchDeps): Promise<void> {
  if ((await nextBatch(ctx)) === undefined) return
  await enqueue(ctx, deps.clock, { kind: runBatchesKind, payload: {}, dedupeKey: runBatchesKind })
}

async function startBatch(ctx: WriteContext, deps: BatchDeps, { id }: Batch): Promise<void> {
  const now = deps.clock.now()
  if (!(await moveBatch(ctx, id, ['queued'], { state: 'running', startedAt: now }))) return
  await record(ctx, now, { kind: 'batch_started', actor: 'system', facts: { batchId: id } })
  await showBatchStatus(ctx, deps, id)
}

async function workPiece(ctx: WriteContext, deps: BatchDeps, id: string): Promise<void> {
  const row = await nextBatch(ctx)
  // Cancelled meanwhile.
  if (row?.id !== id || row.state !== 'running') return
  const batch = batchFrom(row)
  const rows = await pieceOf(ctx, id, batch.nextPiece)
  if (rows === undefined) return await endBatch(ctx, deps, batch)
  const asked = { by: batch.requesterId, now: deps.clock.now(), batchId: id }
  const { done, changed, partly, failures } = await doPiece(ctx, deps, asked, batch, rows)
  await insertFailures(
    ctx,
    failures.map((failure) => ({ ...failure, batchId: id })),
  )
  await countPiece(ctx, id, { done, changed, partly, failed: failures.length - partly })
  await showBatchStatus(ctx, deps, id)
}

async function doPiece(
  ctx: WriteContext,
  deps: BatchDeps,
  asked: Asked,
  batch: Batch,
  rows: unknown,
): Promise<PieceDone> {
  if (batch.action === 'import') {
    const updateDescriptions = batch.facts.kind === 'import' && batch.facts.updateDescriptions
    return await importPiece(ctx, deps, asked, rows, updateDescriptions)
  }
  return await changePiece(ctx, deps, asked, batch.action, batch.nextPiece, rows)
}

const Ids = z.array(z.string())

async function changePiece(
  ctx: WriteContext,
  deps: BatchDeps,
  asked: Asked,
  action: UserAction,
  piece: number,
  rows: unknown,
): Promise<PieceDone> {
  const ids = Ids.parse(rows)
  const { changed, faults } = await changeUsers(ctx, deps, asked, action, ids)
  const place = new Map(ids.map((id, i) => [id, piece * pieceSize + i]))
  const failures = faults
    // Whoever asks for many wants links for those who need one.
    .filter(({ fault }) => fault.kind !== 'already_enrolled')
    .map(({ id, email, fault }) => ({ row: place.get(id) ?? 0, userId: id, email, reason: fault }))
  return { done: ids.length, changed: changed.length, partly: 0, failures }
}

async function endBatch(
  ctx: WriteContext,
  deps: BatchDeps,
  batch: Batch,
  stopped?: Batch['facts']['stopped'],
): Promise<void> {
  const now = deps.clock.now()
  const state = stopped === undefined ? 'done' : 'failed'
  const ended = { state, finishedAt: now, facts: { ...batch.facts, stopped } }
  if (!(await moveBatch(ctx, batch.id, ['queued', 'running'], ended))) return
  await deletePieces(ctx, batch.id)
  const kind = stopped === 'role_lost' ? 'batch_refused' : 'batch_finished'
  const { id: batchId, done, changed, partly, failed, total } = batch
  const counts = { done, changed, partly, failed, total }
  await record(ctx, now, { kind, actor: 'system', facts: { batchId, state, ...counts } })
  if (hasFailures(batch)) await showBatchFailures(ctx, deps, batchId)
  await showBatchStatus(ctx, deps, batchId)
}
