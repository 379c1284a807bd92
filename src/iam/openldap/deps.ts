import type { Clock } from '#src/clock.ts'
import { ConnectorError } from '#src/errors.ts'
import type { LdapAccess } from '#src/iam/ldap.ts'
import type { Connection } from '#src/iam/ldap/connection.ts'
import type { LdapEntry } from '#src/iam/ldap/entry.ts'
import { type LdapFilter, and, equals, or } from '#src/iam/ldap/filter.ts'
import { type OpenLdapAccount, accountAttributes, readAccount } from '#src/iam/openldap/account.ts'
import type { OpenLdapSettings } from '#src/iam/openldap/settings.ts'

/** What every part of this connector is handed. */
export interface OpenLdapDeps {
  readonly settings: OpenLdapSettings
  readonly access: LdapAccess
  readonly protectedGroups: readonly string[]
  readonly clock: Clock
  /** Lets one after another use the test account. */
  readonly canaryTurn: Turn
}

/** Runs `work` when everything handed in before has ended. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>

/** A queue of its own; a failure ends only its own turn. */
export function createTurn(): Turn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}

// Service and device entries are not people, whatever attributes they carry.
const isPerson = or(
  equals('objectClass', 'person'),
  equals('objectClass', 'posixAccount'),
  equals('objectClass', 'account'),
)

/** People below the configured base. Throws `misconfigured` when there is no such base. */
export async function searchPeople(
  connection: Connection,
  settings: OpenLdapSettings,
  filter: LdapFilter,
  limit: number,
): Promise<readonly OpenLdapAccount[]> {
  const entries = await searchBelowBase(connection, settings, and(isPerson, filter), limit)
  return entries.slice(0, limit).map((entry) => readAccount(entry, settings))
}

async function searchBelowBase(
  connection: Connection,
  settings: OpenLdapSettings,
  filter: LdapFilter,
  limit: number,
): Promise<readonly LdapEntry[]> {
  const attributes = accountAttributes(settings)
  try {
    return await connection.search({ base: settings.baseDn, scope: 'sub', filter, attributes, limit })
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'not_found') throw error
    const facts = { ...error.facts, detail: 'base_dn_not_found', where: settings.baseDn }
    throw new ConnectorError('misconfigured', 'The base is not there or hidden from us', facts, error)
  }
}

/** The one person of that name; undefined when there is none, or it is no person. */
export async function readPersonByDn(
  connection: Connection,
  settings: OpenLdapSettings,
  dn: string,
): Promise<OpenLdapAccount | undefined> {
  const entry = await connection.readEntry({
    base: dn,
    filter: isPerson,
    attributes: accountAttributes(settings),
  })
  return entry === undefined ? undefined : readAccount(entry, settings)
}

/** The one account with that stable id. Throws `not_found` when it is gone. */
export async function readPersonById(
  connection: Connection,
  settings: OpenLdapSettings,
  id: string,
): Promise<OpenLdapAccount> {
  const [account] = await searchPeople(connection, settings, equals('entryUUID', id), 1)
  if (account === undefined) throw new ConnectorError('not_found', `No person has entryUUID ${id}`)
  return account
}
