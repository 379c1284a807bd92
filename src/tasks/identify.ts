import { findEnforcement, updateEnforcement } from '#db/queries/enforcements.ts'
import { ConnectorError, connectorErrorCodes } from '#src/errors.ts'
import type { IamConnector } from '#src/iam/connector.ts'
import { findTarget } from '#src/iam/find-target.ts'
import { readPersonQuery } from '#src/iam/person-query.ts'
import type { FoundTarget, MatchedAccount } from '#src/iam/target.ts'
import { lookUpDeps, type TaskDeps } from '#src/tasks/deps.ts'
import { identify } from '#src/tasks/gate.ts'
import { knownAccounts, typedFor } from '#src/tasks/look-up.ts'
import { cancelOpenEnables, standingOn } from '#src/tasks/newest.ts'
import { readPerson } from '#src/tasks/rows.ts'
import { type Ending, failed, skipped } from '#src/tasks/settle.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'

/** Whom an enforcement is about, once its system can be asked. */
export type IdentifiedNow =
  | { readonly kind: 'account'; readonly one: Enforcement & { readonly accountId: string } }
  | { readonly kind: 'ended'; readonly ending: Ending }
  /** Another task is changing the account: ask again in a moment. */
  | { readonly kind: 'busy' }
  /** Nobody so far, but another system that could name the person has not answered yet. */
  | { readonly kind: 'nobody_yet' }

/**
 * Finds the account of an enforcement whose system could not be asked before. It must fit the accounts that the task
 * covers already, and no newer task may cover it. Throws `ConnectorError` when the system is still away.
 */
export async function identifyNow(
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  connector: IamConnector,
  signal: AbortSignal,
): Promise<IdentifiedNow> {
  const { known, othersOpen, query } = await deps.store.read(async (ctx) => {
    const enforcements = await readPerson(ctx, task.id, one.person)
    const open = (other: Enforcement) =>
      other.id !== one.id && other.accountId === null && other.status === 'running'
    return {
      known: [...(await knownAccounts(ctx, task, enforcements)), ...identifiedSince(enforcements)],
      othersOpen: enforcements.some(open),
      query: readPersonQuery(await typedFor(ctx, task, one.person)),
    }
  })
  if (query === undefined) return { kind: 'ended', ending: skipped({ kind: 'nobody_there' }) }
  const found = await findTarget(
    await lookUpDeps(deps, signal, { connectors: [connector], known }),
    query,
    signal,
  )
  const answer = identify(found).get(one.systemId)
  if (answer === undefined) throw notAsked(found, one.systemId)
  if (answer.kind === 'ambiguous')
    return { kind: 'ended', ending: failed({ kind: 'ambiguous', hits: answer.hits }) }
  if (answer.kind === 'account') return await take(deps, task, one, answer.account)
  // A login of one domain or an id says nothing to another system: it needs an address that a third one knows.
  const everywhere = query.kind === 'address' || query.kind === 'login'
  if (!everywhere && othersOpen) return { kind: 'nobody_yet' }
  return { kind: 'ended', ending: skipped({ kind: 'nobody_there' }) }
}

// Accounts that were identified after the form: the first address is the one to recognise them by, not to follow.
function identifiedSince(enforcements: readonly Enforcement[]) {
  return enforcements.filter((one) => one.accountId !== null).map(({ emails }) => ({ emails }))
}

// With all that the system said: above all how long nobody is to ask it.
function notAsked(found: FoundTarget, systemId: string): ConnectorError {
  const [said] = found.unasked
  const code = connectorErrorCodes.find((known) => known === said?.code) ?? 'unavailable'
  return new ConnectorError(code, `${systemId} could not be asked`, said?.facts)
}

/** Attaches the account, in one transaction with the question who else covers it. */
async function take(
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  account: MatchedAccount,
): Promise<IdentifiedNow> {
  const { accountId, login, emails, systemId } = account
  return await deps.store.write(async (ctx): Promise<IdentifiedNow> => {
    const row = await findEnforcement(ctx, one.id)
    const standing = await standingOn(ctx, task, { systemId, accountId }, 'later')
    if (standing.kind === 'lapsed')
      return { kind: 'ended', ending: failed({ kind: 'newer_task', taskId: standing.taskId }) }
    if (standing.kind === 'busy' || row === undefined || row.run !== one.run) return { kind: 'busy' }
    if (task.action === 'disable_account')
      await cancelOpenEnables(ctx, deps, [{ systemId, accountId }], task.id)
    await updateEnforcement(ctx, one.id, { accountId, login, emails })
    return { kind: 'account', one: { ...one, accountId, login, emails } }
  })
}
