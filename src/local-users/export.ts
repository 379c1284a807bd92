import { z } from 'zod'
import { type BatchFailureRow, failuresOf } from '#db/queries/batches.ts'
import { localUserIds } from '#db/queries/local-users-search.ts'
import { localUsersByIds } from '#db/queries/local-users.ts'
import { record } from '#src/audit/audit.ts'
import { newId } from '#src/ids.ts'
import type { Enrollment } from '#src/local-users/account.ts'
import { csvLine, groupsCell } from '#src/local-users/csv-write.ts'
import { changeAs, type LocalUserDeps } from '#src/local-users/deps.ts'
import { Fault, faultSentence } from '#src/local-users/faults.ts'
import { inOrder, listed, type UserFilter } from '#src/local-users/list.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import type { Actor } from '#src/people/actor.ts'

/** How far somebody is, in the words that people see. */
export const enrollmentWords: { readonly [enrollment in Enrollment]: string } = {
  waiting: 'Waiting for enrollment',
  expired: 'Link expired',
  enrolled: 'Enrolled',
}

const pieceOfList = 1_000

/** Sends the local users that a list shows to whoever asks, as a file. Throws `UserError('not_allowed')`. */
export async function requestExport(deps: LocalUserDeps, actor: Actor, filter: UserFilter): Promise<void> {
  await changeAs(deps, actor, async (ctx, { by, now }) => {
    const message = { v: 1, kind: 'users_file', userId: by, filter } as const
    await enqueueLine(ctx, deps.clock, { stream: `export:${newId()}`, lane: 'direct', message })
    await record(ctx, now, { kind: 'local_users_exported', actor: by, facts: {} })
  })
}

/** Sends the rows of a batch that failed to whoever asks, as a file. Throws `UserError('not_allowed')`. */
export async function requestFailures(deps: LocalUserDeps, actor: Actor, batchId: string): Promise<void> {
  await changeAs(deps, actor, async (ctx, { by, now }) => {
    const message = { v: 1, kind: 'failures_file', userId: by, batchId } as const
    await enqueueLine(ctx, deps.clock, { stream: `export:${newId()}`, lane: 'direct', message })
    await record(ctx, now, { kind: 'local_users_exported', actor: by, facts: { batchId } })
  })
}

/** The local users that a list shows, as a CSV file that can be imported: UTF-8 with a BOM, which Excel needs. */
export async function usersCsv(deps: LocalUserDeps, filter: UserFilter): Promise<string> {
  const now = deps.clock.now()
  const lines = [csvLine(['email', 'description', 'groups', 'state', 'enrollment'])]
  const ids = await deps.store.read((ctx) => localUserIds(ctx, { ...filter, now }))
  for (let i = 0; i < ids.length; i += pieceOfList) {
    const piece = ids.slice(i, i + pieceOfList)
    const users = await deps.store.read(async (ctx) =>
      listed(ctx, inOrder(piece, await localUsersByIds(ctx, piece), 'id'), now),
    )
    for (const { email, description, groups, state, enrollment } of users)
      lines.push(csvLine([email, description, groupsCell(groups), state, enrollmentWords[enrollment]]))
  }
  return `\ufeff${lines.join('')}`
}

const Cells = z.object({ email: z.string(), description: z.string(), groups: z.string() })

/** The rows of a batch that failed, with their reasons, as a CSV file that can be mended and imported again. */
export async function failuresCsv({ store }: Pick<LocalUserDeps, 'store'>, batchId: string): Promise<string> {
  const lines = [csvLine(['line', 'email', 'description', 'groups', 'reason'])]
  for (let from = 0; ;) {
    const rows = await store.read((ctx) => failuresOf(ctx, batchId, { from, limit: pieceOfList }))
    for (const row of rows) lines.push(failureLine(row))
    const last = rows.at(-1)
    if (last === undefined || rows.length < pieceOfList) break
    from = last.row + 1
  }
  return `\ufeff${lines.join('')}`
}

function failureLine(row: BatchFailureRow): string {
  const { email, description, groups } =
    row.cells === null ? { email: row.email, description: '', groups: '' } : Cells.parse(row.cells)
  // Only an import knows lines of a file.
  const line = row.cells === null ? '' : String(row.row)
  return csvLine([line, email, description, groups, reasonOf(row)])
}

/** Why a row failed, in words. */
export function reasonOf(row: BatchFailureRow): string {
  return faultSentence(Fault.parse(row.reason))
}
