import type { ChangeContext, ChangeResult, Remark, SessionsEnd } from '#src/iam/connector.ts'
import { imageOf, meansOf, type OktaBefore, readBefore, undoOf } from '#src/iam/okta/before.ts'
import type { OktaDeps } from '#src/iam/okta/deps.ts'
import { assertNotLastAdministrator, assertNotOwn } from '#src/iam/okta/guard.ts'
import { carryOut, lookAgain } from '#src/iam/okta/lifecycle.ts'
import { isDisabled, planDisable, planEnable } from '#src/iam/okta/plan.ts'
import { endSessions, outlivesRevocation } from '#src/iam/okta/sessions.ts'
import type { OktaUser } from '#src/iam/okta/user.ts'

/**
 * Suspends the account, or deactivates it where it can't be suspended and that is allowed, ends its sessions, and reads it
 * back by id. Idempotent: who is disabled already stays exactly so, only the sessions are ended. Throws `ConnectorError`;
 * `not_supported` with `unsuspendable` for who could still come back and was not to be deactivated.
 */
export async function disablePerson(
  deps: OktaDeps,
  id: string,
  context: ChangeContext,
): Promise<ChangeResult> {
  const { signal } = context
  const mayDeactivate = context.mayDeactivate || deps.settings.unsuspendable === 'deactivate'
  await assertNotOwn(deps, id, signal)
  let before: OktaBefore | undefined
  const reached = await carryOut(
    deps,
    id,
    signal,
    (user) => planDisable(user, mayDeactivate),
    async (user, plan) => {
      if (plan.kind === 'steps') await assertNotLastAdministrator(deps, id, signal)
      before ??= readBefore(await context.step('before', async () => imageOf(user, meansOf(plan))))
    },
  )
  const isOurs = reached.plan.kind === 'steps' || (before?.means !== 'nothing' && !reached.overtaken)
  const hadSessions = isOurs || reached.user.status === 'SUSPENDED'
  const sessions = await sessionsAfter(deps, id, hadSessions, context)
  const { readBack, user } = await lookAgain(deps, id, isDisabled, signal)
  const deactivated = isOurs && user?.status === 'DEPROVISIONED'
  return {
    readBack,
    already: !isOurs,
    remarks: [
      ...(hadSessions ? outlivesRevocation : []),
      ...(deactivated ? (['assignments_may_be_lost'] as const) : []),
    ],
    ...(sessions !== undefined && { sessions }),
  }
}

/** Who was never activated, or deactivated long ago, has no sessions to end. */
async function sessionsAfter(
  deps: OktaDeps,
  id: string,
  hadSessions: boolean,
  context: ChangeContext,
): Promise<SessionsEnd | undefined> {
  if (!hadSessions) return undefined
  return context.endSessions ? await endSessions(deps, id, context.signal) : { kind: 'not_asked' }
}

/**
 * Undoes what the before-image says that Disable did, or nothing. Who was disabled before Drawbridge came stays so
 * (`drifted`, `lock_restored`); a status that Disable did not leave is left to whoever set it. Idempotent. Throws
 * `ConnectorError`.
 */
export async function enablePerson(
  deps: OktaDeps,
  id: string,
  context: ChangeContext,
): Promise<ChangeResult> {
  const before = context.before === undefined ? undefined : readBefore(context.before)
  const undo = before === undefined ? undefined : undoOf(before)
  const decide = (user: OktaUser) => planEnable(user, undo)
  const { plan } = await carryOut(deps, id, context.signal, decide, async () => {})
  if (plan.kind === 'stays') return { readBack: 'drifted', already: false, remarks: ['lock_restored'] }
  const { readBack, user } = await lookAgain(deps, id, (now) => !isDisabled(now), context.signal)
  const remarks = plan.kind === 'steps' ? remarksOf(before, user) : []
  return { readBack, already: plan.kind === 'already', remarks }
}

/** What is not as it was. Pure. */
function remarksOf(before: OktaBefore | undefined, user: OktaUser | undefined): readonly Remark[] {
  if (before === undefined) return ['before_image_missing']
  const remarks: Remark[] = before.means === 'deactivate' ? ['assignments_may_be_lost'] : []
  if (before.status === 'LOCKED_OUT') return [...remarks, 'lockout_not_restored']
  if (user !== undefined && user.status !== before.status) remarks.push('status_differs')
  return remarks
}
