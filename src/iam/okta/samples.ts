import type { OktaDeps } from '#src/iam/okta/deps.ts'
import { readById, searchIds } from '#src/iam/okta/people.ts'
import { readRoles } from '#src/iam/okta/roles.ts'
import type { OktaUser } from '#src/iam/okta/user.ts'

const mostLooked = 5

/**
 * Somebody without any role who is in that status, as Okta shows them to us; undefined when none was among the first few.
 * Administrators are no samples: no role but the highest reaches them. Where roles can't be read anybody is taken.
 */
export async function sampleIn(
  { client }: OktaDeps,
  status: OktaUser['status'],
  signal: AbortSignal,
): Promise<OktaUser | undefined> {
  for (const id of await searchIds(client, `status eq "${status}"`, mostLooked, signal)) {
    const user = await readById(client, id, signal)
    if (user.status !== status || user.transitioningTo !== undefined) continue
    const roles = await readRoles(client, id, signal).catch(() => [])
    if (roles.length === 0) return user
  }
  return undefined
}
