import type { DomainDeps } from '#src/iam/active-directory/deps.ts'
import { ridOf, sidText } from '#src/iam/active-directory/ids.ts'
import type { ConnectionReport } from '#src/iam/connector.ts'
import type { LdapSession } from '#src/iam/ldap.ts'
import type { Connection } from '#src/iam/ldap/connection.ts'
import { equals } from '#src/iam/ldap/filter.ts'
import { reportServer } from '#src/iam/ldap/report.ts'
import { parseFileTime } from '#src/iam/ldap/time.ts'

/** How the domain controller answered, and when our own account or its password ends. */
export async function reportDomain(deps: DomainDeps, session: LdapSession): Promise<ConnectionReport> {
  const { report, root } = await reportServer(session, deps.clock)
  const sids = root.ownSids.flatMap((sid) => sidText(sid) ?? [])
  const endsAtMs = await ownEnd(session.connection, sids)
  return { ...report, credentialEndsAt: endsAtMs === undefined ? undefined : new Date(endsAtMs) }
}

const ends = ['msDS-UserPasswordExpiryTimeComputed', 'accountExpires'] as const

/** Of the account's and its password's end the earlier one (MS-ADTS 3.1.1.4.5.38); undefined when there is none. */
async function ownEnd(connection: Connection, ownSids: readonly string[]): Promise<number | undefined> {
  // Our own SID comes first, those of our groups after it (MS-ADTS 3.1.1.3.2.36).
  const own = ownSids.find((sid) => ridOf(sid) !== undefined)
  if (own === undefined) return undefined
  const entry = await connection.readEntry({
    base: `<SID=${own}>`,
    filter: equals('objectClass', 'user'),
    attributes: ends,
  })
  const times = ends.flatMap((name) => parseFileTime(entry?.text(name)[0]) ?? [])
  return times.length === 0 ? undefined : Math.min(...times)
}
