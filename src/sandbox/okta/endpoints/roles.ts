import { type Endpoint, type OktaRequest, type Reply, stamp } from '#src/sandbox/okta/endpoints/endpoint.ts'
import { limitOf, listed, pageOf } from '#src/sandbox/okta/endpoints/page.ts'
import { OktaRefusal } from '#src/sandbox/okta/errors.ts'
import { personById, rolesOf } from '#src/sandbox/okta/people.ts'
import { must } from '#src/sandbox/okta/rights.ts'
import type { RoleAssignment, World } from '#src/sandbox/okta/world.ts'

type From = 'USER' | 'GROUP' | 'CLIENT'

function roleBody(world: World, role: RoleAssignment, from: From): unknown {
  const at = stamp(world.org.createdAt)
  const { id, type, label, status } = role
  return { id, type, label, status, assignmentType: from, created: at, lastUpdated: at, _links: {} }
}

function ofPerson({ world, caller, params }: OktaRequest): Reply {
  must(world, caller, 'okta.iam.read')
  const person = personById(world, params['userId'] ?? '')
  return listed(rolesOf(world, person).map(({ role, from }) => roleBody(world, role, from)))
}

function ofGroup({ world, caller, params }: OktaRequest): Reply {
  must(world, caller, 'okta.iam.read')
  const id = params['groupId'] ?? ''
  const group = world.groups.get(id)
  if (group === undefined) throw new OktaRefusal('E0000007', [`Resource not found: ${id} (UserGroup)`])
  return listed(group.roles.map((role) => roleBody(world, role, 'GROUP')))
}

function ofApp({ world, caller, params }: OktaRequest): Reply {
  must(world, caller, 'okta.iam.read')
  if (params['clientId'] !== world.app.clientId) throw new OktaRefusal('E0000007')
  return listed(world.app.rights.roles.map((role) => roleBody(world, role, 'CLIENT')))
}

const usualPage = 100

function assignees(request: OktaRequest): Reply {
  const { world, caller } = request
  must(world, caller, 'okta.iam.read')
  const all = [...world.people.values()]
    .filter((person) => rolesOf(world, person).length > 0)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const { items, next } = pageOf(request, '/api/v1/iam/assignees/users', all, limitOf(request, usualPage))
  const value = items.map(({ id }) => ({ id, orn: `orn:okta:directory:${world.org.id}:users:${id}` }))
  return { status: 200, body: { value, ...(next !== undefined && { _links: { next: { href: next } } }) } }
}

const common = { method: 'GET', scope: 'okta.roles.read', bucket: '/api/v1', query: {} } as const

/** Who holds which role. */
export const roleEndpoints: readonly Endpoint[] = [
  {
    ...common,
    path: '/api/v1/users/{userId}/roles',
    query: { expand: { type: 'string' } },
    handle: ofPerson,
  },
  {
    ...common,
    path: '/api/v1/groups/{groupId}/roles',
    query: { expand: { type: 'string' } },
    handle: ofGroup,
  },
  { ...common, path: '/oauth2/v1/clients/{clientId}/roles', handle: ofApp },
  {
    ...common,
    path: '/api/v1/iam/assignees/users',
    query: { after: { type: 'string' }, limit: { type: 'integer', from: 1, to: 200 } },
    handle: assignees,
  },
]
