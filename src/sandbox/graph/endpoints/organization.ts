import type { GraphCall } from '#src/sandbox/graph/endpoints/call.ts'
import { mustHold } from '#src/sandbox/graph/endpoints/caller.ts'
import { collectionReply } from '#src/sandbox/graph/endpoints/collection.ts'
import { groupResource } from '#src/sandbox/graph/endpoints/memberships.ts'
import { readOptions, type Takes } from '#src/sandbox/graph/odata/options.ts'
import { groupProperties, organizationProperties } from '#src/sandbox/graph/odata/properties.ts'
import { enoughFor } from '#src/sandbox/graph/permissions.ts'
import type { Reply } from '#src/sandbox/http/message.ts'

const organizationTakes = {
  resource: 'microsoft.graph.organization',
  properties: organizationProperties,
  context: 'organization',
  options: ['$select'],
} as const satisfies Takes & { context: string }

/** `GET /organization`: this tenant. */
export function listOrganizations(call: GraphCall): Reply {
  const { world, caller, request } = call
  mustHold(caller, enoughFor.readOrganization)
  const options = readOptions(request, organizationTakes)
  const { id, displayName, domain } = world.tenant
  const own = {
    id,
    displayName,
    tenantType: 'AAD',
    verifiedDomains: [
      {
        capabilities: 'Email, OfficeCommunicationsOnline',
        isDefault: true,
        isInitial: true,
        name: domain,
        type: 'Managed',
      },
    ],
    ...world.settings.organization,
  }
  return collectionReply(call, [own], options, organizationTakes)
}

const groupTakes = {
  resource: 'microsoft.graph.group',
  properties: groupProperties,
  context: 'groups',
  options: ['$select', '$filter', '$top', '$count', '$skiptoken'],
} as const satisfies Takes & { context: string }

/** `GET /groups`. */
export function listGroups(call: GraphCall): Reply {
  mustHold(call.caller, enoughFor.nameGroups)
  const options = readOptions(call.request, groupTakes)
  const at = options.isEventual ? (call.world.index ?? call.world) : call.world
  const all = [...at.groups.values()].map((group) => {
    const { '@odata.type': _, ...rest } = groupResource(group)
    return rest
  })
  return collectionReply(call, all, options, groupTakes)
}
