import type { FoundAccount, FoundBy, PersonQuery } from '#src/iam/connector.ts'
import type { DomainAccount } from '#src/iam/active-directory/account.ts'
import { accountNotes, isDisabled } from '#src/iam/active-directory/control.ts'
import { type DomainDeps, byId, readPersonByDn, searchPeople } from '#src/iam/active-directory/deps.ts'
import type { DomainFacts } from '#src/iam/active-directory/domain.ts'
import { isMember } from '#src/iam/active-directory/groups.ts'
import { privilegesOf } from '#src/iam/active-directory/privileged.ts'
import type { ActiveDirectorySettings } from '#src/iam/active-directory/settings.ts'
import { mostHits } from '#src/iam/hit.ts'
import type { Connection } from '#src/iam/ldap/connection.ts'
import { isWithin } from '#src/iam/ldap/dn.ts'
import { type LdapFilter, equals, or } from '#src/iam/ldap/filter.ts'

/** The people that a query names. An address is compared as a whole with names and addresses, never cut at the `@`. */
export async function findPeople(
  connection: Connection,
  settings: ActiveDirectorySettings,
  domain: DomainFacts,
  query: PersonQuery,
): Promise<readonly DomainAccount[]> {
  if (query.kind === 'dn') {
    if (!isWithin(query.value, settings.baseDn)) return []
    const account = await readPersonByDn(connection, query.value)
    return account === undefined ? [] : [account]
  }
  const filter = filterFor(domain, query)
  return filter === undefined ? [] : searchPeople(connection, settings, filter, mostHits)
}

function filterFor(domain: DomainFacts, query: PersonQuery): LdapFilter | undefined {
  const { value } = query
  switch (query.kind) {
    case 'address': {
      const alias = equals('proxyAddresses', `smtp:${value}`)
      return or(equals('userPrincipalName', value), equals('mail', value), alias)
    }
    case 'login':
      return equals('sAMAccountName', value)
    case 'domain_login':
      return isThisDomain(domain, query.domain) ? equals('sAMAccountName', value) : undefined
    case 'sid':
      return equals('objectSid', value)
    case 'id':
      return byId(value)
    case 'dn':
      return undefined
  }
}

function isThisDomain(domain: DomainFacts, name: string): boolean {
  return [domain.netbiosName, domain.dnsName].some((own) => own.toLowerCase() === name.toLowerCase())
}

/** By what the query met the account. Pure. Where the directory compared otherwise than we do, the weakest counts. */
export function evidenceFor(account: DomainAccount, query: PersonQuery): FoundBy {
  switch (query.kind) {
    case 'id':
    case 'sid':
    case 'dn':
    case 'login':
      return query.kind
    case 'domain_login':
      return 'login'
    case 'address': {
      const wanted = query.value.toLowerCase()
      if (account.principalName?.toLowerCase() === wanted) return 'user_principal_name'
      const isPrimary =
        account.mail?.toLowerCase() === wanted || primaryAddress(account)?.toLowerCase() === wanted
      return isPrimary ? 'email' : 'secondary_email'
    }
  }
}

/** Exchange marks the primary one of several addresses with an upper-case `SMTP:`. */
function primaryAddress(account: DomainAccount): string | undefined {
  return account.proxyAddresses.find((address) => address.startsWith('SMTP:'))?.slice('SMTP:'.length)
}

function emailsOf(account: DomainAccount): readonly string[] {
  const aliases = account.proxyAddresses
    .filter((address) => /^smtp:/i.test(address))
    .map((one) => one.slice(5))
  const all = [account.mail, primaryAddress(account), ...aliases].filter((address) => address !== undefined)
  return all.filter(
    (one, index) => all.findIndex((other) => other.toLowerCase() === one.toLowerCase()) === index,
  )
}

/** Everything about one account that people and the protection rules need. */
export async function describeAccount(
  deps: DomainDeps,
  connection: Connection,
  domain: DomainFacts,
  account: DomainAccount,
  foundBy: FoundBy,
): Promise<FoundAccount> {
  const ask = (group: string) => isMember(connection, account, group)
  const protectedBy = await Promise.all(deps.protectedGroups.map(ask))
  const configured = await Promise.all(deps.settings.protectedGroupDns.map(ask))
  const backslashed = `${domain.netbiosName}\\${account.samName}`
  const { samName, principalName } = account
  return {
    id: account.id,
    login: backslashed,
    logins: [samName, ...(principalName === undefined ? [] : [principalName]), backslashed],
    displayName: account.displayName,
    department: account.department,
    emails: emailsOf(account),
    primaryEmail: account.mail ?? primaryAddress(account),
    foundBy,
    sharedIds: { objectGuid: account.id, objectSid: account.sid, sourceAnchor: account.sourceAnchor },
    employeeId: account.employeeId,
    state: isDisabled(account.control) ? 'disabled' : 'enabled',
    notes: accountNotes(account, deps.clock.now().getTime()),
    privileged: [
      ...privilegesOf(account),
      ...deps.settings.protectedGroupDns.filter((_, index) => configured[index] === true),
    ],
    privilegeKnown: account.groupSids.length > 0 && ![...protectedBy, ...configured].includes(undefined),
    protectedGroups: deps.protectedGroups.filter((_, index) => protectedBy[index] === true),
    own: domain.ownSids.includes(account.sid),
    writable: mayWrite(account, 'userAccountControl'),
  }
}

/** Whether the directory lists an attribute as one that we may write on this entry. */
export function mayWrite(account: DomainAccount, attribute: string): boolean {
  return account.writable.some((name) => name.toLowerCase() === attribute.toLowerCase())
}
