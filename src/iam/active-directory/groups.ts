import type { DomainAccount } from '#src/iam/active-directory/account.ts'
import { sidText } from '#src/iam/active-directory/ids.ts'
import type { Connection } from '#src/iam/ldap/connection.ts'
import { byRule } from '#src/iam/ldap/filter.ts'

// LDAP_MATCHING_RULE_IN_CHAIN: follows nested groups, distribution lists too, but not the primary group.
const inChain = '1.2.840.113556.1.4.1941'

/** Whether a group holds the account, nested or not; undefined when the group can't be read. */
export async function isMember(
  connection: Connection,
  account: DomainAccount,
  group: string,
): Promise<boolean | undefined> {
  if (group.toUpperCase().startsWith('S-1-')) return account.groupSids.includes(group.toUpperCase())
  const sid = await sidOf(connection, group)
  if (sid === undefined) return undefined
  if (account.groupSids.includes(sid)) return true
  const filter = byRule('memberOf', inChain, group)
  return (await connection.readEntry({ base: account.dn, filter, attributes: ['objectClass'] })) !== undefined
}

async function sidOf(connection: Connection, group: string): Promise<string | undefined> {
  const entry = await connection.readEntry({ base: group, attributes: ['objectSid'], binary: ['objectSid'] })
  const bytes = entry?.bytes('objectSid')[0]
  return bytes === undefined ? undefined : sidText(bytes)
}

/** Whether a protected group can be told from one that is not there; a SID needs no look. */
export async function canSeeGroup(connection: Connection, group: string): Promise<boolean> {
  return group.toUpperCase().startsWith('S-1-') || (await sidOf(connection, group)) !== undefined
}
