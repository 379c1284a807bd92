import type { OktaDeps } from '#src/iam/okta/deps.ts'
import { readById, searchIds } from '#src/iam/okta/people.ts'
import { readRoles } from '#src/iam/okta/roles.ts'
import type { OktaUser } from '#src/iam/okta/user.ts'

const mostLooked = 5

/**
 * Whether Okta links an operation for us to people in that status who hold no role: no role but the highest reaches
 * administrators, so they show nothing. Where roles can't be read, a missing link may only mean that. Undefined when
 * the first few people show nothing.
 */
export async function isLinked(
  { client }: OktaDeps,
  { status, name }: { readonly status: OktaUser['status']; readonly name: string },
  signal: AbortSignal,
): Promise<boolean | undefined> {
  for (const id of await searchIds(client, `status eq "${status}"`, mostLooked, signal)) {
    const user = await readById(client, id, signal)
    if (user.status !== status || user.transitioningTo !== undefined) continue
    if (user.links.includes(name)) return true
    const roles = await readRoles(client, id, signal).catch(() => undefined)
    if (roles?.length === 0) return false
  }
  return undefined
}
