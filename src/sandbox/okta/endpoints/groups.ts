import type { Endpoint, OktaRequest, Reply } from '#src/sandbox/okta/endpoints/endpoint.ts'
import { limitOf, listed, pageOf } from '#src/sandbox/okta/endpoints/page.ts'
import { groupBody } from '#src/sandbox/okta/endpoints/users.ts'
import { OktaRefusal } from '#src/sandbox/okta/errors.ts'
import { must } from '#src/sandbox/okta/rights.ts'
import { wrong, parseExpression } from '#src/sandbox/okta/search/parse.ts'
import type { Group } from '#src/sandbox/okta/world.ts'

// As much of the search as anybody needs: one name.
function isWanted(search: string): (group: Group) => boolean {
  const expression = parseExpression(search)
  if (expression.kind !== 'is' || expression.property !== 'profile.name' || expression.operator !== 'eq')
    throw wrong('this stand-in searches groups by profile.name eq only')
  const name = expression.value.toLowerCase()
  return (group) => group.name.toLowerCase() === name
}

const largestPage = 10_000

function list(request: OktaRequest): Reply {
  const { world, caller, query } = request
  must(world, caller, 'okta.groups.read')
  const search = query.get('search')
  const q = query.get('q')?.toLowerCase()
  if (search !== undefined && q !== undefined)
    throw new OktaRefusal('E0000001', ['search and q exclude each other'])
  const fits = search === undefined ? () => true : isWanted(search)
  const groups = [...world.groups.values()].filter(
    (group) => fits(group) && (q === undefined || group.name.toLowerCase().startsWith(q)),
  )
  const { items, links } = pageOf(request, '/api/v1/groups', groups, limitOf(request, largestPage))
  return listed(
    items.map(({ id }) => groupBody(world, id)),
    links,
  )
}

/** Groups by themselves. */
export const groupEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/api/v1/groups',
    scope: 'okta.groups.read',
    bucket: '/api/v1/groups',
    query: {
      search: { type: 'string' },
      q: { type: 'string' },
      after: { type: 'string' },
      limit: { type: 'integer', from: 1, to: largestPage },
    },
    handle: list,
  },
  {
    method: 'GET',
    path: '/api/v1/groups/{groupId}',
    scope: 'okta.groups.read',
    bucket: '/api/v1/groups',
    query: {},
    handle: ({ world, caller, params }) => {
      must(world, caller, 'okta.groups.read')
      return { status: 200, body: groupBody(world, params['groupId'] ?? '') }
    },
  },
]
