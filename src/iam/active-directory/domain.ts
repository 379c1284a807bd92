import { ConnectorError } from '#src/errors.ts'
import { sidText } from '#src/iam/active-directory/ids.ts'
import type { LdapSession } from '#src/iam/ldap.ts'
import { and, equals, present } from '#src/iam/ldap/filter.ts'
import { readRootDse } from '#src/iam/ldap/root-dse.ts'

/** What holds for the whole domain, read once per session. */
export interface DomainFacts {
  /** The DNS name, e.g. `corp.example.com`. */
  readonly dnsName: string
  /** The short name before the backslash, e.g. `CORP`. */
  readonly netbiosName: string
  /** Our own SID and those of our groups; an account among them is our own. */
  readonly ownSids: readonly string[]
}

/** Reads the server's own entry and the domain's short name. Throws `misconfigured` for a server that is no domain. */
export async function readDomainFacts({ connection }: LdapSession): Promise<DomainFacts> {
  const { domainDn, configurationDn, ownSids } = await readRootDse(connection)
  if (domainDn === undefined || configurationDn === undefined)
    throw new ConnectorError('misconfigured', 'This is no domain controller', {
      detail: 'not_active_directory',
    })
  const partitions = await connection.search({
    base: `CN=Partitions,${configurationDn}`,
    scope: 'sub',
    filter: and(equals('nCName', domainDn), present('nETBIOSName')),
    attributes: ['nETBIOSName', 'dnsRoot'],
  })
  const labels = domainDn.split(',').map((part) => part.replace(/^dc=/i, ''))
  return {
    dnsName: partitions[0]?.text('dnsRoot')[0] ?? labels.join('.'),
    netbiosName: partitions[0]?.text('nETBIOSName')[0] ?? labels[0] ?? domainDn,
    ownSids: ownSids.flatMap((sid) => sidText(sid) ?? []),
  }
}
