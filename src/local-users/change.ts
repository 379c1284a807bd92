import { givePlacesBack } from '#db/queries/local-counts.ts'
import { removeFromAllGroups } from '#db/queries/local-groups.ts'
import { endSessions } from '#db/queries/local-users-sign-in.ts'
import {
  deleteLocalUsers,
  insertTombstones,
  type LocalUserRow,
  localUsersByIds,
  updateLocalUser,
  updateLocalUsers,
} from '#db/queries/local-users.ts'
import { boundAmong } from '#db/queries/slack-bindings.ts'
import type { WriteContext } from '#db/store.ts'
import { type AuditEvent, recordAll } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { searchTextOf } from '#src/local-users/account.ts'
import { checkDescription } from '#src/local-users/add.ts'
import { type Asked, changeAs, type LocalUserDeps } from '#src/local-users/deps.ts'
import { type Fault, faultSentence } from '#src/local-users/faults.ts'
import { linkMs, queueMails } from '#src/local-users/mails.ts'
import type { Actor } from '#src/people/actor.ts'

/** What can be done to accounts in a list, to one or to many. */
export const userActions = ['enable', 'disable', 'delete', 'resend'] as const
export type UserAction = (typeof userActions)[number]

/** What became of accounts: those that changed, and why others did not. The rest was so already. */
export interface Changed {
  readonly changed: readonly LocalUserRow[]
  readonly faults: readonly { readonly id: string; readonly email: string; readonly fault: Fault }[]
}

const auditKinds: { readonly [action in UserAction]: AuditEvent['kind'] } = {
  enable: 'local_user_enabled',
  disable: 'local_user_disabled',
  delete: 'local_user_deleted',
  resend: 'local_user_link_renewed',
}

/**
 * Does one thing to accounts. Disabling and deleting end their sessions, tokens and links in the same transaction, to
 * which this belongs. Who is enabled without having enrolled gets a link. What a Disable task disabled is not enabled
 * here, and stays disabled when it is deleted and added again.
 */
export async function changeUsers(
  ctx: WriteContext,
  deps: LocalUserDeps,
  asked: Asked,
  action: UserAction,
  ids: readonly string[],
): Promise<Changed> {
  const rows = new Map((await localUsersByIds(ctx, ids)).map((row) => [row.id, row]))
  const bound = action === 'delete' && asked.isOwner !== true ? await boundAmong(ctx, ids) : []
  const judged = [...new Set(ids)].map((id) => {
    const row = rows.get(id)
    return { id, row, verdict: row === undefined ? ({ kind: 'gone' } as const) : judge(action, row, bound) }
  })
  const changed = judged.flatMap(({ row, verdict }) => (row !== undefined && verdict === 'do' ? [row] : []))
  await carryOut(ctx, deps, asked, action, changed)
  await recordAll(
    ctx,
    asked.now,
    changed.map(({ id: userId, email }) => ({
      kind: auditKinds[action],
      actor: asked.by,
      facts: { userId, email, batchId: asked.batchId },
    })),
  )
  return {
    changed,
    faults: judged.flatMap(({ id, row, verdict }) =>
      typeof verdict === 'string' ? [] : [{ id, email: row?.email ?? '', fault: verdict }],
    ),
  }
}

/** What becomes of one account. Pure. */
function judge(action: UserAction, row: LocalUserRow, bound: readonly string[]): 'do' | 'so already' | Fault {
  switch (action) {
    case 'delete':
      return bound.includes(row.id) ? { kind: 'bound' } : 'do'
    case 'resend':
      if (row.enrolledAt !== null) return { kind: 'already_enrolled' }
      if (row.state === 'enabled') return 'do'
      return { kind: row.heldSince === null ? 'disabled' : 'held_by_task' }
    case 'enable':
      if (row.state === 'enabled') return 'so already'
      return row.heldSince === null ? 'do' : { kind: 'held_by_task' }
    case 'disable':
      if (row.state === 'disabled') return 'so already'
      return row.enrolledAt === null ? { kind: 'not_enrolled' } : 'do'
  }
}

