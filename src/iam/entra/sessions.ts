import { ConnectorError } from '#src/errors.ts'
import type { ChangeContext, ChangeResult, Remark, SessionsEnd, Skipped } from '#src/iam/connector.ts'
import { pathOf } from '#src/iam/url.ts'
import type { EntraDeps } from '#src/iam/entra/deps.ts'
import { readById } from '#src/iam/entra/people.ts'
import { graphRights } from '#src/iam/entra/permissions.ts'
import { whatIsMissing } from '#src/iam/entra/refused.ts'
import { type EntraUser, isGuest } from '#src/iam/entra/user.ts'

/** What a revocation does not reach. */
export function outlives(user: EntraUser): readonly Remark[] {
  return isGuest(user) ? ['tokens_live_on', 'sessions_at_home_tenant'] : ['tokens_live_on']
}

/**
 * Revokes all refresh tokens and browser sessions. Any success will do: the documentation notes answers with other codes
 * and bodies than its own. Sent again once when the answer was lost: it says "from now on", as often as it is sent.
 */
async function revoke(deps: EntraDeps, user: EntraUser, signal: AbortSignal): Promise<void> {
  const path = `${pathOf('users', user.id)}/revokeSignInSessions`
  const right = graphRights.revokeSessions
  const call = { method: 'POST', path, right, known: true } as const
  try {
    await deps.client.call(call, signal)
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    if (error.code === 'not_permitted') throw await whatIsMissing(deps, { user, right, error }, signal)
    if (error.code !== 'unknown_outcome' || signal.aborted) throw error
    await deps.client.call(call, signal)
  }
}

/** Ends the sessions after a change. What goes wrong is part of the answer: the change before it stands. */
export async function endSessions(
  deps: EntraDeps,
  user: EntraUser,
  signal: AbortSignal,
): Promise<SessionsEnd> {
  try {
    await revoke(deps, user, signal)
    return { kind: 'accepted' }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return { kind: 'failed', code: error.code, facts: error.facts }
  }
}

/** Ends the sessions and leaves the account as it is; a guest's are kept at home. Throws `ConnectorError`. */
export async function signOutPerson(
  deps: EntraDeps,
  id: string,
  { signal }: ChangeContext,
): Promise<ChangeResult | Skipped> {
  const user = await readById(deps.client, id, signal)
  if (isGuest(user)) return { skipped: 'guest' }
  await revoke(deps, user, signal)
  return { readBack: 'accepted', already: false, remarks: outlives(user), sessions: { kind: 'accepted' } }
}
