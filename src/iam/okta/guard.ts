import { ConnectorError } from '#src/errors.ts'
import type { OktaDeps } from '#src/iam/okta/deps.ts'
import { readById } from '#src/iam/okta/people.ts'
import { isDisabled } from '#src/iam/okta/plan.ts'
import { administrators, readRoles } from '#src/iam/okta/roles.ts'

/** Refuses the owner of our own API token, whoever approved. Throws `not_supported`. */
export async function assertNotOwn(deps: OktaDeps, id: string, signal: AbortSignal): Promise<void> {
  if ((await deps.ownId(signal)) === id)
    throw new ConnectorError('not_supported', 'This is our own account', { detail: 'own_account' })
}

/**
 * Refuses the last super administrator who can sign in: nobody could ever give one back. Throws `not_supported`, and
 * `not_permitted` where that can't be looked at.
 */
export async function assertNotLastAdministrator(
  deps: OktaDeps,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  if (!(await isSuperAdministrator(deps, id, signal))) return
  for await (const other of administrators(deps.client, signal)) {
    if (other === id || !(await isSuperAdministrator(deps, other, signal))) continue
    if (!isDisabled(await readById(deps.client, other, signal))) return
  }
  throw new ConnectorError('not_supported', 'Nobody else could administer this org', {
    detail: 'last_administrator',
  })
}

async function isSuperAdministrator({ client }: OktaDeps, id: string, signal: AbortSignal): Promise<boolean> {
  const roles = await readRoles(client, id, signal)
  return roles.some(({ type }) => type === 'SUPER_ADMIN')
}
