import {
  type BatchFailureRow,
  deleteDraftsBefore,
  failuresOf,
  findBatch,
  insertBatch,
  insertFailures,
  moveBatch,
} from '#db/queries/batches.ts'
import { countOf } from '#db/queries/local-counts.ts'
import { localGroupsByNameKeys } from '#db/queries/local-groups.ts'
import {
  localUserDescriptions,
  type LocalUserRow,
  localUsersByEmailKeys,
  tombstoneKeys,
} from '#db/queries/local-users.ts'
import type { ReadContext } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import { firstOfEach, limits, readGroupName } from '#src/local-users/account.ts'
import { type Batch, batchFrom, begin, cut, type ImportFacts } from '#src/local-users/batch.ts'
import { openCsv } from '#src/local-users/csv-file.ts'
import { type ImportRow, type ReadRows, readRows } from '#src/local-users/csv-rows.ts'
import { keptRow } from '#src/local-users/import-piece.ts'
import { assertAdmin, changeAs, type LocalUserDeps } from '#src/local-users/deps.ts'
import type { Actor } from '#src/people/actor.ts'

// A dry run names a few and counts the rest.
const named = 10
const questionSize = 2_000
// Nobody confirms what they looked at longer ago.
const draftMs = 24 * 60 * 60 * 1000

/**
 * Reads a file and says what importing it would do; nothing is imported yet. The dry run is kept as a draft that
 * `confirmImport` starts. Throws `UserError`: `not_allowed`, `not_understood` with what is wrong with the file,
 * `nothing_to_do` when it holds nothing new.
 */
export async function tryImport(
  deps: LocalUserDeps,
  actor: Actor,
  file: { readonly name: string; readonly bytes: Uint8Array; readonly updateDescriptions: boolean },
): Promise<Batch> {
  assertAdmin(actor)
  const read = await readRows(openCsv(file.bytes))
  // What a file does not say, it does not change.
  const updateDescriptions = file.updateDescriptions && read.hasDescriptions
  const plan = await planImport(deps, read, updateDescriptions)
  const id = newId()
  const facts: ImportFacts = {
    kind: 'import',
    fileName: file.name.slice(0, 200),
    updateDescriptions,
    noDescriptions: file.updateDescriptions && !read.hasDescriptions,
    ...plan.facts,
    invalid: read.faults.length,
    invalidLines: read.faults.slice(0, named).map((one) => one.line),
    unknownColumns: read.unknownColumns.slice(0, named).map((name) => name.slice(0, 100)),
  }
  const invalid = read.faults.length
  const row = await changeAs(deps, actor, async (ctx, { by, now }) => {
    const counts = {
      total: plan.rows.length + invalid,
      done: invalid,
      changed: 0,
      failed: invalid,
      nextPiece: 0,
    }
    const batch = { id, action: 'import', state: 'draft', requesterId: by, facts, ...counts, createdAt: now }
    await deleteDraftsBefore(ctx, new Date(now.getTime() - draftMs))
    await insertBatch(ctx, batch, cut(plan.rows.map(keptRow)))
    await insertFailures(
      ctx,
      read.faults.map(({ line, cells, fault }) => ({
        batchId: id,
        row: line,
        email: cells.email,
        cells,
        reason: fault,
      })),
    )
    return await findBatch(ctx, id)
  })
  if (row === undefined) throw new Error('the draft that was just written is gone')
  return batchFrom(row)
}

type Plan = {
  readonly rows: readonly ImportRow[]
  readonly facts: Omit<
    ImportFacts,
    | 'kind'
    | 'fileName'
    | 'updateDescriptions'
    | 'noDescriptions'
    | 'invalid'
    | 'invalidLines'
    | 'unknownColumns'
  >
}

/** Compares the rows with what is there. What is left as it is, is no row of the batch. */
async function planImport(deps: LocalUserDeps, read: ReadRows, updateDescriptions: boolean): Promise<Plan> {
  const there = await usersThere(deps, read.rows)
  const fresh = read.rows.filter((row) => !there.has(row.key))
  const described = read.rows.filter((row) => {
    const old = there.get(row.key)
    return updateDescriptions && old !== undefined && old.description !== row.description
  })
  const emptied = described.filter((row) => row.description === '').length
  return await deps.store.read(async (ctx) => {
    const held = new Set(await tombstoneKeys(ctx))
    const newGroups = await groupsToMake(ctx, fresh)
    const room = limits.users - (await countOf(ctx, 'users'))
    const groupRoom = limits.groups - (await countOf(ctx, 'groups'))
    return {
      rows: [...fresh, ...described],
      facts: {
        fresh: Math.min(fresh.length, room),
        held: fresh.slice(0, room).filter((row) => held.has(row.key)).length,
        there: read.rows.length - fresh.length,
        described: described.length - emptied,
        emptied,
        overLimit: Math.max(0, fresh.length - room),
        newGroups: Math.min(newGroups.length, groupRoom),
        newGroupNames: newGroups.slice(0, named),
        groupsOverLimit: Math.max(0, newGroups.length - groupRoom),
      },
    }
  })
}

/** Who of these is there already, by address. */
async function usersThere(
  { store }: LocalUserDeps,
  rows: readonly ImportRow[],
): Promise<ReadonlyMap<string, { readonly description: string }>> {
  // Where fewer are there than are asked for, one look at all of them is quicker.
  if ((await store.read((ctx) => countOf(ctx, 'users'))) <= rows.length)
    return await store.read(localUserDescriptions)
  const there = new Map<string, LocalUserRow>()
  for (let i = 0; i < rows.length; i += questionSize) {
    const keys = rows.slice(i, i + questionSize).map((row) => row.key)
    const some = await store.read((ctx) => localUsersByEmailKeys(ctx, keys))
    for (const user of some) there.set(user.emailKey, user)
  }
  return there
}

async function groupsToMake(ctx: ReadContext, rows: readonly ImportRow[]): Promise<readonly string[]> {
  const names = new Set(rows.flatMap((row) => row.groups))
  const groups = firstOfEach([...names].map(readGroupName))
  const keys = [...groups.keys()]
  const there = new Set((await localGroupsByNameKeys(ctx, keys)).map((group) => group.nameKey))
  return keys.filter((key) => !there.has(key)).map((key) => groups.get(key)?.name ?? key)
}

/**
 * Starts the import of a dry run; it waits its turn. Only whoever made the dry run can. Throws `UserError`:
 * `not_allowed`, `not_found`, `nothing_to_do`, `stale` when it was started already.
 */
export async function confirmImport(deps: LocalUserDeps, actor: Actor, id: string): Promise<void> {
  await changeAs(deps, actor, async (ctx, { by, now }) => {
    const batch = await findBatch(ctx, id)
    if (batch === undefined || batch.requesterId !== by)
      throw new UserError('not_found', 'I no longer have this file. Send it again.')
    if (batch.state !== 'draft') throw new UserError('stale', 'This import was started already.')
    if (batch.total === batch.done) throw new UserError('nothing_to_do', 'This file holds nobody to import.')
    await moveBatch(ctx, id, ['draft'], { state: 'queued', createdAt: now })
    await begin(ctx, deps, batch)
  })
}

/** The rows of a batch that failed, from a row on. Throws `UserError('not_allowed')`. */
export async function failedRows(
  deps: LocalUserDeps,
  actor: Actor,
  id: string,
  page: { readonly from: number; readonly limit: number },
): Promise<readonly BatchFailureRow[]> {
  assertAdmin(actor)
  return await deps.store.read((ctx) => failuresOf(ctx, id, page))
}
