import type { GraphCall } from '#src/sandbox/graph/endpoints/call.ts'
import { mustHold } from '#src/sandbox/graph/endpoints/caller.ts'
import { collectionReply } from '#src/sandbox/graph/endpoints/collection.ts'
import { principalByKey } from '#src/sandbox/graph/endpoints/memberships.ts'
import type { Resource } from '#src/sandbox/graph/odata/evaluate.ts'
import { readOptions, type Takes } from '#src/sandbox/graph/odata/options.ts'
import {
  appRoleAssignmentProperties,
  servicePrincipalProperties,
} from '#src/sandbox/graph/odata/properties.ts'
import { isoSeconds } from '#src/sandbox/graph/people/people.ts'
import { enoughFor, graphPermissions, permissionNames } from '#src/sandbox/graph/permissions.ts'
import type { Reply } from '#src/sandbox/http/message.ts'
import type { World } from '#src/sandbox/graph/world.ts'

/** Graph itself, the same in every tenant. */
export const graphAppId = '00000003-0000-0000-c000-000000000000'
/** Its service principal in this one. */
export const graphPrincipalId = 'b19d498e-6687-4156-869a-2e8a95a9d659'
const microsoftTenant = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a'

const principalTakes = {
  resource: 'microsoft.graph.servicePrincipal',
  properties: servicePrincipalProperties,
  context: 'servicePrincipals',
  options: ['$select', '$filter', '$top', '$count', '$skiptoken'],
} as const satisfies Takes & { context: string }

/** `GET /servicePrincipals`: our own and Graph's. */
export function listServicePrincipals(call: GraphCall): Reply {
  mustHold(call.caller, enoughFor.readApplications)
  const options = readOptions(call.request, principalTakes)
  return collectionReply(call, [ownPrincipal(call.world), graphPrincipal], options, principalTakes)
}

function ownPrincipal(world: World): Resource {
  const { clientId, principalId } = world.app
  const { secretExpired, enabled } = world.settings.app
  const endsAt = world.now() + (secretExpired ? -1 : 180) * 24 * 3_600_000
  return {
    ...principal(principalId, clientId, 'Drawbridge', world.tenant.id),
    accountEnabled: enabled,
    passwordCredentials: [
      {
        customKeyIdentifier: null,
        displayName: 'sandbox',
        endDateTime: isoSeconds(endsAt),
        hint: world.app.secret.slice(0, 3),
        keyId: principalId,
        secretText: null,
        startDateTime: '2024-03-01T08:00:00Z',
      },
    ],
  }
}

const graphPrincipal: Resource = {
  ...principal(graphPrincipalId, graphAppId, 'Microsoft Graph', microsoftTenant),
  appRoles: permissionNames.map((name) => ({
    allowedMemberTypes: ['Application'],
    description: name,
    displayName: name,
    id: graphPermissions[name],
    isEnabled: true,
    origin: 'Application',
    value: name,
  })),
}

function principal(id: string, appId: string, displayName: string, owner: string): Resource {
  return {
    id,
    appId,
    displayName,
    appDisplayName: displayName,
    accountEnabled: true,
    appOwnerOrganizationId: owner,
    appRoles: [],
    keyCredentials: [],
    passwordCredentials: [],
    servicePrincipalNames: [appId],
    servicePrincipalType: 'Application',
  }
}

const assignmentTakes = {
  resource: 'microsoft.graph.appRoleAssignment',
  properties: appRoleAssignmentProperties,
  context: 'appRoleAssignments',
  options: ['$select', '$top', '$skiptoken'],
} as const satisfies Takes & { context: string }

/** `GET /servicePrincipals/{id}/appRoleAssignments`: the permissions with consent at this moment. */
export function listAppRoleAssignments(call: GraphCall): Reply {
  const { world, caller, request, key } = call
  mustHold(caller, enoughFor.readApplications)
  const options = readOptions(request, assignmentTakes)
  const principalId = principalByKey(world, key)
  const all = permissionNames
    .filter((name) => world.app.permissions.has(name))
    .map((name) => ({
      id: Buffer.from(`${principalId} ${name}`).toString('base64url'),
      appRoleId: graphPermissions[name],
      createdDateTime: '2024-03-01T08:00:00Z',
      principalDisplayName: 'Drawbridge',
      principalId,
      principalType: 'ServicePrincipal',
      resourceDisplayName: 'Microsoft Graph',
      resourceId: graphPrincipalId,
    }))
  return collectionReply(call, all, options, assignmentTakes)
}
