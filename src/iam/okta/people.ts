import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { OktaClient } from '#src/iam/okta/client.ts'
import { pathOf } from '#src/iam/url.ts'
import type { OktaDeps } from '#src/iam/okta/deps.ts'
import { oktaRights } from '#src/iam/okta/permissions.ts'
import { type OktaUser, readAnswer, readUser, readUserIds } from '#src/iam/okta/user.ts'

const right = oktaRights.readPeople

/** Live read by id, never by login. Throws `not_found` when the account is gone, or the text is no id. */
export async function readById(client: OktaClient, id: string, signal: AbortSignal): Promise<OktaUser> {
  const user = /^[A-Za-z0-9]{1,64}$/.test(id) ? await readByName(client, id, signal) : undefined
  // Whoever has a login that looks like the id is somebody else.
  if (user?.id === id) return user
  throw new ConnectorError('not_found', 'Okta knows nobody with this id')
}

/**
 * Live read by what Okta takes for a name: an id, a login, or the part of a login before the `@` when only one fits. The
 * caller must compare. Undefined when nobody fits.
 */
export async function readByName(
  client: OktaClient,
  name: string,
  signal: AbortSignal,
): Promise<OktaUser | undefined> {
  try {
    const answer = await client.call(
      { method: 'GET', path: pathOf('api', 'v1', 'users', name), right },
      signal,
    )
    return readUser(answer.body)
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return undefined
    throw error
  }
}

/** The ids that the search index holds for an expression. The index is late: read each before believing it. */
export async function searchIds(
  client: OktaClient,
  search: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const query = { search, limit: String(limit) }
  const answer = await client.call({ method: 'GET', path: '/api/v1/users', query, right }, signal)
  return readUserIds(answer.body)
}

/** The owner of the API token that is used. */
export async function readTokenOwner(client: OktaClient, signal: AbortSignal): Promise<string> {
  const answer = await client.call({ method: 'GET', path: '/api/v1/users/me', right }, signal)
  return readUser(answer.body).id
}

const Groups = z.array(z.object({ id: z.string(), profile: z.object({ name: z.string() }) }))

/** The groups of a person. Okta's groups hold people only, never groups. */
export async function readGroups(
  client: OktaClient,
  id: string,
  signal: AbortSignal,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const path = pathOf('api', 'v1', 'users', id, 'groups')
  const answer = await client.call({ method: 'GET', path, right }, signal)
  return readAnswer(Groups, answer.body).map((group) => ({ id: group.id, name: group.profile.name }))
}

/** Live read of an account on which Okta is doing nothing. Throws `timed_out` when it does not come to rest. */
export async function readAtRest(deps: OktaDeps, id: string, signal: AbortSignal): Promise<OktaUser> {
  for (const afterMs of [0, ...deps.lookAgainAfterMs]) {
    if (afterMs > 0) await pause(afterMs, signal)
    const user = await readById(deps.client, id, signal)
    if (user.transitioningTo === undefined) return user
  }
  throw new ConnectorError('timed_out', 'Okta is still carrying out an earlier change', {
    detail: 'changing_now',
  })
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    throw new ConnectorError('timed_out', 'Told to stop while waiting', {}, error)
  }
}
