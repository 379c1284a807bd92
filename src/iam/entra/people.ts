import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { GraphCall, GraphClient } from '#src/iam/entra/client.ts'
import { pathOf } from '#src/iam/url.ts'
import { graphRights } from '#src/iam/entra/permissions.ts'
import { type EntraUser, readAnswer, readUser, readUsers, selected } from '#src/iam/entra/user.ts'

const right = graphRights.readUsers
const query = { $select: selected } as const

/** Live read by object id, never by name. Throws `not_found` when the account is gone, or the text is no id. */
export async function readById(client: GraphClient, id: string, signal: AbortSignal): Promise<EntraUser> {
  // Whatever is no id has another meaning in a path: a name, or a function of Graph.
  if (!z.guid().safeParse(id).success) throw nobody()
  const answer = await client.call(
    { method: 'GET', path: pathOf('users', id), query, right, known: true },
    signal,
  )
  const user = readUser(answer.body)
  // Whoever has a user principal name that looks like the id is somebody else.
  if (user.id.toLowerCase() !== id.toLowerCase()) throw nobody()
  return user
}

function nobody(): ConnectorError {
  return new ConnectorError('not_found', 'Entra knows nobody with this id')
}

/** The people whom a filter names, at most `limit`. An `advanced` one reads an index that is late. */
export async function searchPeople(
  client: GraphClient,
  search: { readonly filter: string; readonly advanced: boolean; readonly limit: number },
  signal: AbortSignal,
): Promise<readonly EntraUser[]> {
  const { filter, advanced, limit } = search
  const answer = await client.call(
    {
      method: 'GET',
      path: '/users',
      query: { ...query, $filter: filter, $top: String(limit), ...(advanced && { $count: 'true' }) },
      advanced,
      right,
    },
    signal,
  )
  return readUsers(answer.body)
}

/** The longest list that is read: a person in more groups than this is unheard of. */
const mostPages = 20

/** All entries of a list, page after page. */
export async function readAll<T>(
  client: GraphClient,
  call: GraphCall,
  entry: z.ZodType<T>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const Page = z.object({ value: z.array(entry), '@odata.nextLink': z.string().optional() })
  const entries: T[] = []
  let answer = await client.call(call, signal)
  for (let pages = 1; ; pages += 1) {
    const page = readAnswer(Page, answer.body)
    entries.push(...page.value)
    const next = page['@odata.nextLink']
    if (next === undefined) return entries
    if (pages === mostPages)
      throw new ConnectorError('bad_response', 'A list without end', { detail: 'endless_list' })
    answer = await client.follow(next, call, signal)
  }
}
