import {
  type Actor,
  assertMember,
  type HomeWorkspace,
  isUserGroup,
  type Role,
  roles,
  type SlackPeople,
} from '#src/people/actor.ts'

/** For each role the Slack user ids (U…, W…) and user group ids (S…) that hold it. */
export type RoleLists = { readonly [role in Role]: readonly string[] }

/** How old an answer of Slack may be for clicks that decide nothing; a decision is checked live. */
export const freshMs = 60_000

/**
 * Looks a Slack person up and tells which roles they hold; of these roles only, when `wanted` names some. A user group
 * is asked for only where the person is not listed by name: Slack allows few of these calls. Throws
 * `UserError('not_a_member')` for people who may never act here and `SlackAwayError` when Slack cannot be asked. An
 * empty list or a deleted group gives nobody a role.
 */
export async function findActor(
  deps: { readonly people: SlackPeople; readonly home: HomeWorkspace; readonly roleLists: RoleLists },
  userId: string,
  options: { maxAgeMs: number; signal: AbortSignal; wanted?: readonly Role[] },
): Promise<Actor> {
  const { wanted = roles, ...how } = options
  const unnamed = wanted.filter((role) => !deps.roleLists[role].includes(userId))
  const groupIds = [...new Set(unnamed.flatMap((role) => deps.roleLists[role]).filter(isUserGroup))]
  const [person, ...groups] = await Promise.all([
    deps.people.person(userId, how),
    ...groupIds.map((id) => deps.people.groupMembers(id, how)),
  ])
  assertMember(person, deps.home)
  const memberOf = new Set(groupIds.filter((_, index) => groups[index]?.includes(userId)))
  const held = wanted.filter((role) => deps.roleLists[role].some((id) => id === userId || memberOf.has(id)))
  return {
    userId: person.userId,
    teamId: person.teamId,
    enterpriseId: person.enterpriseId,
    name: person.name,
    email: person.email,
    tz: person.tz,
    roles: new Set(held),
  }
}
