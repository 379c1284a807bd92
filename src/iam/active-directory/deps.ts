import type { Clock } from '#src/clock.ts'
import { ConnectorError } from '#src/errors.ts'
import {
  type DomainAccount,
  accountAttributes,
  binaryAttributes,
  readDomainAccount,
} from '#src/iam/active-directory/account.ts'
import { guidBytes } from '#src/iam/active-directory/ids.ts'
import type { ActiveDirectorySettings } from '#src/iam/active-directory/settings.ts'
import type { LdapAccess } from '#src/iam/ldap.ts'
import type { Connection } from '#src/iam/ldap/connection.ts'
import type { LdapEntry } from '#src/iam/ldap/entry.ts'
import { type LdapFilter, and, equals } from '#src/iam/ldap/filter.ts'

/** What every part of this connector is handed. */
export interface DomainDeps {
  readonly settings: ActiveDirectorySettings
  readonly access: LdapAccess
  readonly protectedGroups: readonly string[]
  readonly clock: Clock
}

// Computers and managed service accounts have an objectCategory of their own.
const isPerson = and(equals('objectCategory', 'person'), equals('objectClass', 'user'))

/** People below the configured base, at most `limit`. Throws `misconfigured` when there is no such base. */
export async function searchPeople(
  connection: Connection,
  settings: ActiveDirectorySettings,
  filter: LdapFilter,
  limit: number,
): Promise<readonly DomainAccount[]> {
  const hits = await searchBelowBase(connection, settings, and(isPerson, filter), limit)
  // Not every server keeps to the limit that it is given.
  const accounts = await Promise.all(hits.slice(0, limit).map((hit) => readPersonByDn(connection, hit.dn)))
  return accounts.filter((account) => account !== undefined)
}

async function searchBelowBase(
  connection: Connection,
  { baseDn }: ActiveDirectorySettings,
  filter: LdapFilter,
  limit: number,
): Promise<readonly LdapEntry[]> {
  try {
    return await connection.search({ base: baseDn, scope: 'sub', filter, attributes: ['objectClass'], limit })
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'not_found') throw error
    const facts = { ...error.facts, detail: 'base_dn_not_found', where: baseDn }
    throw new ConnectorError('misconfigured', 'The base is not there or hidden from us', facts, error)
  }
}

/** The one person of that name with everything computed; undefined when there is none, or it is no person. */
export async function readPersonByDn(connection: Connection, dn: string): Promise<DomainAccount | undefined> {
  const entry = await connection.readEntry({
    base: dn,
    filter: isPerson,
    attributes: accountAttributes,
    binary: binaryAttributes,
  })
  return entry === undefined ? undefined : readDomainAccount(entry)
}

/** The filter for a stable id; undefined when the text is none. */
export function byId(id: string): LdapFilter | undefined {
  const bytes = guidBytes(id)
  return bytes === undefined ? undefined : equals('objectGUID', bytes)
}

/** The one account with that stable id. Throws `not_found` when it is gone, or outside the configured base. */
export async function readPersonById(
  connection: Connection,
  settings: ActiveDirectorySettings,
  id: string,
): Promise<DomainAccount> {
  const filter = byId(id)
  const [account] = filter === undefined ? [] : await searchPeople(connection, settings, filter, 1)
  if (account === undefined) throw new ConnectorError('not_found', `No person has objectGUID ${id}`)
  return account
}
