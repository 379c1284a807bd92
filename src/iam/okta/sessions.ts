import { ConnectorError } from '#src/errors.ts'
import type { ChangeContext, ChangeResult, Remark, SessionsEnd } from '#src/iam/connector.ts'
import { pathOf } from '#src/iam/url.ts'
import type { OktaDeps } from '#src/iam/okta/deps.ts'
import { assertNotOwn } from '#src/iam/okta/guard.ts'
import { oktaRights } from '#src/iam/okta/permissions.ts'

/** What lives on whatever is revoked: sessions of applications, and access tokens that an API checks by itself. */
export const outlivesRevocation: readonly Remark[] = ['app_sessions_live_on', 'tokens_live_on']

const lost: ReadonlySet<string> = new Set(['unknown_outcome', 'unavailable'])

/** Revokes once more where the answer was lost: done twice is as good as once. */
async function revoke({ client }: OktaDeps, id: string, signal: AbortSignal): Promise<void> {
  const call = {
    method: 'DELETE',
    path: pathOf('api', 'v1', 'users', id, 'sessions'),
    query: { oauthTokens: 'true', forgetDevices: 'true' },
    right: oktaRights.endSessions,
  } as const
  try {
    await client.call(call, signal)
  } catch (error) {
    if (!(error instanceof ConnectorError) || !lost.has(error.code)) throw error
    await client.call(call, signal)
  }
}

/**
 * Revokes Okta's own sessions, the tokens that Okta gave to applications, and remembered devices. Okta gives no way to
 * look at the sessions of a person. A failure is part of the answer: the change before it stands.
 */
export async function endSessions(deps: OktaDeps, id: string, signal: AbortSignal): Promise<SessionsEnd> {
  try {
    await revoke(deps, id, signal)
    return { kind: 'accepted' }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return { kind: 'failed', code: error.code, facts: error.facts }
  }
}

/** Ends the sessions and leaves the account as it is. Throws `ConnectorError`; a missing person is `not_found`. */
export async function signOutPerson(
  deps: OktaDeps,
  id: string,
  { signal }: ChangeContext,
): Promise<ChangeResult> {
  await assertNotOwn(deps, id, signal)
  await revoke(deps, id, signal)
  return {
    readBack: 'accepted',
    already: false,
    remarks: outlivesRevocation,
    sessions: { kind: 'accepted' },
  }
}
