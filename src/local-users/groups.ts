import { givePlacesBack, takePlaces } from '#db/queries/local-counts.ts'
import {
  deleteLocalGroups,
  insertLocalGroups,
  localGroupsByIds,
  localGroupsByNameKeys,
  type LocalGroupRow,
  type NewLocalGroupRow,
  updateLocalGroup,
} from '#db/queries/local-groups.ts'
import { ConflictError, type WriteContext } from '#db/store.ts'
import { record, recordAll } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import {
  allLocalUsers,
  firstOfEach,
  limits,
  longerThan,
  readDescription,
  readGroupName,
  searchTextOf,
} from '#src/local-users/account.ts'
import { staleSentence } from '#src/local-users/change.ts'
import { type Asked, changeAs, type LocalUserDeps } from '#src/local-users/deps.ts'
import { type Fault, faultSentence } from '#src/local-users/faults.ts'
import type { Actor } from '#src/people/actor.ts'

/** What a form says about a group. */
export interface GroupForm {
  readonly name: string
  readonly description: string
}

/** What is wrong with a group's name as it is typed; undefined when nothing is. An empty one is no name. Pure. */
export function groupNameFault(text: string): Fault | undefined {
  const { name, key } = readGroupName(text)
  if (longerThan(name, limits.groupName)) return { kind: 'group_name_too_long' }
  return key === allLocalUsers.toLowerCase() ? { kind: 'group_name_taken_by_all' } : undefined
}

function checkGroup(form: GroupForm) {
  const { name, key } = readGroupName(form.name)
  if (name === '') throw new UserError('missing', 'Please give the group a name.', 'name')
  const fault = groupNameFault(form.name)
  if (fault?.kind === 'group_name_taken_by_all')
    throw new UserError('already_there', takenSentence(name), 'name')
  if (fault !== undefined) throw new UserError('too_long', faultSentence(fault), 'name')
  const description = readDescription(form.description)
  if (longerThan(description, limits.groupDescription)) {
    const sentence = `A group’s description has at most ${limits.groupDescription} characters. Shorten it.`
    throw new UserError('too_long', sentence, 'description')
  }
  return { name, nameKey: key, description, searchText: searchTextOf(key, name, description) }
}

function takenSentence(name: string): string {
  return `There is already a group called ${name}. Choose another name.`
}

async function unlessTaken<T>(form: GroupForm, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    throw new UserError('already_there', takenSentence(form.name.trim()), 'name')
  }
}

/**
 * Makes groups of these names where there are none, and returns all of them by their names as they are compared. Names
 * for which there is no room are left out. Belongs into a transaction.
 */
export async function ensureGroups(
  ctx: WriteContext,
  asked: Asked,
  names: readonly { readonly name: string; readonly key: string }[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = firstOfEach(names)
  const there = await localGroupsByNameKeys(ctx, [...wanted.keys()])
  const known = new Set(there.map((group) => group.nameKey))
  const missing = [...wanted.values()].filter((one) => !known.has(one.key))
  const places = await takePlaces(ctx, 'groups', missing.length, limits.groups)
  const rows = missing.slice(0, places).map(({ key, name }) =>
    groupRow(asked.now, {
      name,
      nameKey: key,
      description: '',
      searchText: searchTextOf(key, name),
    }),
  )
  await insertLocalGroups(ctx, rows)
  await recordAll(
    ctx,
    asked.now,
    rows.map((row) => ({
      kind: 'local_group_added',
      actor: asked.by,
      facts: { groupId: row.id, name: row.name, batchId: asked.batchId },
    })),
  )
  return new Map([...there, ...rows].map((group) => [group.nameKey, group.id]))
}

function groupRow(
  now: Date,
  fields: Pick<NewLocalGroupRow, 'name' | 'nameKey' | 'description' | 'searchText'>,
): NewLocalGroupRow {
  return { id: newId(), ...fields, memberCount: 0, version: 1, createdAt: now, updatedAt: now }
}

/** Adds a group and returns its id. Throws `UserError`: `not_allowed`, `missing`, `too_long`, `already_there`, `over_limit`. */
export async function addGroup(deps: LocalUserDeps, actor: Actor, form: GroupForm): Promise<string> {
  const fields = checkGroup(form)
  const add = async (ctx: WriteContext, { by, now }: Asked) => {
    if ((await localGroupsByNameKeys(ctx, [fields.nameKey])).length > 0)
      throw new UserError('already_there', takenSentence(fields.name), 'name')
    if ((await takePlaces(ctx, 'groups', 1, limits.groups)) === 0)
      throw new UserError('over_limit', faultSentence({ kind: 'too_many_groups' }), 'name')
    const row = groupRow(now, fields)
    await insertLocalGroups(ctx, [row])
    await record(ctx, now, {
      kind: 'local_group_added',
      actor: by,
      facts: { groupId: row.id, name: row.name },
    })
    return row.id
  }
  return await unlessTaken(form, () => changeAs(deps, actor, add))
}

/**
 * Renames and describes a group. `version` is the one that the person saw. Throws `UserError`: as `addGroup`, and
 * `not_found` or `stale` when somebody deleted or changed it meanwhile.
 */
export async function changeGroup(
  deps: LocalUserDeps,
  actor: Actor,
  group: { readonly id: string; readonly version: number },
  form: GroupForm,
): Promise<void> {
  const fields = checkGroup(form)
  const change = async (ctx: WriteContext, { by, now }: Asked) => {
    const old = await mustFindGroup(ctx, group.id)
    if (!(await updateLocalGroup(ctx, group, { ...fields, updatedAt: now })))
      throw new UserError('stale', staleSentence)
    const facts = { groupId: group.id, name: fields.name, nameBefore: old.name }
    await record(ctx, now, { kind: 'local_group_changed', actor: by, facts })
  }
  await unlessTaken(form, () => changeAs(deps, actor, change))
}

/** The group. Throws `UserError('not_found')` when somebody deleted it meanwhile. */
export async function mustFindGroup(ctx: WriteContext, id: string): Promise<LocalGroupRow> {
  const row = (await localGroupsByIds(ctx, [id]))[0]
  if (row === undefined) throw new UserError('not_found', 'This group is no longer there.')
  return row
}

/** Deletes groups; their members stay. Returns how many were there. Throws `UserError('not_allowed')`. */
export async function deleteGroups(
  deps: LocalUserDeps,
  actor: Actor,
  ids: readonly string[],
): Promise<number> {
  return await changeAs(deps, actor, async (ctx, { by, now }) => {
    const gone = await deleteLocalGroups(ctx, ids)
    await givePlacesBack(ctx, 'groups', gone.length)
    await recordAll(
      ctx,
      now,
      gone.map(({ id, name, memberCount }) => ({
        kind: 'local_group_deleted',
        actor: by,
        facts: { groupId: id, name, memberCount },
      })),
    )
    return gone.length
  })
}
