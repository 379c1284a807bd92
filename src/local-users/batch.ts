import { z } from 'zod'
import type { BatchRow } from '#db/queries/batches.ts'
import { deletePieces, findBatch, insertBatch, lastBatches, moveBatch } from '#db/queries/batches.ts'
import { localUserIds } from '#db/queries/local-users-search.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import { showBatchFailures, showBatchStatus } from '#src/local-users/batch-thread.ts'
import { type UserAction, userActions } from '#src/local-users/change.ts'
import { assertAdmin, changeAs, type LocalUserDeps } from '#src/local-users/deps.ts'
import type { UserFilter } from '#src/local-users/list.ts'
import type { Actor } from '#src/people/actor.ts'

/** The kind of the job that works on batches, one piece after the other. */
export const runBatchesKind = 'run_batches'

/** How many rows are worked on in one transaction: few enough to leave room for a click in between. */
export const pieceSize = 100

/** Why a batch was stopped: whoever asked may no longer ask, or it was tried too often. */
const stopped = z.enum(['role_lost', 'gave_up']).optional()

/** What a dry run says, what a batch was asked for, and why it was stopped. */
const BatchFacts = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accounts'), of: z.enum(['ticked', 'search', 'all']), stopped }),
  z.object({
    kind: z.literal('import'),
    stopped,
    fileName: z.string(),
    updateDescriptions: z.boolean(),
    /** Accounts that will be made, as far as there is room. */
    fresh: z.number(),
    /** Those of them that stay disabled, because a Disable task disabled their address before it was deleted. */
    held: z.number(),
    /** Accounts that are there already: left as they are, described anew, or described no more. */
    there: z.number(),
    described: z.number(),
    /** Those whose description becomes empty. */
    emptied: z.number(),
    /** Descriptions were to be changed, but the file has no column for them: all are left alone. */
    noDescriptions: z.boolean(),
    /** Lines that can't be imported; the first of them. */
    invalid: z.number(),
    invalidLines: z.array(z.number()),
    overLimit: z.number(),
    /** Groups that will be made; the first of them. */
    newGroups: z.number(),
    newGroupNames: z.array(z.string()),
    groupsOverLimit: z.number(),
    unknownColumns: z.array(z.string()),
  }),
])
export type BatchFacts = z.infer<typeof BatchFacts>
export type ImportFacts = Extract<BatchFacts, { kind: 'import' }>

const batchActions = ['import', ...userActions] as const

const BatchColumns = z.object({
  action: z.enum(batchActions),
  state: z.enum(['draft', 'queued', 'running', 'done', 'cancelled', 'failed']),
  facts: BatchFacts,
})

/** One action over many local users. */
export type Batch = BatchRow & z.infer<typeof BatchColumns>

/** A row as the subjects know it. Throws when the stored JSON is not ours. */
export function batchFrom(row: BatchRow): Batch {
  return { ...row, ...BatchColumns.parse(row) }
}

/** Whether there are rows of which something is left to do or to mend. */
export function hasFailures({ failed, partly }: Pick<BatchRow, 'failed' | 'partly'>): boolean {
  return failed + partly > 0
}

/** Rows cut into the pieces in which they are worked on. */
export function cut<T>(rows: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(rows.length / pieceSize) }, (_, i) =>
    rows.slice(i * pieceSize, (i + 1) * pieceSize),
  )
}

/** Which accounts. All, and what a search found, ask for their number to be typed: that many were seen. */
export type Selection =
  | { readonly kind: 'ticked'; readonly ids: readonly string[] }
  | { readonly kind: 'search'; readonly filter: UserFilter; readonly typed: string }
  | { readonly kind: 'all'; readonly typed: string }

/**
 * Asks for one thing to be done to many accounts, and returns the batch's id: those that are chosen at this moment. It
 * waits its turn. Throws `UserError`: `not_allowed`, `nothing_to_do`, `not_confirmed`.
 */
