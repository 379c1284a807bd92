import { type AccountRef, insertEnforcements } from '#db/queries/enforcements.ts'
import { keepOnce } from '#db/queries/journal.ts'
import { unfinishedOnAccounts } from '#db/queries/tasks.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { whyForbidden } from '#src/approvals/policy.ts'
import { accountKey, type MatchedAccount } from '#src/iam/target.ts'
import { newId } from '#src/ids.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import type { Gate } from '#src/tasks/gate.ts'
import { holdBack, ledElsewhere } from '#src/tasks/hold.ts'
import { foundAtRequest } from '#src/tasks/look-up.ts'
import { cancelOpenEnables, isTaken, type Standings, standingOn, standingsOn } from '#src/tasks/newest.ts'
import { leadersFirst, masteringSystems, mustWait } from '#src/tasks/order.ts'
import { readPerson } from '#src/tasks/rows.ts'
import { sendEnforcements, type Sending } from '#src/tasks/send.ts'
import { type Ending, failed, settleEnforcement, skipped } from '#src/tasks/settle.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'
import { reply } from '#src/tasks/thread.ts'

/**
 * Hands each account of a person to a job, those first that others follow. Accounts that were found only now are added;
 * what the gate or a newer task forbids ends here.
 */
export async function handOut(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  enforcements: readonly Enforcement[],
  gate: Gate,
): Promise<void> {
  const added = await addFoundOnlyNow(ctx, deps, task, enforcements, gate)
  const all = inOrder(deps, [...enforcements, ...added], gate)
  const standings = await standingsOn(
    ctx,
    task,
    all.flatMap((one) => accountOf(one, gate) ?? []),
  )
  const sendings: Sending[] = []
  for (const one of all) sendings.push(...(await hand(ctx, deps, task, one, gate, standings)))
  await sendEnforcements(ctx, deps, sendings)
}

function accountOf(one: Enforcement, gate: Gate): AccountRef | undefined {
  const accountId = judgedAccount(one, gate)?.accountId ?? one.accountId
  return accountId === null ? undefined : { systemId: one.systemId, accountId }
}

/** Whether another task is changing one of the accounts right now. */
export async function isBusy(
  ctx: ReadContext,
  task: Task,
  enforcements: readonly Enforcement[],
): Promise<boolean> {
  const accounts = enforcements.flatMap(({ systemId, accountId }) =>
    accountId === null ? [] : [{ systemId, accountId }],
  )
  const open = await unfinishedOnAccounts(ctx, accounts)
  return open.some((other) => other.task.id !== task.id && isTaken(other))
}

/** What is known now about which account masters which, and those that master others first. */
function inOrder(deps: TaskDeps, all: readonly Enforcement[], gate: Gate): readonly Enforcement[] {
  const placed = all.map((one) => {
    if (one.accountId !== null || judgedAccount(one, gate)?.synchronized !== true) return one
    return { ...one, follows: masteringSystems(deps.connectors, one.systemId) }
  })
  return leadersFirst(placed)
}

/** By which the target is recognised, as far as the gate knows its accounts. */
export function emailsAt(gate: Gate, enforcements: readonly Enforcement[]): readonly string[] {
  const emails = enforcements.flatMap((one) => judgedAccount(one, gate)?.emails ?? [])
  return emails.map((email) => email.toLowerCase())
}

/** What the gate knows about an enforcement's account, also one that was identified only now. */
export function judgedAccount(one: Enforcement, gate: Gate): MatchedAccount | undefined {
  const { systemId, accountId } = one
  if (accountId !== null) return gate.accounts.get(accountKey({ systemId, accountId }))
  const found = gate.identified.get(systemId)
  return found?.kind === 'account' ? found.account : undefined
}

