import { takePlaces } from '#db/queries/local-counts.ts'
import {
  insertLocalUsers,
  localUsersByEmailKeys,
  type NewLocalUserRow,
  takeTombstones,
  type TombstoneRow,
} from '#db/queries/local-users.ts'
import type { WriteContext } from '#db/store.ts'
import { recordAll } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import {
  type EmailAddress,
  limits,
  longerThan,
  readDescription,
  readEmail,
  searchTextOf,
} from '#src/local-users/account.ts'
import { type Asked, changeAs, type LocalUserDeps } from '#src/local-users/deps.ts'
import { type Fault, faultSentence } from '#src/local-users/faults.ts'
import { linkMs, queueMails } from '#src/local-users/mails.ts'
import type { Actor } from '#src/people/actor.ts'

/** An account that is to be made. No two of one call have the same address. */
export interface NewUser extends EmailAddress {
  readonly description: string
}

/** What became of new accounts: those that are there now by their address, and why the others are not. */
export interface Added {
  readonly added: ReadonlyMap<string, NewLocalUserRow>
  readonly faults: ReadonlyMap<string, Fault>
}

/**
 * Adds accounts, enabled, with an enrollment link under way. An address that a Disable task disabled before it was deleted
 * comes back as it was: the same account, disabled, without a link. Belongs into a transaction.
 */
export async function addUsers(
  ctx: WriteContext,
  deps: LocalUserDeps,
  asked: Asked,
  wanted: readonly NewUser[],
): Promise<Added> {
  const keys = wanted.map((one) => one.key)
  const there = new Set((await localUsersByEmailKeys(ctx, keys)).map((row) => row.emailKey))
  const missing = wanted.filter((one) => !there.has(one.key))
  const places = await takePlaces(ctx, 'users', missing.length, limits.users)
  const chosen = missing.slice(0, places)
  const stones = await takeTombstones(
    ctx,
    chosen.map((one) => one.key),
  )
  const stoneOf = new Map(stones.map((stone) => [stone.emailKey, stone]))
  const rows = chosen.map((one) => rowOf(one, stoneOf.get(one.key), asked.now))
  await insertLocalUsers(ctx, rows)
  await recordAll(
    ctx,
    asked.now,
    rows.map((row) => ({
      kind: 'local_user_added',
      actor: asked.by,
      facts: { userId: row.id, email: row.email, held: row.heldSince !== null, batchId: asked.batchId },
    })),
  )
  const reached = rows.filter((row) => row.heldSince === null)
  await queueMails(
    ctx,
    deps,
    reached.map((row) => ({ kind: 'enrollment', userId: row.id, generation: row.generation })),
  )
  return { added: new Map(rows.map((row) => [row.emailKey, row])), faults: faultsOf(wanted, there, chosen) }
}

function faultsOf(
  wanted: readonly NewUser[],
  there: ReadonlySet<string>,
  chosen: readonly NewUser[],
): ReadonlyMap<string, Fault> {
  const made = new Set(chosen.map((one) => one.key))
  const failed = wanted.filter((one) => !made.has(one.key))
  return new Map(
    failed.map((one) => [one.key, { kind: there.has(one.key) ? 'already_there' : 'too_many_users' }]),
  )
}

function rowOf({ email, key, description }: NewUser, stone: TombstoneRow | undefined, now: Date) {
  return {
    id: stone?.userId ?? newId(),
    email,
    emailKey: key,
    description,
    searchText: searchTextOf(key, email, description),
    state: stone === undefined ? 'enabled' : 'disabled',
    heldSince: stone?.heldSince ?? null,
    // Links of the account that was deleted stay dead.
    generation: (stone?.generation ?? 0) + 1,
    linkHash: null,
    linkExpiresAt: stone === undefined ? new Date(now.getTime() + linkMs) : now,
    enrolledAt: null,
    mailProblem: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
}

/**
 * Adds one local user, who gets a mail with an enrollment link. `held`: a Disable task disabled this address before it
 * was deleted, so it is disabled again and gets no mail. Throws `UserError`: `not_allowed`, or what is wrong with the
 * form's `email` or `description`.
 */
export async function addUser(
  deps: LocalUserDeps,
  actor: Actor,
  form: { readonly email: string; readonly description: string },
): Promise<{ readonly id: string; readonly held: boolean }> {
  const address = readEmail(form.email)
  if (typeof address === 'string')
    throw new UserError('not_understood', faultSentence({ kind: address }), 'email')
  const description = checkDescription(form.description)
  return await changeAs(deps, actor, async (ctx, asked) => {
    const { added, faults } = await addUsers(ctx, deps, asked, [{ ...address, description }])
    const row = added.get(address.key)
    if (row !== undefined) return { id: row.id, held: row.heldSince !== null }
    const fault = faults.get(address.key) ?? { kind: 'already_there' }
    const code = fault.kind === 'too_many_users' ? 'over_limit' : 'already_there'
    throw new UserError(code, faultSentence(fault), 'email')
  })
}

/** A person's description as it is kept. Throws `UserError('too_long')`. */
export function checkDescription(text: string): string {
  const description = readDescription(text)
  if (longerThan(description, limits.userDescription))
    throw new UserError('too_long', faultSentence({ kind: 'description_too_long' }), 'description')
  return description
}
