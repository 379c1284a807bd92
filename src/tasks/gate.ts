import { ConnectorError } from '#src/errors.ts'
import { describeMatch, findTarget } from '#src/iam/find-target.ts'
import { readPersonQuery } from '#src/iam/person-query.ts'
import { accountKey, type FoundTarget, type MatchedAccount } from '#src/iam/target.ts'
import { lookUpDeps, lookUpTimeoutMs, protectionNow, type TaskDeps } from '#src/tasks/deps.ts'
import { knownAccounts, typedFor } from '#src/tasks/look-up.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'

/** What a system that could not be asked before says now. */
export type Identified =
  | { readonly kind: 'account'; readonly account: MatchedAccount }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'ambiguous'; readonly hits: number }

/** Everything about a task's accounts, read live right before the first change. */
export interface Gate {
  /** By `accountKey`; an account whose system did not answer is missing and is judged by its own job. */
  readonly accounts: ReadonlyMap<string, MatchedAccount>
  /** By system, for the systems that did answer. */
  readonly identified: ReadonlyMap<string, Identified>
  /** Every system answered: nobody found there means that nobody is there. */
  readonly complete: boolean
  /** All that the person's name finds now. */
  readonly found: readonly MatchedAccount[]
  /** Read a while ago: each account's own job looks once more before it changes anything. */
  readonly isOld?: boolean | undefined
}

/** Looks the target up anew in all systems at the same time. Changes nothing; a system that is away is left out. */
export async function lookBeforeChange(
  deps: TaskDeps,
  task: Task,
  enforcements: readonly Enforcement[],
  signal: AbortSignal,
): Promise<Gate> {
  const { known, text } = await deps.store.read(async (ctx) => ({
    known: await knownAccounts(ctx, task, enforcements),
    text: await typedFor(ctx, task, enforcements[0]?.person ?? 0),
  }))
  const query = readPersonQuery(text)
  const nothing: FoundTarget = { accounts: [], unasked: [], asked: [] }
  const found =
    query === undefined ? nothing : await findTarget(await lookUpDeps(deps, signal, { known }), query, signal)
  const byKey = new Map(found.accounts.map((account) => [accountKey(account), account]))
  const others = enforcements.filter(
    ({ systemId, accountId }) => accountId !== null && !byKey.has(accountKey({ systemId, accountId })),
  )
  const read = await Promise.all(others.map((one) => readAccount(deps, one, signal)))
  for (const account of read) if (account !== undefined) byKey.set(accountKey(account), account)
  const complete = found.unasked.length === 0
  return { accounts: byKey, identified: identify(found), complete, found: found.accounts }
}

/**
 * One account read live and judged. Throws `ConnectorError` when its system could not be asked or no longer knows it:
 * what could not be judged must not be changed.
 */
export async function judgeAccount(
  deps: TaskDeps,
  one: { readonly systemId: string; readonly accountId: string },
  signal: AbortSignal,
): Promise<MatchedAccount> {
  const connector = deps.connectors.find((other) => other.system.id === one.systemId)
  if (connector === undefined)
    throw new ConnectorError('misconfigured', `${one.systemId} is not configured`, {
      detail: 'system_removed',
    })
  const limit = AbortSignal.any([signal, AbortSignal.timeout(lookUpTimeoutMs(deps.rules))])
  try {
    const [account, protection] = await Promise.all([
      connector.read(one.accountId, limit),
      protectionNow(deps, limit),
    ])
    return describeMatch(
      { connectors: deps.connectors, protection },
      { systemId: one.systemId, account, evidence: { by: 'id' }, confident: true },
    )
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ConnectorError || !limit.aborted) throw error
    throw new ConnectorError('timed_out', `${one.systemId} gave no answer in time`, {}, error)
  }
}

/** The same for looking only: undefined when the account could not be read. */
export async function readAccount(
  deps: TaskDeps,
  one: Pick<Enforcement, 'systemId' | 'accountId'>,
  signal: AbortSignal,
): Promise<MatchedAccount | undefined> {
  const { systemId, accountId } = one
  if (accountId === null) return undefined
  try {
    return await judgeAccount(deps, { systemId, accountId }, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ConnectorError))
      deps.log.error({ err: error, system: systemId }, 'a connector failed unexpectedly while reading')
    return undefined
  }
}

/** Per system that answered: the one account that surely is the person's, nobody, or more than can be told apart. */
export function identify(found: FoundTarget): Map<string, Identified> {
  return new Map(
    found.asked.map((systemId): [string, Identified] => {
      const hits = found.accounts.filter((account) => account.systemId === systemId)
      const sure = hits.find((account) => account.confident)
      if (sure !== undefined) return [systemId, { kind: 'account', account: sure }]
      return [systemId, hits.length === 0 ? { kind: 'nobody' } : { kind: 'ambiguous', hits: hits.length }]
    }),
  )
}