/** What of one enforcement is to go to a job: nothing where the gate or a newer task already tells how it ends. */
async function hand(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  gate: Gate,
  standings: Standings,
): Promise<readonly Sending[]> {
  const end = async (ending: Ending): Promise<readonly Sending[]> => {
    await settleEnforcement(ctx, deps, task, { ...one, startedAt: deps.clock.now() }, ending)
    return []
  }
  const found = one.accountId === null ? gate.identified.get(one.systemId) : undefined
  if (found?.kind === 'nobody' && gate.complete) return await end(skipped({ kind: 'nobody_there' }))
  if (found?.kind === 'ambiguous') return await end(failed({ kind: 'ambiguous', hits: found.hits }))
  const account = judgedAccount(one, gate)
  const why = account === undefined ? undefined : whyForbidden(task, account.protection)
  if (why !== undefined) return await end(failed({ kind: 'protected', why }))
  const ref = accountOf(one, gate)
  if (ref !== undefined) {
    const standing = standings(ref, one.accountId === null ? 'later' : 'first_start')
    if (standing.kind === 'lapsed') return await end(failed({ kind: 'newer_task', taskId: standing.taskId }))
    // An account that only now is known and that another task is changing: its own job asks again.
    if (standing.kind === 'busy') return [{ one, run: one.run, by: 'system' }]
    if (task.action === 'disable_account' && one.accountId === null)
      await cancelOpenEnables(ctx, deps, [ref], task.id)
  }
  if (one.follows !== null) {
    await keepWhatLeads(ctx, deps, task, one, gate)
    const all = await readPerson(ctx, task.id, one.person)
    if (mustWait(task.action, one, all)) {
      const { accountId, login, emails } = account ?? one
      await holdBack(ctx, deps, { ...one, accountId, login, emails }, { run: one.run, by: 'system' })
      return []
    }
  }
  const judged = account !== undefined && gate.isOld !== true
  return [{ one, run: one.run, by: 'system', account, judged }]
}

/** The account that masters this one may be as wanted already, and then it is in no task. */
async function keepWhatLeads(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  gate: Gate,
): Promise<void> {
  const wanted = task.action === 'disable_account' ? 'disabled' : 'enabled'
  const leads = gate.found.some(
    (account) => account.confident && account.state === wanted && one.follows?.includes(account.systemId),
  )
  if (leads) await keepOnce(ctx, one.id, ledElsewhere, true, deps.clock.now())
}

/** Accounts that the form's look-up could not know: changed too when the match is sure and nothing protects them. */
async function addFoundOnlyNow(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  enforcements: readonly Enforcement[],
  gate: Gate,
): Promise<readonly Enforcement[]> {
  if (task.action === 'enable_account' || task.mayDeactivate) return []
  const person = enforcements[0]?.person ?? 0
  const atRequest = await foundAtRequest(ctx, task, person)
  if (atRequest === undefined) return []
  const known = new Set(atRequest.accounts.map(accountKey))
  const asked = new Set(enforcements.filter((one) => one.accountId === null).map((one) => one.systemId))
  const fresh = gate.found.filter((one) => !known.has(accountKey(one)) && !asked.has(one.systemId))
  const wanted: MatchedAccount[] = []
  for (const account of fresh) {
    const why = (await whyCovered(ctx, task, account)) ?? whyLeftOut(account)
    const about = { v: 1, taskId: task.id, systemId: account.systemId, login: account.login } as const
    if (why === undefined) {
      wanted.push(account)
      await cancelOpenEnables(ctx, deps, [account], task.id)
    }
    // The thread of a list tells of failures only; the file of its results has every account.
    if (person === 0)
      await reply(
        ctx,
        deps.clock,
        why === undefined ? { ...about, kind: 'account_added' } : { ...about, kind: 'account_left_out', why },
      )
  }
  if (wanted.length === 0) return []
  await insertEnforcements(
    ctx,
    wanted.map((account, index) => ({
      id: newId(),
      taskId: task.id,
      action: task.action,
      person,
      position: enforcements.length + index,
      systemId: account.systemId,
      systemKind: account.systemKind,
      accountId: account.accountId,
      login: account.login,
      emails: account.emails,
      evidence: account.evidence,
      status: 'waiting',
      run: 1,
      already: false,
      remarks: [],
      follows: account.synchronized === true ? masteringSystems(deps.connectors, account.systemId) : null,
    })),
  )
  return (await readPerson(ctx, task.id, person)).slice(enforcements.length)
}

async function whyCovered(
  ctx: WriteContext,
  task: Task,
  account: MatchedAccount,
): Promise<string | undefined> {
  const standing = await standingOn(ctx, task, account, 'later')
  if (standing.kind !== 'free') return `${standing.taskId} covers it`
  const same = (await unfinishedOnAccounts(ctx, [account])).find((other) => other.task.action === task.action)
  return same === undefined ? undefined : `${same.task.id} covers it`
}

function whyLeftOut(account: MatchedAccount): string | undefined {
  if (account.protection.kind !== 'none') return account.protection.why
  return account.confident ? undefined : 'it may belong to somebody else'
}
