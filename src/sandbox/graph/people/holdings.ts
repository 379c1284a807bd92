import { randomUUID } from 'node:crypto'
import { mustBePerson, personByName } from '#src/sandbox/graph/people/people.ts'
import { directoryRoles, type RoleName } from '#src/sandbox/graph/roles.ts'
import type { Group, Unit, World } from '#src/sandbox/graph/world.ts'

/** A role by its built-in name, or a custom one. */
export type RoleGiven = RoleName | { readonly id: string; readonly displayName: string }

/** Where and how a role is given. */
export interface RoleTerms {
  /** `/` unless given: the whole tenant. */
  readonly scope?: string
  /** The person may take it at will, but does not hold it now. */
  readonly isEligible?: boolean
}

/** Gives a role to a person (id or name), a group (id) or the app's service principal (id). */
export function giveRole(world: World, principal: string, role: RoleGiven, terms: RoleTerms = {}): void {
  const id = randomUUID()
  const given =
    typeof role === 'string'
      ? { roleId: directoryRoles[role], displayName: role }
      : { roleId: role.id, displayName: role.displayName }
  const { scope = '/', isEligible = false } = terms
  world.roles.set(id, { id, principalId: principalId(world, principal), ...given, scope, isEligible })
}

/** Takes a role away, wherever its scope is. */
export function takeRole(world: World, principal: string, role: RoleGiven): void {
  const wanted = typeof role === 'string' ? directoryRoles[role] : role.id
  const holder = principalId(world, principal)
  for (const one of world.roles.values())
    if (one.principalId === holder && one.roleId === wanted) world.roles.delete(one.id)
}

function principalId(world: World, name: string): string {
  if (world.groups.has(name) || name === world.app.principalId) return name
  return mustBePerson(world, name).id
}

/** A new group; members and owners are ids, or names of people. */
export interface NewGroup {
  readonly id?: string
  readonly displayName: string
  readonly isAssignableToRole?: boolean
  readonly members?: readonly string[]
  readonly owners?: readonly string[]
  readonly roles?: readonly RoleGiven[]
}

/** Adds a group. */
export function addGroup(world: World, group: NewGroup): Group {
  const { roles = [], members = [], owners = [], isAssignableToRole = false, displayName } = group
  if (roles.length > 0 && !isAssignableToRole) throw new Error(`${displayName} must be assignable to roles`)
  const id = group.id ?? randomUUID()
  const ids = (names: readonly string[]) => names.map((name) => personByName(world, name)?.id ?? name)
  const added = { id, displayName, isAssignableToRole, members: ids(members), owners: ids(owners) }
  world.groups.set(id, added)
  for (const role of roles) giveRole(world, id, role)
  return added
}

/** A new administrative unit. */
export interface NewUnit {
  readonly displayName: string
  readonly isMemberManagementRestricted?: boolean
  readonly members?: readonly string[]
}

/** Adds an administrative unit; give roles at the scope `/administrativeUnits/{id}`. */
export function addUnit(world: World, unit: NewUnit): Unit {
  const { displayName, isMemberManagementRestricted = false, members = [] } = unit
  const ids = members.map((name) => mustBePerson(world, name).id)
  const added = { id: randomUUID(), displayName, isMemberManagementRestricted, members: ids }
  world.units.set(added.id, added)
  return added
}
