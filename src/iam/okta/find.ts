import { ConnectorError } from '#src/errors.ts'
import type { FoundBy, PersonQuery } from '#src/iam/connector.ts'
import { type Hit, hitsAmong, mostHits } from '#src/iam/hit.ts'
import type { OktaClient } from '#src/iam/okta/client.ts'
import { readById, readByName, searchIds } from '#src/iam/okta/people.ts'
import { equalsAny, isReadableByLogin, type SearchedProperty } from '#src/iam/okta/search.ts'
import type { OktaUser } from '#src/iam/okta/user.ts'

/**
 * The people that a query names, each read by id: what the search index says is never believed, because it is late. Names
 * are compared as a whole with what was asked, because Okta also takes the part of a login before the `@`.
 */
export async function findPeople(
  client: OktaClient,
  query: PersonQuery,
  signal: AbortSignal,
): Promise<readonly Hit<OktaUser>[]> {
  const users = await candidates(client, query, signal)
  return hitsAmong(users, (user) => evidenceFor(user, query))
}

async function candidates(
  client: OktaClient,
  query: PersonQuery,
  signal: AbortSignal,
): Promise<readonly OktaUser[]> {
  const { value } = query
  switch (query.kind) {
    case 'id':
      return await existing([value], client, signal)
    case 'login': {
      // A read by login is live, so its search is only for what can't stand in a path.
      const user = isReadableByLogin(value) ? await readByName(client, value, signal) : undefined
      const isMeant = user?.id === value || user?.profile.login.toLowerCase() === value.toLowerCase()
      if (user !== undefined && isMeant) return [user]
      const number = ['employeeNumber'] as const
      const properties = isReadableByLogin(value) ? number : (['login', ...number] as const)
      return await searched(client, properties, value, [], signal)
    }
    case 'address': {
      // Who came or was renamed a moment ago is not in the index yet.
      const direct = isReadableByLogin(value) ? await readByName(client, value, signal) : undefined
      const known = direct === undefined ? [] : [direct]
      return await searched(client, ['email', 'secondEmail', 'login'], value, known, signal)
    }
    case 'domain_login':
    case 'dn':
    case 'sid':
      return []
  }
}

async function searched(
  client: OktaClient,
  properties: readonly SearchedProperty[],
  value: string,
  known: readonly OktaUser[],
  signal: AbortSignal,
): Promise<readonly OktaUser[]> {
  const expression = equalsAny(properties, value)
  if (expression === undefined) return known
  const ids = await searchIds(client, expression, mostHits, signal)
  const others = ids.filter((id) => known.every((user) => user.id !== id))
  return [...known, ...(await existing(others, client, signal))]
}

async function existing(
  ids: readonly string[],
  client: OktaClient,
  signal: AbortSignal,
): Promise<readonly OktaUser[]> {
  const users = await Promise.all(
    ids.map((id) => readById(client, id, signal).catch((error: unknown) => unlessGone(error))),
  )
  return users.filter((user) => user !== undefined)
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof ConnectorError) || error.code !== 'not_found') throw error
}

/** By what the query meets the person as they are now; undefined when it does not. Pure. */
export function evidenceFor(user: Pick<OktaUser, 'id' | 'profile'>, query: PersonQuery): FoundBy | undefined {
  const { login, email, secondEmail, employeeNumber } = user.profile
  const isAsked = (name: string | undefined) => name?.toLowerCase() === query.value.toLowerCase()
  switch (query.kind) {
    case 'id':
      return user.id === query.value ? 'id' : undefined
    case 'login':
      if (user.id === query.value) return 'id'
      if (isAsked(login)) return 'login'
      return isAsked(employeeNumber) ? 'employee_id' : undefined
    case 'address':
      if (isAsked(email)) return 'email'
      if (isAsked(login)) return 'login'
      return isAsked(secondEmail) ? 'secondary_email' : undefined
    case 'domain_login':
    case 'dn':
    case 'sid':
      return undefined
  }
}
