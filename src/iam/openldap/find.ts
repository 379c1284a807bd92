import { z } from 'zod'
import type { AccountNote, FoundAccount, FoundBy, PersonQuery } from '#src/iam/connector.ts'
import type { LdapSession } from '#src/iam/ldap.ts'
import { mostHits } from '#src/iam/hit.ts'
import type { Connection } from '#src/iam/ldap/connection.ts'
import type { LdapChange } from '#src/iam/ldap/messages.ts'
import { isWithin, sameDn } from '#src/iam/ldap/dn.ts'
import { equals, or } from '#src/iam/ldap/filter.ts'
import { readRootDse } from '#src/iam/ldap/root-dse.ts'
import type { OpenLdapAccount } from '#src/iam/openldap/account.ts'
import { type OpenLdapDeps, readPersonByDn, searchPeople } from '#src/iam/openldap/deps.ts'
import { membershipsOf } from '#src/iam/openldap/groups.ts'
import { disableChanges } from '#src/iam/openldap/lock.ts'
import type { OpenLdapSettings } from '#src/iam/openldap/settings.ts'
import { accountNotes, isDisabled, sameText } from '#src/iam/openldap/state.ts'

/** The people that a query names. An address is compared as a whole with addresses and logins, never cut. */
export async function findPeople(
  connection: Connection,
  settings: OpenLdapSettings,
  query: PersonQuery,
): Promise<readonly OpenLdapAccount[]> {
  const search = (attributes: readonly string[], value: string) =>
    searchPeople(connection, settings, or(...attributes.map((name) => equals(name, value))), mostHits)
  switch (query.kind) {
    case 'address':
      return search([...settings.emailAttributes, ...settings.loginAttributes], query.value)
    case 'login':
      return search(settings.loginAttributes, query.value)
    case 'id':
      return z.guid().safeParse(query.value).success ? search(['entryUUID'], query.value) : []
    case 'dn': {
      if (!isWithin(query.value, settings.baseDn)) return []
      const account = await readPersonByDn(connection, settings, query.value)
      return account === undefined ? [] : [account]
    }
    // Windows' names; OpenLDAP has neither domains nor SIDs.
    case 'domain_login':
    case 'sid':
      return []
  }
}

/** By what the query met the account. Pure. Where the directory compared otherwise than we do, the weakest counts. */
export function evidenceFor(account: OpenLdapAccount, query: PersonQuery): FoundBy {
  const among = (values: readonly string[]) => values.some((value) => sameText(value, query.value))
  switch (query.kind) {
    case 'id':
    case 'dn':
    case 'login':
    case 'sid':
      return query.kind
    case 'domain_login':
      return 'login'
    case 'address':
      if (among(account.primaryEmails)) return 'email'
      return among(account.logins) ? 'login' : 'secondary_email'
  }
}

/** What is true for the whole server, read once per session. */
export interface ServerFacts {
  readonly namingContexts: readonly string[]
  /** The server offers sign-ins by certificate or Kerberos, which no password policy stops. */
  readonly otherSignIns: boolean
  /** The name that the server knows us by. */
  readonly ownDn: string
}

const certificateOrKerberos = new Set(['EXTERNAL', 'GSSAPI', 'GSS-SPNEGO'])

/** Reads the server's own entry and asks who we are. */
export async function readServerFacts(
  { connection }: LdapSession,
  settings: OpenLdapSettings,
): Promise<ServerFacts> {
  const root = await readRootDse(connection)
  const who = await connection.whoAmI()
  return {
    namingContexts: root.namingContexts,
    otherSignIns: root.saslMechanisms.some((name) => certificateOrKerberos.has(name)),
    ownDn: who?.replace(/^dn:/i, '') ?? settings.bindDn,
  }
}

/** Everything about one account that people and the protection rules need. */
export async function describeAccount(
  deps: OpenLdapDeps,
  session: LdapSession,
  server: ServerFacts,
  account: OpenLdapAccount,
  foundBy: FoundBy,
): Promise<FoundAccount> {
  const { settings } = deps
  const { connection } = session
  const memberships = await membershipsOf(connection, account, deps.protectedGroups, server.namingContexts)
  const disabled = isDisabled(account, settings.disableAttribute)
  const nowMs = deps.clock.now().getTime()
  const notes = [
    ...accountNotes(account, { nowMs, lockoutMs: await lockoutMs(connection, account) }),
    ...serverNotes(
      server,
      disabled && settings.disableAttribute === undefined && session.policy === 'absent',
    ),
  ]
  return {
    id: account.id,
    login: `${settings.loginAttributes[0] ?? 'uid'}=${account.logins[0] ?? account.dn}`,
    logins: account.logins,
    displayName: account.displayName,
    department: account.department,
    emails: [...account.primaryEmails, ...account.otherEmails],
    primaryEmail: account.primaryEmails[0],
    foundBy,
    sharedIds: {},
    state: disabled ? 'disabled' : 'enabled',
    notes,
    privileged: [],
    privilegeKnown: memberships.known,
    protectedGroups: memberships.groups,
    own: isOwn(account, server, settings),
    writable: await connection.mayModify(account.dn, harmless(account, settings)),
  }
}

function serverNotes(server: ServerFacts, unproven: boolean): readonly AccountNote[] {
  const notes: AccountNote[] = []
  if (server.otherSignIns) notes.push('certificate_signins_not_covered')
  if (unproven) notes.push('lock_not_proven')
  return notes
}

/** Our own account, or the test account: disabling either would leave Drawbridge blind. */
export function isOwn(account: OpenLdapAccount, server: ServerFacts, settings: OpenLdapSettings): boolean {
  const own = [server.ownDn, settings.bindDn, ...(settings.canary === undefined ? [] : [settings.canary.dn])]
  return own.some((dn) => sameDn(dn, account.dn))
}

/** How long a lock by failures lasts, where the account names its policy and we may read it. */
async function lockoutMs(connection: Connection, account: OpenLdapAccount): Promise<number | undefined> {
  if (account.lock === undefined || account.policyDn === undefined) return undefined
  const policy = await connection.readEntry({ base: account.policyDn, attributes: ['pwdLockoutDuration'] })
  const seconds = Number(policy?.text('pwdLockoutDuration')[0] ?? 0)
  return seconds > 0 ? seconds * 1_000 : undefined
}

/**
 * The same attributes as an action writes (Disable unless told otherwise), but in a way that leaves everything as it
 * is even on a server that took the question for an order.
 */
export function harmless(
  account: OpenLdapAccount,
  settings: OpenLdapSettings,
  wanted: readonly LdapChange[] = disableChanges(settings.disableAttribute),
): readonly LdapChange[] {
  const present: Readonly<Record<string, readonly string[]>> = {
    pwdAccountLockedTime: account.lock === undefined ? [] : [account.lock],
    pwdEndTime: account.endTime === undefined ? [] : [account.endTime],
    pwdReset: account.mustChange ? ['TRUE'] : [],
  }
  return wanted.flatMap(({ attribute, values }): readonly LdapChange[] => {
    const now = settings.disableAttribute === undefined ? (present[attribute] ?? []) : account.marker
    if (now.length > 0) return [{ operation: 'replace', attribute, values: now }]
    return [
      { operation: 'add', attribute, values },
      { operation: 'delete', attribute, values },
    ]
  })
}
