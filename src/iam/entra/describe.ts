import type { FoundAccount } from '#src/iam/connector.ts'
import type { EntraDeps } from '#src/iam/entra/deps.ts'
import type { Hit } from '#src/iam/hit.ts'
import { graphRights } from '#src/iam/entra/permissions.ts'
import { type Privileges, readPrivileges } from '#src/iam/entra/privileges.ts'
import { addressesOf, type EntraUser, isSynchronized, notesOf } from '#src/iam/entra/user.ts'

/** Everything about one account that people and the protection rules need. */
export async function describePerson(
  deps: EntraDeps,
  { user, foundBy }: Hit<EntraUser>,
  signal: AbortSignal,
): Promise<FoundAccount> {
  const [held, mayDisable] = await Promise.all([
    readPrivileges(deps.client, user.id, signal),
    deps.client.mayUse(graphRights.enableDisable, signal),
  ])
  const { onPremisesImmutableId: sourceAnchor, onPremisesSecurityIdentifier: objectSid } = user
  const emails = [...addressesOf(user), ...user.otherMails]
  return {
    id: user.id,
    login: user.userPrincipalName,
    logins: [user.userPrincipalName],
    displayName: user.displayName,
    department: user.department,
    emails: [...new Set(emails.map((address) => address.toLowerCase()))],
    primaryEmail: user.mail,
    foundBy,
    sharedIds: {
      ...(sourceAnchor !== undefined && { sourceAnchor }),
      ...(objectSid !== undefined && { objectSid }),
    },
    employeeId: user.employeeId,
    synchronized: isSynchronized(user),
    state: user.accountEnabled ? 'enabled' : 'disabled',
    notes: [...notesOf(user), ...(held.eligibleKnown ? [] : (['eligible_roles_not_checked'] as const))],
    privileged: held.privileged ?? [],
    privilegeKnown:
      held.privileged !== undefined && (deps.protectedGroups.length === 0 || held.groups !== undefined),
    protectedGroups: protectedGroupsOf(deps, held),
    // We act through a service principal, which is no user.
    own: false,
    writable: isWritable(user, held, mayDisable),
  }
}

/** Which of the configured groups hold the person, by id or by name. */
function protectedGroupsOf(deps: EntraDeps, { groups = [] }: Privileges): readonly string[] {
  return deps.protectedGroups.filter((wanted) =>
    groups.some(
      (group) =>
        group.id.toLowerCase() === wanted.toLowerCase() ||
        group.displayName?.toLowerCase() === wanted.toLowerCase(),
    ),
  )
}

/** Undefined where a directory role of ours would decide: Graph tells that only by refusing. */
function isWritable(user: EntraUser, held: Privileges, mayDisable: boolean | undefined): boolean | undefined {
  if (mayDisable !== true) return mayDisable
  const isOrdinary = held.privileged?.length === 0 && user.isManagementRestricted !== true
  return isOrdinary ? true : undefined
}
