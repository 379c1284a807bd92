import { listAppRoleAssignments, listServicePrincipals } from '#src/sandbox/graph/endpoints/applications.ts'
import type { Handler } from '#src/sandbox/graph/endpoints/call.ts'
import { patchUser, revokeSessions } from '#src/sandbox/graph/endpoints/change.ts'
import { listMemberships, type MembershipQuestion } from '#src/sandbox/graph/endpoints/memberships.ts'
import { listGroups, listOrganizations } from '#src/sandbox/graph/endpoints/organization.ts'
import {
  getRoleDefinition,
  listEligibleRoles,
  listRoleAssignments,
} from '#src/sandbox/graph/endpoints/roles.ts'
import { getUser, listUsers } from '#src/sandbox/graph/endpoints/users.ts'

type Route = Readonly<Partial<Record<string, Handler>>>

function memberships(base: string, of: MembershipQuestion['of']): Readonly<Record<string, Route>> {
  const list = (reach: MembershipQuestion['reach'], cast: MembershipQuestion['cast']): Route => ({
    GET: listMemberships({ of, reach, cast }),
  })
  return {
    [`${base}/{key}/memberOf`]: list('direct', 'any'),
    [`${base}/{key}/transitiveMemberOf`]: list('transitive', 'any'),
    [`${base}/{key}/transitiveMemberOf/microsoft.graph.directoryRole`]: list('transitive', 'directoryRole'),
    [`${base}/{key}/transitiveMemberOf/microsoft.graph.group`]: list('transitive', 'group'),
  }
}

const role = 'roleManagement/directory'

/** All that this stand-in serves, by path pattern and method. */
export const routes: Readonly<Record<string, Route>> = {
  users: { GET: listUsers },
  'users/{key}': { GET: getUser, PATCH: patchUser },
  'users/{key}/revokeSignInSessions': { POST: revokeSessions },
  'users/{key}/microsoft.graph.revokeSignInSessions': { POST: revokeSessions },
  ...memberships('users', 'user'),
  groups: { GET: listGroups },
  organization: { GET: listOrganizations },
  servicePrincipals: { GET: listServicePrincipals },
  'servicePrincipals/{key}/appRoleAssignments': { GET: listAppRoleAssignments },
  ...memberships('servicePrincipals', 'service_principal'),
  [`${role}/roleAssignments`]: { GET: listRoleAssignments },
  [`${role}/roleDefinitions/{key}`]: { GET: getRoleDefinition },
  [`${role}/roleEligibilitySchedules`]: { GET: listEligibleRoles('roleEligibilitySchedules') },
  [`${role}/roleEligibilityScheduleInstances`]: {
    GET: listEligibleRoles('roleEligibilityScheduleInstances'),
  },
}

/** Finds the methods of a path below the version, and the key in it, decoded. */
export function findRoute(path: string): { readonly route: Route; readonly key: string } | undefined {
  // Names that begin with a dollar must be put in quotes.
  if (path.split('/').some((part) => /^(\$|%24)/u.test(part))) return undefined
  const parts = path.split('/').flatMap(splitKey)
  const pattern = Object.keys(routes).find((one) => {
    const wanted = one.split('/')
    return wanted.length === parts.length && wanted.every((word, i) => word === '{key}' || word === parts[i])
  })
  const route = pattern === undefined ? undefined : routes[pattern]
  if (pattern === undefined || route === undefined) return undefined
  return { route, key: parts[pattern.split('/').indexOf('{key}')] ?? '' }
}

// `users('a')` is `users/a`, with quotes doubled.
function splitKey(part: string): readonly string[] {
  const decoded = decodeURIComponent(part)
  const [, name, key] = /^(\w+)\('((?:[^']|'')*)'\)$/u.exec(decoded) ?? []
  return name === undefined || key === undefined ? [decoded] : [name, key.replaceAll("''", "'")]
}
