import type { FoundBy, PersonQuery } from '#src/iam/connector.ts'
import { type Hit, hitsAmong, mostHits } from '#src/iam/hit.ts'
import type { GraphClient } from '#src/iam/entra/client.ts'
import { isUnsupportedQuery } from '#src/iam/entra/errors.ts'
import { addressFilters, nameFilters } from '#src/iam/entra/filters.ts'
import { readById, searchPeople } from '#src/iam/entra/people.ts'
import { addressesOf, type EntraUser } from '#src/iam/entra/user.ts'
import { ConnectorError } from '#src/errors.ts'

/** The people that a query names. What a filter found is compared once more, as a whole, with what was asked. */
export async function findPeople(
  client: GraphClient,
  query: PersonQuery,
  signal: AbortSignal,
): Promise<readonly Hit<EntraUser>[]> {
  const users = await candidates(client, query, signal)
  return hitsAmong(users, (user) => evidenceFor(user, query))
}

async function candidates(
  client: GraphClient,
  query: PersonQuery,
  signal: AbortSignal,
): Promise<readonly EntraUser[]> {
  switch (query.kind) {
    case 'id':
      return await readById(client, query.value, signal).then((user) => [user], unlessGone)
    case 'address':
      return await byAddress(client, query.value, signal)
    case 'login':
      return await byName(client, query.value, signal)
    case 'domain_login':
    case 'dn':
    case 'sid':
      // Entra filters by none of these; the directory that knows them names the address.
      return []
  }
}

async function byAddress(
  client: GraphClient,
  address: string,
  signal: AbortSignal,
): Promise<readonly EntraUser[]> {
  const filters = addressFilters(address)
  if (filters.length === 0) return []
  try {
    return await plain(client, filters.join(' or '), signal)
  } catch (error) {
    if (!isUnsupportedQuery(error)) throw error
    // Some tenants take these only one by one.
    const answers = await Promise.all(filters.map((filter) => plainOrAdvanced(client, filter, signal)))
    return unique(answers.flat())
  }
}

const plain = (client: GraphClient, filter: string, signal: AbortSignal) =>
  searchPeople(client, { filter, advanced: false, limit: mostHits }, signal)

async function plainOrAdvanced(
  client: GraphClient,
  filter: string,
  signal: AbortSignal,
): Promise<readonly EntraUser[]> {
  try {
    return await plain(client, filter, signal)
  } catch (error) {
    if (!isUnsupportedQuery(error)) throw error
    return await advanced(client, filter, signal)
  }
}

/** The index of advanced queries is late: who is found there is read as they are now. */
async function advanced(
  client: GraphClient,
  filter: string,
  signal: AbortSignal,
): Promise<readonly EntraUser[]> {
  const found = await searchPeople(client, { filter, advanced: true, limit: mostHits }, signal)
  const read = await Promise.all(
    found.map(({ id }) => readById(client, id, signal).then((user) => [user], unlessGone)),
  )
  return read.flat()
}

async function byName(client: GraphClient, name: string, signal: AbortSignal): Promise<readonly EntraUser[]> {
  const answers = await Promise.all([
    ...nameFilters(name).map((one) =>
      (one.advanced ? advanced : plainOrAdvanced)(client, one.filter, signal),
    ),
    // Also an object id that was typed as a name.
    readById(client, name, signal).then((user) => [user], unlessGone),
  ])
  return unique(answers.flat())
}

function unique(users: readonly EntraUser[]): readonly EntraUser[] {
  return [...new Map(users.map((user) => [user.id, user])).values()]
}

function unlessGone(error: unknown): readonly [] {
  if (error instanceof ConnectorError && error.code === 'not_found') return []
  throw error
}

/** By what the query meets the person as they are now; undefined when it does not. Pure. */
export function evidenceFor(user: EntraUser, query: PersonQuery): FoundBy | undefined {
  const asked = query.value.toLowerCase()
  const isAsked = (name: string | undefined) => name?.toLowerCase() === asked
  switch (query.kind) {
    case 'id':
      return isAsked(user.id) ? 'id' : undefined
    case 'address':
      if (isAsked(user.userPrincipalName)) return 'user_principal_name'
      if (addressesOf(user).some(isAsked)) return 'email'
      return user.otherMails.some(isAsked) ? 'secondary_email' : undefined
    case 'login':
      if (isAsked(user.id)) return 'id'
      if (isAsked(user.onPremisesSamAccountName) || isAsked(user.userPrincipalName)) return 'login'
      return isAsked(user.employeeId) ? 'employee_id' : undefined
    case 'domain_login':
    case 'dn':
    case 'sid':
      return undefined
  }
}
