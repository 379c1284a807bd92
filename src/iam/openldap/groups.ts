import type { Connection } from '#src/iam/ldap/connection.ts'
import { isWithin, sameDn } from '#src/iam/ldap/dn.ts'
import { type LdapFilter, equals, or } from '#src/iam/ldap/filter.ts'
import type { OpenLdapAccount } from '#src/iam/openldap/account.ts'

/** Which of the protected groups hold an account; `known` is false when that could not be seen for all of them. */
export interface Memberships {
  readonly groups: readonly string[]
  readonly known: boolean
}

const depthLimit = 10
const breadthLimit = 200

/**
 * Looks upwards from the account through the groups that hold it, nested ones too. `namingContexts` are the tops of
 * the server's trees. A protected group that can't be read makes the answer unknown, never "not a member".
 */
export async function membershipsOf(
  connection: Connection,
  account: OpenLdapAccount,
  groups: readonly string[],
  namingContexts: readonly string[],
): Promise<Memberships> {
  if (groups.length === 0) return { groups: [], known: true }
  const readable = await Promise.all(groups.map((group) => hasReadableMembers(connection, group)))
  const tops = namingContexts.filter((top) => groups.some((group) => isWithin(group, top)))
  const climbed = await climb(connection, account, tops)
  return {
    groups: groups.filter((group) => climbed.found.some((dn) => sameDn(dn, group))),
    known: readable.every(Boolean) && climbed.complete,
  }
}

/** A group whose members are hidden from us would look like one that we are not in. */
export async function hasReadableMembers(connection: Connection, dn: string): Promise<boolean> {
  const attributes = ['objectClass', 'member', 'uniqueMember', 'memberUid']
  const entry = await connection.readEntry({ base: dn, attributes })
  if (entry === undefined) return false
  const mayBeEmpty = entry.text('objectClass').some((name) => name.toLowerCase() === 'posixgroup')
  return mayBeEmpty || attributes.slice(1).some((name) => entry.text(name).length > 0)
}

interface Climb {
  readonly found: readonly string[]
  readonly complete: boolean
}

async function climb(
  connection: Connection,
  account: OpenLdapAccount,
  tops: readonly string[],
): Promise<Climb> {
  const found: string[] = []
  let level: readonly LdapFilter[] = [
    ...holds(account.dn),
    ...account.logins.map((login) => equals('memberUid', login)),
  ]
  for (let depth = 0; depth < depthLimit; depth += 1) {
    const hits = await groupsMatching(connection, tops, or(...level))
    const fresh = hits.filter((dn) => !found.includes(dn))
    found.push(...fresh)
    if (found.length > breadthLimit) return { found, complete: false }
    if (fresh.length === 0) return { found, complete: true }
    level = fresh.flatMap(holds)
  }
  return { found, complete: false }
}

function holds(dn: string): readonly LdapFilter[] {
  return [equals('member', dn), equals('uniqueMember', dn)]
}

async function groupsMatching(
  connection: Connection,
  tops: readonly string[],
  filter: LdapFilter,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const base of tops) {
    const limit = breadthLimit + 1
    const entries = await connection.search({ base, scope: 'sub', filter, attributes: ['1.1'], limit })
    found.push(...entries.map((entry) => entry.dn))
  }
  return found
}
