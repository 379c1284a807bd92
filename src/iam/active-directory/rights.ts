import type { DomainAccount } from '#src/iam/active-directory/account.ts'
import { type DomainDeps, searchPeople } from '#src/iam/active-directory/deps.ts'
import { readDomainFacts } from '#src/iam/active-directory/domain.ts'
import { canSeeGroup } from '#src/iam/active-directory/groups.ts'
import { mayWrite } from '#src/iam/active-directory/find.ts'
import { neverATarget, privilegesOf } from '#src/iam/active-directory/privileged.ts'
import { domainAdministrator } from '#src/iam/active-directory/swap.ts'
import type { RightCheck } from '#src/iam/connector.ts'
import type { LdapSession } from '#src/iam/ldap.ts'
import { parentDn } from '#src/iam/ldap/dn.ts'
import { present } from '#src/iam/ldap/filter.ts'

const sampleSize = 100
const mostFolders = 10

function check(right: string, granted: boolean): RightCheck {
  return {
    right,
    status: granted ? 'granted' : 'missing',
    grantedBy: granted ? undefined : domainAdministrator,
  }
}

/**
 * Looks at each right on some people, one line per folder, without changing anything: the directory itself lists what
 * we may write. Administrators are left out: no delegation is meant to reach them.
 */
export async function checkDomainRights(
  deps: DomainDeps,
  session: LdapSession,
): Promise<readonly RightCheck[]> {
  const { baseDn } = deps.settings
  const people = await searchPeople(session.connection, deps.settings, present('sAMAccountName'), sampleSize)
  const { ownSids } = await readDomainFacts(session)
  const ordinary = people.filter(
    (one) => neverATarget(one) === undefined && privilegesOf(one).length === 0 && !ownSids.includes(one.sid),
  )
  // Where a protected group is hidden everybody is taken for protected, and nobody can be disabled.
  const groups = await Promise.all(
    [...new Set([...deps.protectedGroups, ...deps.settings.protectedGroupDns])].map(async (group) =>
      check(`read the group ${group}`, await canSeeGroup(session.connection, group)),
    ),
  )
  const folders = new Map<string, DomainAccount>()
  for (const person of ordinary) folders.set(parentDn(person.dn), folders.get(parentDn(person.dn)) ?? person)
  return [
    check(`read people below ${baseDn}`, people.length > 0),
    check('read tokenGroups of people', people.length > 0 && people.every((one) => one.groupSids.length > 0)),
    ...groups,
    ...[...folders]
      .slice(0, mostFolders)
      .flatMap(([folder, person]) => [
        check(`write userAccountControl on ${folder}`, mayWrite(person, 'userAccountControl')),
        check(`write pwdLastSet on ${folder}`, mayWrite(person, 'pwdLastSet')),
      ]),
  ]
}
