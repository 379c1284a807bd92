import { ConnectorError } from '#src/errors.ts'
import type { ChangeContext, ChangeResult, Skipped, SystemKind } from '#src/iam/connector.ts'
import { imageOf, readBefore } from '#src/iam/okta/before.ts'
import { pathOf } from '#src/iam/url.ts'
import type { OktaDeps } from '#src/iam/okta/deps.ts'
import { isWrongStatus } from '#src/iam/okta/errors.ts'
import { assertNotOwn } from '#src/iam/okta/guard.ts'
import { lookAgain } from '#src/iam/okta/lifecycle.ts'
import { readAtRest, readById } from '#src/iam/okta/people.ts'
import { oktaRights } from '#src/iam/okta/permissions.ts'
import { endSessions, outlivesRevocation } from '#src/iam/okta/sessions.ts'
import type { OktaUser } from '#src/iam/okta/user.ts'

/**
 * Ends the password, so that the person has to choose a new one at the next sign-in, and the sessions. Idempotent. Skipped
 * where somebody else keeps the password. Throws `ConnectorError`; `not_supported` for who can't sign in with a password
 * now. No link and no password ever comes back to us.
 */
export async function resetPersonPassword(
  deps: OktaDeps,
  id: string,
  context: ChangeContext,
): Promise<ChangeResult | Skipped> {
  const { signal } = context
  await assertNotOwn(deps, id, signal)
  const user = await readAtRest(deps, id, signal)
  if (isKeptElsewhere(user, deps.otherKinds))
    return { skipped: 'password_kept_elsewhere', where: user.provider?.name }
  const { status } = user
  const isExpired = status === 'PASSWORD_EXPIRED'
  if (!isExpired && status !== 'ACTIVE')
    throw new ConnectorError('not_supported', `No password to end in status ${status}`, {
      detail: whyNot[status],
      state: status,
    })
  const means = isExpired ? 'nothing' : 'expire_password'
  const before = readBefore(await context.step('before', async () => imageOf(user, means)))
  if (!isExpired) await expire(deps, id, signal)
  const sessions = await endSessions(deps, id, signal)
  const { readBack } = await lookAgain(deps, id, (now) => now.status === 'PASSWORD_EXPIRED', signal)
  return { readBack, already: before.means === 'nothing', remarks: outlivesRevocation, sessions }
}

const whyNot = {
  STAGED: 'never_activated',
  PROVISIONED: 'activation_pending',
  RECOVERY: 'reset_under_way',
  LOCKED_OUT: 'locked_by_failures',
  SUSPENDED: 'suspended',
  DEPROVISIONED: 'deactivated',
} as const

const directories: Readonly<Record<string, SystemKind>> = {
  ACTIVE_DIRECTORY: 'active-directory',
  LDAP: 'openldap',
}

/** A directory's password is ended there when Drawbridge knows the directory, else through Okta's agent. */
function isKeptElsewhere({ provider }: OktaUser, otherKinds: readonly SystemKind[]): boolean {
  if (provider === undefined || provider.type === 'OKTA' || provider.type === 'IMPORT') return false
  const directory = directories[provider.type]
  return directory === undefined || otherKinds.includes(directory)
}

async function expire(deps: OktaDeps, id: string, signal: AbortSignal): Promise<void> {
  const path = pathOf('api', 'v1', 'users', id, 'lifecycle', 'expire_password')
  try {
    await deps.client.call({ method: 'POST', path, right: oktaRights.expirePassword }, signal)
  } catch (error) {
    const isLost = error instanceof ConnectorError && error.code === 'unknown_outcome'
    if (!isLost && !isWrongStatus(error)) throw error
    const now = await readById(deps.client, id, signal).catch(() => undefined)
    if (now?.status !== 'PASSWORD_EXPIRED') throw error
  }
}
