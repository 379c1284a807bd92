import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { RightCheck } from '#src/iam/connector.ts'
import { pathOf } from '#src/iam/url.ts'
import type { OktaDeps } from '#src/iam/okta/deps.ts'
import { oktaRights } from '#src/iam/okta/permissions.ts'
import { quotedValue } from '#src/iam/okta/search.ts'
import { readAnswer } from '#src/iam/okta/user.ts'

const Groups = z.array(z.object({ id: z.string() }))

/** Whether each protected group of the configuration is there: one that was renamed or mistyped would protect nobody. */
export async function checkProtectedGroups(
  deps: OktaDeps,
  signal: AbortSignal,
): Promise<readonly RightCheck[]> {
  return await Promise.all(deps.protectedGroups.map((group) => checkGroup(deps, group, signal)))
}

async function checkGroup(deps: OktaDeps, group: string, signal: AbortSignal): Promise<RightCheck> {
  const right = `protected group ${group}`
  try {
    const isThere = (await existsById(deps, group, signal)) || (await existsByName(deps, group, signal))
    if (isThere) return { right, status: 'granted', grantedBy: undefined }
    return {
      right,
      status: 'missing',
      grantedBy: 'an owner of Drawbridge, under protected_accounts',
      where: 'Okta has no group with this id or name',
    }
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'not_permitted') throw error
    const { permission, grantedBy } = error.facts
    return {
      right,
      status: 'not_provable',
      grantedBy,
      where: `groups can not be read without ${permission ?? ''}`,
    }
  }
}

async function existsById({ client }: OktaDeps, group: string, signal: AbortSignal): Promise<boolean> {
  if (!/^[A-Za-z0-9]{1,64}$/.test(group)) return false
  const call = {
    method: 'GET',
    path: pathOf('api', 'v1', 'groups', group),
    right: oktaRights.readGroups,
  } as const
  try {
    await client.call(call, signal)
    return true
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return false
    throw error
  }
}

async function existsByName({ client }: OktaDeps, name: string, signal: AbortSignal): Promise<boolean> {
  const quoted = quotedValue(name)
  if (quoted === undefined) return false
  const query = { search: `profile.name eq ${quoted}`, limit: '1' }
  const answer = await client.call(
    { method: 'GET', path: '/api/v1/groups', query, right: oktaRights.readGroups },
    signal,
  )
  return readAnswer(Groups, answer.body).length > 0
}
