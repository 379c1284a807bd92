import { z } from 'zod'
import type { NewBatchFailureRow } from '#db/queries/batches.ts'
import { addMembers } from '#db/queries/local-groups.ts'
import { localUsersByEmailKeys, type NewLocalUserRow, updateLocalUser } from '#db/queries/local-users.ts'
import type { WriteContext } from '#db/store.ts'
import { recordAll } from '#src/audit/audit.ts'
import { type EmailAddress, readEmail, readGroupName, searchTextOf } from '#src/local-users/account.ts'
import { addUsers } from '#src/local-users/add.ts'
import type { ImportRow } from '#src/local-users/csv-rows.ts'
import { groupsCell } from '#src/local-users/csv-write.ts'
import type { Asked, LocalUserDeps } from '#src/local-users/deps.ts'
import type { Fault } from '#src/local-users/faults.ts'
import { ensureGroups } from '#src/local-users/groups.ts'

/** A row as it is kept: as short as it can be, because somebody waits while ten thousand are written. */
export function keptRow({ line, email, description, groups }: ImportRow) {
  return [line, email, description, groups] as const
}

const Rows = z.array(
  z
    .tuple([z.number(), z.string(), z.string(), z.array(z.string().transform(readGroupName))])
    .transform(([line, email, description, groups]) => ({
      line,
      ...readKeptEmail(email),
      description,
      groups,
    })),
)
type Row = z.infer<typeof Rows>[number]

function readKeptEmail(text: string): EmailAddress {
  const address = readEmail(text)
  if (typeof address === 'string') throw new Error('a kept row has no address')
  return address
}

/** What became of one piece of a batch. */
export interface PieceDone {
  readonly done: number
  readonly changed: number
  /** How many of those that changed are among the failures, because something is left to do. */
  readonly partly: number
  readonly failures: readonly Omit<NewBatchFailureRow, 'batchId'>[]
}

/**
 * Imports one piece: makes the accounts that are new by now, with their groups, and describes the others anew where that
 * is wanted. A person whose groups have no room is made all the same, as is who stays disabled, and the row tells. Belongs into a transaction.
 */
export async function importPiece(
  ctx: WriteContext,
  deps: LocalUserDeps,
  asked: Asked,
  kept: unknown,
  updateDescriptions: boolean,
): Promise<PieceDone> {
  const rows = Rows.parse(kept)
  const known = updateDescriptions ? await describeAnew(ctx, asked, rows) : nobody
  const fresh = rows.filter((row) => !known.there.has(row.key))
  const { added, faults } = await addUsers(ctx, deps, asked, fresh)
  const groupless = await fillGroups(ctx, asked, fresh, added)
  const failures = fresh.flatMap((row) => {
    const fault = faults.get(row.key) ?? leftToDo(added.get(row.key), groupless)
    return fault === undefined ? [] : [failureOf(row, fault)]
  })
  const partly = failures.length - faults.size
  return { done: rows.length, changed: known.described + added.size, partly, failures }
}

function leftToDo(user: NewLocalUserRow | undefined, groupless: ReadonlySet<string>): Fault | undefined {
  if (user === undefined) return undefined
  if (user.heldSince !== null) return { kind: 'made_disabled' }
  return groupless.has(user.emailKey) ? { kind: 'made_without_groups' } : undefined
}

function failureOf(row: Row, reason: Fault): Omit<NewBatchFailureRow, 'batchId'> {
  const { line, email, description } = row
  const groups = groupsCell(row.groups.map((group) => group.name))
  return { row: line, email, cells: { email, description, groups }, reason }
}

/** Who of a piece is there already, by address, and how many of them are described anew. */
interface Known {
  readonly there: ReadonlySet<string>
  readonly described: number
}
const nobody: Known = { there: new Set(), described: 0 }

/** Those who are there already have the wanted description now; who had it before is left alone. */
async function describeAnew(ctx: WriteContext, asked: Asked, rows: readonly Row[]): Promise<Known> {
  const there = await localUsersByEmailKeys(
    ctx,
    rows.map((row) => row.key),
  )
  const wanted = new Map(rows.map((row) => [row.key, row.description]))
  const others = there.filter((user) => wanted.get(user.emailKey) !== user.description)
  for (const user of others) {
    const description = wanted.get(user.emailKey) ?? user.description
    const searchText = searchTextOf(user.emailKey, user.email, description)
    await updateLocalUser(ctx, user, { description, searchText, updatedAt: asked.now })
  }
  await recordAll(
    ctx,
    asked.now,
    others.map((user) => ({
      kind: 'local_user_described',
      actor: asked.by,
      facts: { userId: user.id, batchId: asked.batchId },
    })),
  )
  return { there: new Set(there.map((user) => user.emailKey)), described: others.length }
}

/** Puts new people into their groups; returns the addresses of those for whom a group could not be made. */
async function fillGroups(
  ctx: WriteContext,
  asked: Asked,
  rows: readonly Row[],
  added: ReadonlyMap<string, NewLocalUserRow>,
): Promise<ReadonlySet<string>> {
  const members = rows.flatMap((row) => {
    const user = added.get(row.key)
    return user === undefined ? [] : row.groups.map((group) => ({ user, group }))
  })
  const ids = await ensureGroups(
    ctx,
    asked,
    members.map(({ group }) => group),
  )
  await addMembers(
    ctx,
    members.flatMap(({ user, group }) => {
      const groupId = ids.get(group.key)
      return groupId === undefined ? [] : [{ groupId, userId: user.id, emailKey: user.emailKey }]
    }),
  )
  return new Set(members.flatMap(({ user, group }) => (ids.has(group.key) ? [] : [user.emailKey])))
}
