import type { GraphCall } from '#src/sandbox/graph/endpoints/call.ts'
import { type Caller, holds, mustHold } from '#src/sandbox/graph/endpoints/caller.ts'
import { collectionReply, entityReply } from '#src/sandbox/graph/endpoints/collection.ts'
import { notFound, requestDenied, unsupportedQuery } from '#src/sandbox/graph/errors.ts'
import { fits, type Resource } from '#src/sandbox/graph/odata/evaluate.ts'
import { clausesOf, hasKind } from '#src/sandbox/graph/odata/filter.ts'
import { type Options, readOptions, type Takes } from '#src/sandbox/graph/odata/options.ts'
import { userProperties } from '#src/sandbox/graph/odata/properties.ts'
import { isRestricted } from '#src/sandbox/graph/people/memberships.ts'
import { peekPerson, personByName, readPerson } from '#src/sandbox/graph/people/people.ts'
import { enoughFor } from '#src/sandbox/graph/permissions.ts'
import type { Reply } from '#src/sandbox/http/message.ts'
import type { Person, World } from '#src/sandbox/graph/world.ts'

const base = { resource: 'microsoft.graph.user', properties: userProperties } as const
const listTakes = {
  ...base,
  context: 'users',
  options: ['$select', '$filter', '$top', '$count', '$skiptoken'],
} as const satisfies Takes & { context: string }
const oneTakes = { ...base, context: 'users', options: ['$select'] } as const satisfies Takes & {
  context: string
}

/** `GET /users`. */
export function listUsers(call: GraphCall): Reply {
  const { world, caller, request } = call
  mustHold(caller, enoughFor.readUsers)
  const options = readOptions(request, listTakes)
  checkSelect(caller, options)
  checkVagueFilters(world, options)
  const { filter } = options
  // The index knows nothing of replicas: it has its own delay.
  if (options.isEventual) {
    const people = [...(world.index ?? world).people.values()]
    return collectionReply(
      call,
      people.map((one) => userResource(world, one)),
      options,
      listTakes,
    )
  }
  const seen = [...world.people.values()].map((one) => userResource(world, peekPerson(world, one)))
  const fitting = filter === undefined ? seen : seen.filter((one) => fits(filter, one, userProperties))
  for (const one of world.people.values())
    if (fitting.some((other) => other['id'] === one.id)) readPerson(world, one)
  return collectionReply(call, fitting, { ...options, filter: undefined }, listTakes)
}

function checkVagueFilters(world: World, { filter, isEventual, wantsCount }: Options): void {
  if (filter === undefined || (isEventual && wantsCount)) return
  const clauses = clausesOf(filter)
  if (world.settings.addressesNeedAdvanced && clauses.some((one) => one.kind === 'any'))
    throw unsupportedQuery(
      'Unsupported or invalid query filter clause specified for an address collection.',
      false,
    )
  const properties = new Set(clauses.map((one) => one.path))
  if (world.settings.joinedFilterRefused && hasKind(filter, 'or') && properties.size > 1)
    throw unsupportedQuery('Unsupported Query: different properties joined by or.', false)
}

/** `GET /users/{id or userPrincipalName}`. */
export function getUser(call: GraphCall): Reply {
  const { world, caller, request, key } = call
  mustHold(caller, enoughFor.readUsers)
  const options = readOptions(request, oneTakes)
  checkSelect(caller, options)
  return entityReply(call, userResource(world, readPerson(world, userByKey(world, key))), options, oneTakes)
}

/** The person that a path names. Throws 404. */
export function userByKey(world: World, key: string): Person {
  const person = personByName(world, key)
  if (person === undefined) throw notFound(key)
  return person
}

function checkSelect(caller: Caller, { select = [] }: Options): void {
  if (select.includes('signInActivity') && !holds(caller, enoughFor.readSignIns)) throw requestDenied()
}

/** A person as Graph shows them. */
function userResource(world: World, person: Person): Resource {
  const isForced = person.mustChangePassword !== 'no'
  const flags = {
    forceChangePasswordNextSignIn: isForced,
    forceChangePasswordNextSignInWithMfa: person.mustChangePassword === 'with_mfa',
  }
  return {
    businessPhones: [],
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
    identities: [],
    passwordPolicies: null,
    signInActivity: null,
    ...person.properties,
    isManagementRestricted: isRestricted(world, person.id) ? true : null,
    passwordProfile: world.settings.passwordProfileReads === 'flags' ? flags : null,
  }
}

/** Changes go by object id: names can be given to somebody else meanwhile. Complains about others. */
export function userToChange({ world, key }: GraphCall): Person {
  const person = userByKey(world, key)
  if (person.id !== key.toLowerCase()) world.complaints.push(`A change names ${key}, not an object id`)
  return person
}
