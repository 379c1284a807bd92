import {
  type AccessRuleRow,
  findAccessRules,
  deleteAccessRule,
  insertAccessRule,
} from '#db/queries/access.ts'
import { localGroupsByIds, localGroupsByNameKeys } from '#db/queries/local-groups.ts'
import { localUsersByEmailKeys, localUsersByIds } from '#db/queries/local-users.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import type { Clock } from '#src/clock.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import { allLocalUsers, readEmail, readGroupName } from '#src/local-users/account.ts'
import { assertAdmin, changeAs } from '#src/local-users/deps.ts'
import type { Actor } from '#src/people/actor.ts'
import type { AccessDeps, FixedWho, Resource } from '#src/sign-in/access-rules.ts'

/** Whom a rule that people made names, by id. */
export type Who = { readonly kind: 'everybody' } | { readonly kind: 'user' | 'group'; readonly id: string }

/** One rule as people see it. */
export interface AccessRule {
  /** Undefined for a rule of the configuration, which only its file changes. */
  readonly id: string | undefined
  readonly resource: Resource
  /** The resource's name; undefined when the configuration no longer has it, and nobody reaches it. */
  readonly resourceName: string | undefined
  readonly who: Who['kind']
  /** An address or a group's name; empty for everybody. */
  readonly name: string
}

type ChangeDeps = AccessDeps & { readonly clock: Clock }

/**
 * All rules, or those that name this user or group or everybody, those of the configuration first. Throws
 * `UserError('not_allowed')`.
 */
export async function listAccessRules(
  deps: AccessDeps,
  actor: Actor,
  who?: Who,
): Promise<readonly AccessRule[]> {
  assertAdmin(actor)
  const { access } = deps
  const { rows, names } = await deps.store.read(async (ctx) => ({
    rows: await findAccessRules(ctx, who === undefined ? {} : { who: keyOf(who) }),
    names: who === undefined ? undefined : await namesOf(ctx, who),
  }))
  const nameOf = ({ kind, id }: Resource) =>
    access.resources.find((one) => one.kind === kind && one.id === id)?.name
  const fixed = access.fixedRules.filter((rule) => names === undefined || names.includes(wordOf(rule.who)))
  return [
    ...fixed.map((rule) => ({
      id: undefined,
      resource: rule.resource,
      resourceName: nameOf(rule.resource),
      who: rule.who.kind,
      name: nameOfFixed(rule.who),
    })),
    ...rows.map((row) => {
      const resource = resourceOf(row)
      const name = row.email ?? row.group ?? ''
      return { id: row.id, resource, resourceName: nameOf(resource), who: kindOf(row.whoKind), name }
    }),
  ]
}

const keyOf = (who: Who) => ({ kind: who.kind, id: who.kind === 'everybody' ? '' : who.id })

/** A rule of the configuration by whom it names, as it is compared. */
function wordOf(who: FixedWho): string {
  switch (who.kind) {
    case 'everybody':
      return 'everybody'
    case 'group':
      return `group:${readGroupName(who.name).key}`
    case 'user': {
      const email = readEmail(who.email)
      return typeof email === 'string' ? '' : `user:${email.key}`
    }
  }
}

function nameOfFixed(who: FixedWho): string {
  switch (who.kind) {
    case 'everybody':
      return ''
    case 'group':
      return who.name
    case 'user':
      return who.email
  }
}

async function namesOf(ctx: Parameters<typeof localUsersByIds>[0], who: Who): Promise<readonly string[]> {
  switch (who.kind) {
    case 'everybody':
      return ['everybody']
    case 'user':
      return (await localUsersByIds(ctx, [who.id])).map(({ emailKey }) => `user:${emailKey}`)
    case 'group':
      return (await localGroupsByIds(ctx, [who.id])).map(({ nameKey }) => `group:${nameKey}`)
  }
}

function resourceOf(row: AccessRuleRow): Resource {
  return { kind: row.resourceKind === 'client' ? 'client' : 'host', id: row.resourceId }
}

