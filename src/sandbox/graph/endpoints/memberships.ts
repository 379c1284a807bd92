import { createHash } from 'node:crypto'
import type { GraphCall, Handler } from '#src/sandbox/graph/endpoints/call.ts'
import { type Caller, holds, mustHold } from '#src/sandbox/graph/endpoints/caller.ts'
import { collectionReply } from '#src/sandbox/graph/endpoints/collection.ts'
import { userByKey } from '#src/sandbox/graph/endpoints/users.ts'
import { notFound } from '#src/sandbox/graph/errors.ts'
import type { Resource } from '#src/sandbox/graph/odata/evaluate.ts'
import { readOptions, type Takes } from '#src/sandbox/graph/odata/options.ts'
import {
  directoryObjectProperties,
  directoryRoleProperties,
  groupProperties,
} from '#src/sandbox/graph/odata/properties.ts'
import { directGroupsOf, groupsOf, rolesOf, unitsOf } from '#src/sandbox/graph/people/memberships.ts'
import { enoughFor, type Permission } from '#src/sandbox/graph/permissions.ts'
import { type RoleName, directoryRoles, roleOfTemplate } from '#src/sandbox/graph/roles.ts'
import type { Group, Index, RoleHolding, Unit, World } from '#src/sandbox/graph/world.ts'

/** Whose memberships, which ones, and as which type they are asked for. */
export interface MembershipQuestion {
  readonly of: 'user' | 'service_principal'
  readonly reach: 'direct' | 'transitive'
  readonly cast: 'any' | 'directoryRole' | 'group'
}

const castTakes = {
  any: {
    resource: 'microsoft.graph.directoryObject',
    properties: directoryObjectProperties,
    context: 'directoryObjects',
  },
  directoryRole: {
    resource: 'microsoft.graph.directoryRole',
    properties: directoryRoleProperties,
    context: 'directoryRoles',
  },
  group: { resource: 'microsoft.graph.group', properties: groupProperties, context: 'groups' },
} as const

/** `memberOf` and `transitiveMemberOf`, also cast to one type; casts exist with the advanced parameters only. */
export function listMemberships({ of, reach, cast }: MembershipQuestion): Handler {
  const takes = {
    ...castTakes[cast],
    options: ['$select', '$filter', '$top', '$count', '$skiptoken'],
    isAdvanced: cast !== 'any',
  } as const satisfies Takes & { context: string }
  return (call) => {
    const { world, caller, request, key } = call
    mustHold(caller, of === 'user' ? enoughFor.readUsers : enoughFor.readApplications)
    const options = readOptions(request, takes)
    const id = of === 'user' ? userByKey(world, key).id : principalByKey(world, key)
    const at = options.isEventual ? (world.index ?? world) : world
    const isCast = cast !== 'any'
    const roles = cast === 'group' ? [] : roleResources(call, rolesAt(at, id, reach), isCast)
    const groups =
      cast === 'directoryRole'
        ? []
        : groupResources(caller, reach === 'direct' ? directGroupsOf(at, id) : groupsOf(at, id), isCast)
    const units = isCast || of !== 'user' ? [] : unitResources(caller, unitsOf(at, id))
    return collectionReply(call, [...roles, ...groups, ...units], options, takes)
  }
}

/** The service principal with this id: our own only. Throws 404. */
export function principalByKey(world: World, key: string): string {
  if (key.toLowerCase() !== world.app.principalId) throw notFound(key)
  return world.app.principalId
}

// Custom roles and roles at the scope of a unit are no directory role objects that somebody is a member of.
function rolesAt(at: Index, id: string, reach: MembershipQuestion['reach']): readonly RoleHolding[] {
  return rolesOf(at, id).filter(
    (role) =>
      role.scope === '/' &&
      roleOfTemplate(role.roleId) !== undefined &&
      (reach === 'transitive' || role.principalId === id),
  )
}

function roleResources(
  { world, caller }: GraphCall,
  roles: readonly RoleHolding[],
  isCast: boolean,
): readonly Resource[] {
  const names = new Set(
    roles.map(({ roleId }) => roleOfTemplate(roleId)).filter((name) => name !== undefined),
  )
  return [...names].map((name) =>
    named(caller, enoughFor.nameRoles, isCast, {
      '@odata.type': '#microsoft.graph.directoryRole',
      id: directoryRoleId(world, name),
      displayName: name,
      description: `${name} of this tenant`,
      roleTemplateId: directoryRoles[name],
    }),
  )
}

/** The id of an activated role's object, which differs from tenant to tenant. */
export function directoryRoleId(world: World, name: RoleName): string {
  const hash = createHash('sha256').update(`${world.tenant.id} ${name}`).digest('hex')
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
}

function groupResources(caller: Caller, groups: readonly Group[], isCast: boolean): readonly Resource[] {
  return groups.map((group) => named(caller, enoughFor.nameGroups, isCast, groupResource(group)))
}

/** A group as Graph shows it. */
export function groupResource(group: Group): Resource {
  return {
    '@odata.type': '#microsoft.graph.group',
    id: group.id,
    displayName: group.displayName,
    description: null,
    groupTypes: [],
    isAssignableToRole: group.isAssignableToRole ? true : null,
    mail: null,
    mailEnabled: false,
    mailNickname: group.displayName.replaceAll(/\W/gu, ''),
    onPremisesSyncEnabled: null,
    proxyAddresses: [],
    securityEnabled: true,
    securityIdentifier: null,
    visibility: null,
    isManagementRestricted: null,
  }
}

function unitResources(caller: Caller, units: readonly Unit[]): readonly Resource[] {
  return units.map((unit) =>
    named(caller, enoughFor.nameUnits, false, {
      '@odata.type': '#microsoft.graph.administrativeUnit',
      id: unit.id,
      displayName: unit.displayName,
      description: null,
    }),
  )
}

/** Without the right to read names only the type and the id come back, everything else is null. */
function named(caller: Caller, enough: readonly Permission[], isCast: boolean, resource: Resource): Resource {
  if (holds(caller, enough)) {
    const { '@odata.type': type, ...rest } = resource
    return isCast ? rest : { '@odata.type': type, ...rest }
  }
  return Object.fromEntries(
    Object.entries(resource).map(([name, value]) => [
      name,
      name === 'id' || name === '@odata.type' ? value : Array.isArray(value) ? [] : null,
    ]),
  )
}