export async function requestBatch(
  deps: LocalUserDeps,
  actor: Actor,
  action: UserAction,
  selection: Selection,
): Promise<string> {
  const id = newId()
  await changeAs(deps, actor, async (ctx, { by, now }) => {
    const ids = await chosen(ctx, selection, now)
    if (ids.length === 0) throw new UserError('nothing_to_do', 'No local user is chosen. Choose some first.')
    const facts: BatchFacts = { kind: 'accounts', of: selection.kind }
    const counts = { total: ids.length, done: 0, changed: 0, failed: 0, nextPiece: 0 }
    const batch = { id, action, state: 'queued', requesterId: by, facts, ...counts, createdAt: now }
    await insertBatch(ctx, batch, cut(ids))
    await begin(ctx, deps, batch)
  })
  return id
}

async function chosen(ctx: ReadContext, selection: Selection, now: Date): Promise<readonly string[]> {
  switch (selection.kind) {
    case 'ticked':
      return [...new Set(selection.ids)]
    case 'search':
      return checkTyped(selection.typed, await localUserIds(ctx, { ...selection.filter, now }))
    case 'all':
      return checkTyped(selection.typed, await localUserIds(ctx, { now }))
  }
}

/** The ids, if their number was typed. Throws `UserError`: `not_confirmed`, or `nothing_to_do` where nobody is left. */
function checkTyped(typed: string, ids: readonly string[]): readonly string[] {
  // People type numbers as they see them: 9,812 or 9 812.
  if (ids.length === 0)
    throw new UserError(
      'nothing_to_do',
      'Nobody is left to do this to. Go back to the list of local users.',
      'typed',
    )
  if (typed.replaceAll(/[\s,.’']/g, '') === String(ids.length)) return ids
  const sentence =
    ids.length === 1
      ? 'There is 1 local user now. Type 1 to go on.'
      : `There are ${ids.length} now. Type that number to go on.`
  throw new UserError('not_confirmed', sentence, 'typed')
}

/** Records that a batch was asked for and has it worked on when its turn comes. */
export async function begin(
  ctx: WriteContext,
  deps: LocalUserDeps,
  batch: Pick<BatchRow, 'id' | 'action' | 'requesterId' | 'total'>,
): Promise<void> {
  await record(ctx, deps.clock.now(), {
    kind: 'batch_requested',
    actor: batch.requesterId,
    facts: { batchId: batch.id, action: batch.action, total: batch.total },
  })
  await showBatchStatus(ctx, deps, batch.id)
  await enqueue(ctx, deps.clock, { kind: runBatchesKind, payload: {}, dedupeKey: runBatchesKind })
}

/**
 * Stops a batch that waits or runs; rows that are done stay done. Throws `UserError`: `not_allowed`, `not_found`, `stale`
 * when it has ended.
 */
export async function cancelBatch(deps: LocalUserDeps, actor: Actor, id: string): Promise<void> {
  await changeAs(deps, actor, async (ctx, { by, now }) => {
    const batch = await findBatch(ctx, id)
    if (batch === undefined) throw new UserError('not_found', 'I no longer know this batch.')
    const ended = { state: 'cancelled', finishedAt: now, endedBy: by }
    if (!(await moveBatch(ctx, id, ['queued', 'running'], ended)))
      throw new UserError('stale', 'This has ended already.')
    await deletePieces(ctx, id)
    if (hasFailures(batch)) await showBatchFailures(ctx, deps, id)
    await showBatchStatus(ctx, deps, id)
    const facts = { batchId: id, done: batch.done, total: batch.total }
    await record(ctx, now, { kind: 'batch_cancelled', actor: by, facts })
  })
}

/** One batch. Throws `UserError`: `not_allowed`, `not_found`. */
export async function showBatch(deps: LocalUserDeps, actor: Actor, id: string): Promise<Batch> {
  assertAdmin(actor)
  const row = await deps.store.read((ctx) => findBatch(ctx, id))
  if (row === undefined) throw new UserError('not_found', 'I no longer know this batch.')
  return batchFrom(row)
}

/** The last batches that were started, newest first. Throws `UserError('not_allowed')`. */
export async function recentBatches(
  deps: LocalUserDeps,
  actor: Actor,
  limit: number,
): Promise<readonly Batch[]> {
  assertAdmin(actor)
  return (await deps.store.read((ctx) => lastBatches(ctx, limit))).map(batchFrom)
}