function kindOf(text: string): Who['kind'] {
  return text === 'user' || text === 'group' ? text : 'everybody'
}

/**
 * Lets a user, a group or everybody reach something. False when a rule said so already. Throws `UserError`:
 * `not_allowed`, or `not_found` when the configuration has no such resource or the user or group is gone.
 */
export async function addAccessRule(
  deps: ChangeDeps,
  actor: Actor,
  rule: { readonly who: Who; readonly resource: Resource },
): Promise<boolean> {
  const { resource } = rule
  return await changeAs(deps, actor, async (ctx, { by, now }) => {
    if (deps.access.admissionTo(resource) === undefined)
      throw new UserError('not_found', `${resource.id} is not in the configuration any more.`, 'resource')
    const name = await mustFind(ctx, rule.who)
    const { kind: whoKind, id: whoId } = keyOf(rule.who)
    const row = { id: newId(), resourceKind: resource.kind, resourceId: resource.id, whoKind, whoId }
    if (!(await insertAccessRule(ctx, { ...row, createdAt: now, createdBy: by }))) return false
    await record(ctx, now, { kind: 'access_rule_added', actor: by, facts: { ...row, name } })
    return true
  })
}

/**
 * The same, by names as they are typed: `host:NAME` or `client:ID`, and a group's name, an address, or everybody. Throws
 * `UserError` as `addAccessRule`, under `resource` or `who`.
 */
export async function addAccessRuleByName(
  deps: ChangeDeps,
  actor: Actor,
  rule: { readonly who: Who | { readonly name: string }; readonly resource: string },
): Promise<boolean> {
  assertAdmin(actor)
  const key = rule.resource.trim().toLowerCase()
  const resource = deps.access.resources.find(({ kind, id }) => `${kind}:${id}`.toLowerCase() === key)
  if (resource === undefined)
    throw new UserError('not_found', 'The configuration has nothing of this name.', 'resource')
  const who = 'kind' in rule.who ? rule.who : await whoOf(deps, rule.who.name)
  return await addAccessRule(deps, actor, { who, resource: { kind: resource.kind, id: resource.id } })
}

async function whoOf(deps: ChangeDeps, typed: string): Promise<Who> {
  const { key } = readGroupName(typed)
  if (key === '') throw new UserError('missing', 'Please say who.', 'who')
  if (key === allLocalUsers.toLowerCase() || key === 'everybody') return { kind: 'everybody' }
  const email = readEmail(typed)
  return await deps.store.read(async (ctx) => {
    const [group] = await localGroupsByNameKeys(ctx, [key])
    if (group !== undefined) return { kind: 'group', id: group.id }
    const [user] = typeof email === 'string' ? [] : await localUsersByEmailKeys(ctx, [email.key])
    if (user !== undefined) return { kind: 'user', id: user.id }
    const sentence = 'There is no group of this name and no local user of this address. Add them first.'
    throw new UserError('not_found', sentence, 'who')
  })
}

async function mustFind(ctx: WriteContext, who: Who): Promise<string | undefined> {
  switch (who.kind) {
    case 'everybody':
      return undefined
    case 'user': {
      const [user] = await localUsersByIds(ctx, [who.id])
      if (user !== undefined) return user.email
      throw new UserError('not_found', 'This local user is no longer there.', 'who')
    }
    case 'group': {
      const [group] = await localGroupsByIds(ctx, [who.id])
      if (group !== undefined) return group.name
      throw new UserError('not_found', 'This group is no longer there.', 'who')
    }
  }
}

/** Takes a rule away; false when it was gone. Throws `UserError('not_allowed')`. */
export async function removeAccessRule(deps: ChangeDeps, actor: Actor, id: string): Promise<boolean> {
  return await changeAs(deps, actor, async (ctx, { by, now }) => {
    const gone = await deleteAccessRule(ctx, id)
    if (gone === undefined) return false
    const { createdAt: _at, createdBy: _by, ...facts } = gone
    await record(ctx, now, { kind: 'access_rule_removed', actor: by, facts })
    return true
  })
}