async function carryOut(
  ctx: WriteContext,
  deps: LocalUserDeps,
  { now }: Asked,
  action: UserAction,
  rows: readonly LocalUserRow[],
): Promise<void> {
  const ids = rows.map((row) => row.id)
  switch (action) {
    case 'enable':
      await updateLocalUsers(ctx, ids, { state: 'enabled', updatedAt: now })
      // A password that was reset while the account was disabled left it without a link.
      return await renewLinks(
        ctx,
        deps,
        rows.filter((row) => row.enrolledAt === null),
        now,
      )
    case 'disable':
      await endSessions(ctx, ids)
      return await updateLocalUsers(
        ctx,
        ids,
        { state: 'disabled', linkHash: null, linkExpiresAt: null, updatedAt: now },
        true,
      )
    case 'delete':
      return await removeUsers(ctx, rows, now)
    case 'resend':
      return await renewLinks(ctx, deps, rows, now)
  }
}

async function removeUsers(ctx: WriteContext, rows: readonly LocalUserRow[], now: Date): Promise<void> {
  const ids = rows.map((row) => row.id)
  await endSessions(ctx, ids)
  await removeFromAllGroups(ctx, ids)
  await deleteLocalUsers(ctx, ids)
  await givePlacesBack(ctx, 'users', ids.length)
  await insertTombstones(
    ctx,
    rows.flatMap(({ id, emailKey, heldSince, generation }) =>
      heldSince === null ? [] : [{ emailKey, userId: id, heldSince, generation, createdAt: now }],
    ),
  )
}

/** The links that are out die at once; mails with new ones are under way. */
async function renewLinks(
  ctx: WriteContext,
  deps: LocalUserDeps,
  rows: readonly LocalUserRow[],
  now: Date,
): Promise<void> {
  const fields = {
    linkHash: null,
    linkExpiresAt: new Date(now.getTime() + linkMs),
    mailProblem: null,
    updatedAt: now,
  }
  await updateLocalUsers(
    ctx,
    rows.map((row) => row.id),
    fields,
    true,
  )
  await queueMails(
    ctx,
    deps,
    rows.map((row) => ({ kind: 'enrollment', userId: row.id, generation: row.generation + 1 })),
  )
}

/**
 * Does one thing to one account. True when something changed, false when it was so already. Throws `UserError`:
 * `not_allowed`, `not_found`, or `nothing_to_do` with the reason.
 */
export async function changeUser(
  deps: LocalUserDeps,
  actor: Actor,
  action: UserAction,
  id: string,
): Promise<boolean> {
  return await changeAs(deps, actor, async (ctx, asked) => {
    const { changed, faults } = await changeUsers(ctx, deps, asked, action, [id])
    const fault = faults[0]?.fault
    if (fault === undefined) return changed.length > 0
    throw new UserError(fault.kind === 'gone' ? 'not_found' : 'nothing_to_do', faultSentence(fault))
  })
}

/**
 * Changes a description. `version` is the one that the person saw. Throws `UserError`: `not_allowed`, `too_long`,
 * `not_found`, or `stale` when somebody changed the account meanwhile.
 */
export async function describeUser(
  deps: LocalUserDeps,
  actor: Actor,
  user: { readonly id: string; readonly version: number },
  text: string,
): Promise<void> {
  const description = checkDescription(text)
  await changeAs(deps, actor, async (ctx, { by, now }) => {
    const row = (await localUsersByIds(ctx, [user.id]))[0]
    if (row === undefined) throw new UserError('not_found', faultSentence({ kind: 'gone' }))
    const { emailKey, email } = row
    const fields = { description, searchText: searchTextOf(emailKey, email, description), updatedAt: now }
    if (!(await updateLocalUser(ctx, user, fields))) throw new UserError('stale', staleSentence)
    await recordAll(ctx, now, [{ kind: 'local_user_described', actor: by, facts: { userId: user.id } }])
  })
}

/** For whoever looked at something that changed meanwhile. */
export const staleSentence = 'Somebody changed this meanwhile. Open it again to see how it is now.'
