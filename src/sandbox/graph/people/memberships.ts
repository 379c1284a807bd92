import type { Target } from '#src/sandbox/graph/roles.ts'
import type { Group, Index, RoleHolding, Unit } from '#src/sandbox/graph/world.ts'

/** The groups that hold somebody, direct ones first, nested ones after. */
export function groupsOf(at: Index, id: string): readonly Group[] {
  const found = new Map<string, Group>()
  let next = [id]
  while (next.length > 0) {
    const holding = [...at.groups.values()].filter(
      (group) => !found.has(group.id) && next.some((one) => group.members.includes(one)),
    )
    for (const group of holding) found.set(group.id, group)
    next = holding.map((group) => group.id)
  }
  return [...found.values()]
}

/** The groups that name somebody as a member themselves. */
export function directGroupsOf(at: Index, id: string): readonly Group[] {
  return [...at.groups.values()].filter((group) => group.members.includes(id))
}

/** The administrative units that hold somebody; membership of units is never inherited. */
export function unitsOf(at: Index, id: string): readonly Unit[] {
  return [...at.units.values()].filter((unit) => unit.members.includes(id))
}

/** The roles that somebody holds now, directly or through role-assignable groups. */
export function rolesOf(at: Index, id: string): readonly RoleHolding[] {
  const holders = new Set([id, ...groupsOf(at, id).map((group) => group.id)])
  return [...at.roles.values()].filter((role) => !role.isEligible && holders.has(role.principalId))
}

/** Whether only administrators of a restricted unit may change somebody. */
export function isRestricted(at: Index, id: string): boolean {
  return unitsOf(at, id).some((unit) => unit.isMemberManagementRestricted)
}

/** What counts when an app wants to act on somebody. */
export function targetOf(at: Index, id: string): Target {
  const roles = rolesOf(at, id)
  const groups = [
    ...groupsOf(at, id),
    ...[...at.groups.values()].filter((group) => group.owners.includes(id)),
  ]
  return {
    roles: roles.map((role) => role.roleId),
    isGuarded:
      groups.some((group) => group.isAssignableToRole) ||
      roles.some(({ scope }) =>
        [...at.units.values()].some(
          (unit) => unit.isMemberManagementRestricted && scope === `/administrativeUnits/${unit.id}`,
        ),
      ),
  }
}
