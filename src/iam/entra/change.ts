import { z } from 'zod'
import { ConnectorError, type ConnectorErrorCode } from '#src/errors.ts'
import type { ChangeContext, ChangeResult, ReadBack, SessionsEnd } from '#src/iam/connector.ts'
import { pathOf } from '#src/iam/url.ts'
import type { EntraDeps } from '#src/iam/entra/deps.ts'
import { pause } from '#src/iam/entra/pause.ts'
import { readById } from '#src/iam/entra/people.ts'
import { type GraphRight, graphRights } from '#src/iam/entra/permissions.ts'
import { readChangeable } from '#src/iam/entra/privileges.ts'
import { whatIsMissing } from '#src/iam/entra/refused.ts'
import { endSessions, outlives } from '#src/iam/entra/sessions.ts'
import type { EntraUser } from '#src/iam/entra/user.ts'

/** What Disable replaced. */
const Before = z.object({ accountEnabled: z.boolean() })

/**
 * Sets `accountEnabled` to false ("Update user"), ends the sessions, and reads the account back by id. Idempotent: who is
 * disabled already stays so, only the sessions are ended. Throws `ConnectorError`; `not_supported` for the account of the
 * directory synchronization.
 */
export async function disablePerson(
  deps: EntraDeps,
  id: string,
  context: ChangeContext,
): Promise<ChangeResult> {
  const { signal } = context
  const user = await readChangeable(deps.client, id, signal)
  const { accountEnabled } = user
  const before = Before.parse(await context.step('before', async () => ({ accountEnabled })))
  if (accountEnabled) await setEnabled(deps, user, false, signal)
  const sessions: SessionsEnd = context.endSessions
    ? await endSessions(deps, user, signal)
    : { kind: 'not_asked' }
  const readBack = await lookAgain(deps, id, (now) => !now.accountEnabled, signal)
  return { readBack, already: !before.accountEnabled, remarks: outlives(user), sessions }
}

/**
 * Sets `accountEnabled` to true, unless the account was disabled before Drawbridge came: then it stays so (`drifted`,
 * `lock_restored`). Idempotent. Throws `ConnectorError`.
 */
export async function enablePerson(
  deps: EntraDeps,
  id: string,
  { before: kept, signal }: ChangeContext,
): Promise<ChangeResult> {
  const before = kept === undefined ? undefined : Before.parse(kept)
  const user = await readById(deps.client, id, signal)
  if (before?.accountEnabled === false && !user.accountEnabled)
    return { readBack: 'drifted', already: false, remarks: ['lock_restored'] }
  if (!user.accountEnabled) await setEnabled(deps, user, true, signal)
  const readBack = await lookAgain(deps, id, (now) => now.accountEnabled, signal)
  const remarks = before === undefined && !user.accountEnabled ? (['before_image_missing'] as const) : []
  return { readBack, already: user.accountEnabled, remarks }
}

async function setEnabled(
  deps: EntraDeps,
  user: EntraUser,
  accountEnabled: boolean,
  signal: AbortSignal,
): Promise<void> {
  const wanted = (now: EntraUser) => now.accountEnabled === accountEnabled
  await patchPerson(deps, user, { accountEnabled }, graphRights.enableDisable, wanted, signal)
}

/**
 * Changes one person. A lost answer is looked after, and the change sent once more when it does not show: it sets a state.
 * Throws `not_permitted` with what is really missing: the permission, or a role to act on administrators.
 */
export async function patchPerson(
  deps: EntraDeps,
  user: EntraUser,
  body: object,
  right: GraphRight,
  shows: (now: EntraUser) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const call = { method: 'PATCH', path: pathOf('users', user.id), body, right, known: true } as const
  try {
    await deps.client.call(call, signal)
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    if (error.code === 'not_permitted') throw await whatIsMissing(deps, { user, right, error }, signal)
    if (error.code !== 'unknown_outcome' || signal.aborted) throw error
    await stillDoubtful(error, async () => {
      if (!shows(await readById(deps.client, user.id, signal))) await deps.client.call(call, signal)
    })
  }
}

// Then nothing shows what became of the change that was sent first.
const silences: ReadonlySet<ConnectorErrorCode> = new Set([
  'unavailable',
  'timed_out',
  'rate_limited',
  'bad_response',
])

/** Runs what clears a doubt up. Throws the doubt again where the system says nothing that would. */
async function stillDoubtful(doubt: ConnectorError, clear: () => Promise<void>): Promise<void> {
  try {
    await clear()
  } catch (error) {
    throw error instanceof ConnectorError && silences.has(error.code) ? doubt : error
  }
}

/**
 * Reads by id until the change shows. Writes spread for seconds, so a first old value says nothing. `unreachable` when the
 * account can't be read any more.
 */
export async function lookAgain(
  deps: EntraDeps,
  id: string,
  shows: (now: EntraUser) => boolean,
  signal: AbortSignal,
): Promise<ReadBack> {
  try {
    for (const delayMs of [0, ...deps.readBackDelaysMs]) {
      if (delayMs > 0) await pause(delayMs, signal)
      if (shows(await readById(deps.client, id, signal))) return 'verified'
    }
    return 'drifted'
  } catch (error) {
    if (error instanceof ConnectorError) return 'unreachable'
    throw error
  }
}
