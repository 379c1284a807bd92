import type { ChangeContext, ChangeResult, Skipped } from '#src/iam/connector.ts'
import { patchPerson } from '#src/iam/entra/change.ts'
import type { EntraDeps } from '#src/iam/entra/deps.ts'
import { graphRights } from '#src/iam/entra/permissions.ts'
import { readChangeable } from '#src/iam/entra/privileges.ts'
import { endSessions, outlives } from '#src/iam/entra/sessions.ts'
import { isGuest, isSynchronized } from '#src/iam/entra/user.ts'

/**
 * Has the person asked for a new password at the next sign-in, and ends the sessions, without which nobody is asked for a
 * long time. Graph does not show the demand afterwards: `accepted`. A synchronized person's password is kept on-premises
 * and is demanded there; here only the sessions are ended. A guest's is kept at home. Throws `ConnectorError`;
 * `not_supported` for the account of the directory synchronization.
 */
export async function resetPersonPassword(
  deps: EntraDeps,
  id: string,
  { signal }: ChangeContext,
): Promise<ChangeResult | Skipped> {
  const user = await readChangeable(deps.client, id, signal)
  if (isGuest(user)) return { skipped: 'guest' }
  if (!isSynchronized(user)) {
    const demand = deps.settings.resetRequiresMfa
      ? { forceChangePasswordNextSignInWithMfa: true }
      : { forceChangePasswordNextSignIn: true }
    // Nothing shows that it took place, so a lost answer is always followed by a second try.
    await patchPerson(deps, user, { passwordProfile: demand }, graphRights.resetPassword, () => false, signal)
  }
  const sessions = await endSessions(deps, user, signal)
  return {
    readBack: 'accepted',
    already: false,
    remarks: [...outlives(user), ...(isSynchronized(user) ? (['prompt_needs_writeback'] as const) : [])],
    sessions,
  }
}
