import type { GraphCall, Handler } from '#src/sandbox/graph/endpoints/call.ts'
import { mustHold } from '#src/sandbox/graph/endpoints/caller.ts'
import { collectionReply, entityReply } from '#src/sandbox/graph/endpoints/collection.ts'
import { badRequest, notFound } from '#src/sandbox/graph/errors.ts'
import type { Resource } from '#src/sandbox/graph/odata/evaluate.ts'
import { clausesOf } from '#src/sandbox/graph/odata/filter.ts'
import { readOptions, type Takes } from '#src/sandbox/graph/odata/options.ts'
import { roleAssignmentProperties, roleDefinitionProperties } from '#src/sandbox/graph/odata/properties.ts'
import { isoSeconds } from '#src/sandbox/graph/people/people.ts'
import { enoughFor } from '#src/sandbox/graph/permissions.ts'
import { roleNames, directoryRoles, roleOfTemplate } from '#src/sandbox/graph/roles.ts'
import type { Reply } from '#src/sandbox/http/message.ts'
import type { RoleHolding, World } from '#src/sandbox/graph/world.ts'

const assignmentTakes = {
  resource: 'microsoft.graph.unifiedRoleAssignment',
  properties: roleAssignmentProperties,
  context: 'roleManagement/directory/roleAssignments',
  options: ['$select', '$filter', '$top', '$expand', '$skiptoken'],
  expands: ['roleDefinition', 'principal', 'directoryScope'],
} as const satisfies Takes & { context: string }

/** `GET /roleManagement/directory/roleAssignments`: direct ones, of one principal or one role. */
export function listRoleAssignments(call: GraphCall): Reply {
  const { world, caller, request } = call
  mustHold(caller, enoughFor.nameRoles)
  const options = readOptions(request, assignmentTakes)
  const paths = options.filter === undefined ? [] : clausesOf(options.filter).map((one) => one.path)
  if (!paths.includes('principalId') && !paths.includes('roleDefinitionId'))
    throw badRequest('A filter on principalId or roleDefinitionId is required.')
  const all = [...world.roles.values()].filter((role) => !role.isEligible)
  return collectionReply(
    call,
    all.map((role) => assignmentResource(world, role)),
    options,
    assignmentTakes,
  )
}

/** `GET /roleManagement/directory/roleEligibilitySchedules` and `…ScheduleInstances`: roles that people may take at will. */
export function listEligibleRoles(
  name: 'roleEligibilitySchedules' | 'roleEligibilityScheduleInstances',
): Handler {
  const takes = {
    ...assignmentTakes,
    resource: 'microsoft.graph.unifiedRoleEligibilitySchedule',
    context: `roleManagement/directory/${name}`,
  }
  return (call) => {
    const { world, caller, request } = call
    mustHold(caller, enoughFor.readEligible)
    const options = readOptions(request, takes)
    const all = [...world.roles.values()].filter((role) => role.isEligible)
    return collectionReply(
      call,
      all.map((role) => ({
        ...assignmentResource(world, role),
        memberType: 'Direct',
        status: 'Provisioned',
        startDateTime: isoSeconds(0),
        endDateTime: null,
      })),
      options,
      takes,
    )
  }
}

function assignmentResource(world: World, role: RoleHolding): Resource {
  return {
    id: role.id,
    principalId: role.principalId,
    roleDefinitionId: role.roleId,
    directoryScopeId: role.scope,
    appScopeId: null,
    roleDefinition: definitionResource(role.roleId, role.displayName),
    principal: { '@odata.type': `#microsoft.graph.${kindOf(world, role.principalId)}`, id: role.principalId },
    directoryScope: role.scope === '/' ? null : { id: role.scope.slice('/administrativeUnits/'.length) },
  }
}

function kindOf(world: World, id: string): string {
  if (world.groups.has(id)) return 'group'
  return id === world.app.principalId ? 'servicePrincipal' : 'user'
}

function definitionResource(id: string, displayName: string): Resource {
  return {
    id,
    displayName,
    description: `${displayName} of this tenant`,
    isBuiltIn: roleOfTemplate(id) !== undefined,
    isEnabled: true,
    templateId: id,
    resourceScopes: ['/'],
  }
}

const definitionTakes = {
  resource: 'microsoft.graph.unifiedRoleDefinition',
  properties: roleDefinitionProperties,
  context: 'roleManagement/directory/roleDefinitions',
  options: ['$select'],
} as const satisfies Takes & { context: string }

/** `GET /roleManagement/directory/roleDefinitions/{id}`. */
export function getRoleDefinition(call: GraphCall): Reply {
  const { world, caller, request, key } = call
  mustHold(caller, enoughFor.nameRoles)
  const options = readOptions(request, definitionTakes)
  const name =
    roleNames.find((one) => directoryRoles[one] === key) ??
    [...world.roles.values()].find((role) => role.roleId === key)?.displayName
  if (name === undefined) throw notFound(key)
  return entityReply(call, definitionResource(key, name), options, definitionTakes)
}
