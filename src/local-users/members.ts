import { addMembers, removeMembers } from '#db/queries/local-groups.ts'
import { localUsersByEmailKeys, localUsersByIds } from '#db/queries/local-users.ts'
import { recordAll } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { readEmail } from '#src/local-users/account.ts'
import { assertAdmin, changeAs, type LocalUserDeps } from '#src/local-users/deps.ts'
import { mustFindGroup } from '#src/local-users/groups.ts'
import type { Actor } from '#src/people/actor.ts'

/**
 * Puts people into a group and takes others out. Returns how many came and went; who is gone meanwhile is left out.
 * Throws `UserError`: `not_allowed`, `not_found`.
 */
export async function changeMembers(
  deps: LocalUserDeps,
  actor: Actor,
  groupId: string,
  change: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<{ readonly came: number; readonly went: number }> {
  return await changeAs(deps, actor, async (ctx, { by, now }) => {
    await mustFindGroup(ctx, groupId)
    const people = await localUsersByIds(ctx, change.add)
    const came = await addMembers(
      ctx,
      people.map(({ id, emailKey }) => ({ groupId, userId: id, emailKey })),
    )
    const went = await removeMembers(ctx, groupId, change.remove)
    const events = [
      { kind: 'local_members_added', members: came },
      { kind: 'local_members_removed', members: went },
    ] as const
    await recordAll(
      ctx,
      now,
      events.flatMap(({ kind, members }) =>
        members.length === 0
          ? []
          : [{ kind, actor: by, facts: { groupId, userIds: members.map((one) => one.userId) } }],
      ),
    )
    return { came: came.length, went: went.length }
  })
}

const mostNamed = 500
const todo = { add: 'Add them first.', remove: 'Leave the address out.' } as const

/**
 * Puts people into a group and takes others out, by their addresses as they are typed: separated by spaces, commas,
 * semicolons or new lines. All or nothing. Throws `UserError`: as `changeMembers`, and under `add` or `remove` for an
 * address that is nobody's, or too many of them.
 */
export async function changeMembersByEmail(
  deps: LocalUserDeps,
  actor: Actor,
  groupId: string,
  typed: { readonly add: string; readonly remove: string },
): Promise<{ readonly came: number; readonly went: number }> {
  assertAdmin(actor)
  const add = await idsOf(deps, 'add', typed.add)
  return await changeMembers(deps, actor, groupId, { add, remove: await idsOf(deps, 'remove', typed.remove) })
}

async function idsOf(
  deps: LocalUserDeps,
  field: 'add' | 'remove',
  typed: string,
): Promise<readonly string[]> {
  const words = typed.split(/[\s,;]+/).filter((word) => word !== '')
  if (words.length > mostNamed)
    throw new UserError('too_long', `Give at most ${mostNamed} addresses at a time.`, field)
  const addresses = words.map((word) => ({ word, address: readEmail(word) }))
  const keys = addresses.flatMap(({ address }) => (typeof address === 'string' ? [] : [address.key]))
  const users = await deps.store.read((ctx) => localUsersByEmailKeys(ctx, keys))
  const idOf = new Map(users.map((user) => [user.emailKey, user.id]))
  const unknown = addresses.find(({ address }) => typeof address === 'string' || !idOf.has(address.key))
  if (unknown !== undefined)
    throw new UserError('not_found', `${unknown.word.slice(0, 100)} is no local user. ${todo[field]}`, field)
  return [...idOf.values()]
}
