import { type Endpoint, type OktaRequest, type Reply, stamp } from '#src/sandbox/okta/endpoints/endpoint.ts'
import { limitOf, listed, pageOf } from '#src/sandbox/okta/endpoints/page.ts'
import { listedUser, omissionsOf, singleUser } from '#src/sandbox/okta/endpoints/user-body.ts'
import { OktaRefusal } from '#src/sandbox/okta/errors.ts'
import { change, personByName } from '#src/sandbox/okta/people.ts'
import { must } from '#src/sandbox/okta/rights.ts'
import { filterPeople, searchPeople } from '#src/sandbox/okta/search/people.ts'
import type { Person, World } from '#src/sandbox/okta/world.ts'

const largestPage = 200

function list(request: OktaRequest): Reply {
  const { world, caller, query, headers } = request
  must(world, caller, 'okta.users.read')
  const asked = ['search', 'filter', 'q'].filter((name) => query.has(name))
  if (asked.length > 1) throw new OktaRefusal('E0000001', [`${asked.join(' and ')} exclude each other`])
  const found = find(request).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const limit = limitOf(request, query.has('q') ? 10 : largestPage)
  const { items, links } = pageOf(request, '/api/v1/users', found, limit)
  const omit = omissionsOf(headers['content-type'])
  return listed(
    items.map((person) => listedUser(world, person, omit)),
    query.has('q') ? [] : links,
  )
}

// Without `search` and `filter` those who are gone are left out.
function find({ world, query }: OktaRequest): readonly Person[] {
  const search = query.get('search')
  if (search !== undefined) return searchPeople(world, search)
  const people = [...world.people.values()]
  const filter = query.get('filter')
  if (filter !== undefined) return filterPeople(people, filter)
  const q = query.get('q')?.toLowerCase()
  const present = people.filter(({ status }) => status !== 'DEPROVISIONED')
  if (q === undefined) return present
  return present.filter(({ profile }) =>
    ['firstName', 'lastName', 'email'].some((name) => profile[name]?.toLowerCase().startsWith(q) === true),
  )
}

function readOne(request: OktaRequest): Reply {
  const { world, caller, params, query, headers } = request
  must(world, caller, 'okta.users.read')
  const person = nextRead(world, named(request, params['id'] ?? ''))
  const body = singleUser(world, caller, person, omissionsOf(headers['content-type']))
  const more = query.get('expand') === 'blocks' ? { _embedded: { blocks: blocksOf(person) } } : {}
  return { status: 200, body: { ...body, ...more } }
}

function named({ world, caller }: OktaRequest, name: string): Person {
  if (name !== 'me') return personByName(world, name)
  // A service app is no user.
  if (caller.kind === 'app') throw new OktaRefusal('E0000007', ['Resource not found: me (User)'])
  return personByName(world, caller.ownerId)
}

// A slow change comes to its end after so many reads have shown it. The person shown is the one before.
function nextRead(world: World, person: Person): Person {
  const { transition } = person
  if (transition?.reads === undefined) return person
  if (transition.reads > 0) {
    change(world, person.id, { transition: { ...transition, reads: transition.reads - 1 } })
    return person
  }
  return change(world, person.id, { status: transition.to, transition: undefined })
}

function blocksOf(person: Person): readonly unknown[] {
  return person.blocked === undefined ? [] : [{ type: 'DEVICE_BASED', appliesTo: person.blocked }]
}

function blocks({ world, caller, params }: OktaRequest): Reply {
  must(world, caller, 'okta.users.read')
  return listed(blocksOf(personByName(world, params['id'] ?? '')))
}

function groups({ world, caller, params }: OktaRequest): Reply {
  must(world, caller, 'okta.users.read')
  const person = personByName(world, params['id'] ?? '')
  return listed(person.groups.map((id) => groupBody(world, id)))
}

/** A group as the API shows it. */
export function groupBody(world: World, id: string): unknown {
  const group = world.groups.get(id)
  if (group === undefined) throw new OktaRefusal('E0000007', [`Resource not found: ${id} (UserGroup)`])
  return {
    id: group.id,
    created: stamp(group.createdAt),
    lastUpdated: stamp(group.createdAt),
    lastMembershipUpdated: stamp(group.createdAt),
    objectClass: ['okta:user_group'],
    type: group.name === 'Everyone' ? 'BUILT_IN' : 'OKTA_GROUP',
    profile: { name: group.name, description: '' },
    _links: { self: { href: `${world.url}/api/v1/groups/${group.id}` } },
  }
}

/** Reading people. */
export const userEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/api/v1/users',
    scope: 'okta.users.read',
    bucket: '/api/v1/users',
    query: {
      search: { type: 'string' },
      filter: { type: 'string' },
      q: { type: 'string' },
      after: { type: 'string' },
      limit: { type: 'integer', from: 1, to: largestPage },
      sortBy: { type: 'string' },
      sortOrder: { type: 'string' },
      fields: { type: 'string' },
      expand: { type: 'string' },
    },
    handle: list,
  },
  {
    method: 'GET',
    path: '/api/v1/users/{id}',
    scope: 'okta.users.read',
    bucket: '/api/v1/users/{id}',
    query: { expand: { type: 'string' } },
    handle: readOne,
  },
  {
    method: 'GET',
    path: '/api/v1/users/{id}/blocks',
    scope: 'okta.users.read',
    bucket: '/api/v1/users/{id}',
    query: {},
    handle: blocks,
  },
  {
    method: 'GET',
    path: '/api/v1/users/{id}/groups',
    scope: 'okta.users.read',
    bucket: '/api/v1/users/{id}',
    query: {},
    handle: groups,
  },
]
