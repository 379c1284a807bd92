import { ConnectorError } from '#src/errors.ts'
import type { AccountNote, FoundAccount } from '#src/iam/connector.ts'
import type { OktaDeps } from '#src/iam/okta/deps.ts'
import type { Hit } from '#src/iam/hit.ts'
import { readGroups } from '#src/iam/okta/people.ts'
import { isDisabled } from '#src/iam/okta/plan.ts'
import { privilegesOf } from '#src/iam/okta/roles.ts'
import { displayNameOf, notesOf, type OktaUser } from '#src/iam/okta/user.ts'

/** Everything about one account that people and the protection rules need. */
export async function describePerson(
  deps: OktaDeps,
  { user, foundBy }: Hit<OktaUser>,
  signal: AbortSignal,
): Promise<FoundAccount> {
  const [privileged, groups, ownId] = await Promise.all([
    privilegesOf(deps.client, user.id, signal),
    protectedGroupsOf(deps, user.id, signal),
    deps.ownId(signal),
  ])
  const { login, email, secondEmail, department, employeeNumber } = user.profile
  const emails = [email, secondEmail].filter((address) => address !== undefined)
  return {
    id: user.id,
    login,
    logins: [login],
    displayName: displayNameOf(user),
    department,
    emails: [...new Set(emails)],
    primaryEmail: email,
    foundBy,
    sharedIds: {},
    employeeId: employeeNumber,
    state: isDisabled(user) ? 'disabled' : 'enabled',
    notes: [...notesOf(user), ...sourceNotes(user)],
    privileged: privileged ?? [],
    privilegeKnown: privileged !== undefined && groups !== undefined,
    protectedGroups: groups ?? [],
    own: ownId === user.id,
    writable: offersSuspension(user),
  }
}

// An import from the directory may reactivate people there.
function sourceNotes({ provider }: OktaUser): readonly AccountNote[] {
  return provider?.type === 'ACTIVE_DIRECTORY' ? ['synchronized'] : []
}

/** Okta links the operations that it would allow us; who is not ACTIVE is offered no suspension, whatever our rights. */
function offersSuspension({ status, transitioningTo, links }: OktaUser): boolean | undefined {
  return status === 'ACTIVE' && transitioningTo === undefined ? links.includes('suspend') : undefined
}

/** Which of the configured groups hold the person, by id or by name; undefined when that can't be read. */
async function protectedGroupsOf(
  { client, protectedGroups }: OktaDeps,
  id: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  if (protectedGroups.length === 0) return []
  try {
    const groups = await readGroups(client, id, signal)
    return protectedGroups.filter((wanted) =>
      groups.some((group) => group.id === wanted || group.name.toLowerCase() === wanted.toLowerCase()),
    )
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_permitted') return undefined
    throw error
  }
}
