import { z } from 'zod'
import { disablesNotUndone } from '#db/queries/enforcements.ts'
import { findLookUp, insertLookUp } from '#db/queries/look-ups.ts'
import { findTaskPerson } from '#db/queries/task-people.ts'
import { lastTasksAbout } from '#db/queries/tasks.ts'
import type { ReadContext } from '#db/store.ts'
import { ConnectorError, type ConnectorErrorFacts, UserError } from '#src/errors.ts'
import { describeMatch, findTarget } from '#src/iam/find-target.ts'
import { longestPersonText, readPersonQuery } from '#src/iam/person-query.ts'
import { accountKey, FoundTarget, type MatchedAccount } from '#src/iam/target.ts'
import { newId } from '#src/ids.ts'
import type { Actor } from '#src/people/actor.ts'
import { lookUpDeps, lookUpTimeoutMs, protectionNow, type TaskDeps } from '#src/tasks/deps.ts'
import { readTask, taskFrom } from '#src/tasks/rows.ts'
import { type Action, actions, type Enforcement, type Task } from '#src/tasks/task.ts'

const StoredAction = z.enum(actions)

/** One look-up as a form shows it. */
export interface LookUp {
  readonly id: string
  readonly action: Action
  readonly personText: string
  readonly channelId: string
  readonly fromTask: string | undefined
  /** What is made of it deactivates accounts that cannot be suspended. */
  readonly mayDeactivate: boolean
  readonly found: FoundTarget
}

/**
 * Asks every IAM system live who the text means, without keeping anything. Throws `UserError` (field `person`) for a
 * text that can name nobody.
 */
export async function findPerson(deps: TaskDeps, text: string, signal: AbortSignal): Promise<FoundTarget> {
  const query = readPersonQuery(text)
  if (query === undefined) throw unreadable(text)
  return await findTarget(await lookUpDeps(deps, signal), query, signal)
}

function unreadable(text: string): UserError {
  if (text.trim() === '')
    return new UserError('nothing_typed', 'Type an e-mail address, a login, or mention the person.', 'person')
  if (text.length > longestPersonText)
    return new UserError(
      'too_long',
      `A name has at most ${longestPersonText} characters. Type an e-mail address or a login.`,
      'person',
    )
  return new UserError(
    'not_understood',
    'I cannot read that as a name. Type an e-mail address or a login.',
    'person',
  )
}

/** Looks a person up and keeps the answer: what is ticked afterwards means these accounts and no others. */
export async function lookUpPerson(
  deps: TaskDeps,
  request: {
    readonly action: Action
    readonly actor: Actor
    readonly channelId: string
    readonly personText: string
  },
  signal: AbortSignal,
): Promise<LookUp> {
  const personText = request.personText.trim()
  const found = await findPerson(deps, personText, signal)
  return await keep(deps, { ...request, personText, fromTask: undefined, mayDeactivate: false, found })
}

/**
 * The look-up behind a button of a Disable task: its accounts, read live. **Enable User Account** means all it changed;
 * **Deactivate instead** the one account of `enforcementId`.
 */
export async function lookUpTask(
  deps: TaskDeps,
  request: {
    readonly taskId: string
    readonly actor: Actor
    readonly channelId: string
    readonly deactivate?: string | undefined
  },
  signal: AbortSignal,
): Promise<LookUp> {
  const read = await deps.store.read((ctx) => readTask(ctx, request.taskId))
  if (read === undefined) throw new UserError('not_found', 'I no longer know this task.')
  const { deactivate } = request
  const mine = read.enforcements.filter(
    (one) =>
      one.accountId !== null &&
      one.status !== 'skipped' &&
      (deactivate === undefined || one.id === deactivate),
  )
  const found = await readLiveAll(deps, read.task, mine, signal)
  const { personText } = read.task
  return await keep(deps, {
    actor: request.actor,
    channelId: request.channelId,
    action: deactivate === undefined ? 'enable_account' : 'disable_account',
    mayDeactivate: deactivate !== undefined,
    personText,
    fromTask: request.taskId,
    found,
  })
}

type LiveAnswer =
  | { readonly kind: 'account'; readonly account: MatchedAccount }
  | { readonly kind: 'unasked'; readonly system: FoundTarget['unasked'][number] }
  | { readonly kind: 'gone' }

/** The accounts of these enforcements, read live at the same time. An account that is gone is left out. */
export async function readLiveAll(
  deps: TaskDeps,
  task: Task,
  enforcements: readonly Enforcement[],
  signal: AbortSignal,
): Promise<FoundTarget> {
  const answers = await Promise.all(enforcements.map((one) => readLive(deps, task, one, signal)))
  return {
    accounts: answers.flatMap((answer) => (answer.kind === 'account' ? [answer.account] : [])),
    unasked: answers.flatMap((answer) => (answer.kind === 'unasked' ? [answer.system] : [])),
    asked: answers.flatMap((answer) => (answer.kind === 'account' ? [answer.account.systemId] : [])),
  }
}

async function readLive(
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  signal: AbortSignal,
): Promise<LiveAnswer> {
  const connector = deps.connectors.find((other) => other.system.id === one.systemId)
  const unasked = (code: string, facts?: ConnectorErrorFacts): LiveAnswer => ({
    kind: 'unasked',
    system: { systemId: one.systemId, systemKind: one.systemKind, code, facts },
  })
  if (connector === undefined || one.accountId === null) return unasked('misconfigured')
  const limit = AbortSignal.any([signal, AbortSignal.timeout(lookUpTimeoutMs(deps.rules))])
  try {
    const [account, protection] = await Promise.all([
      connector.read(one.accountId, limit),
      protectionNow(deps, limit),
    ])
    const match = {
      systemId: one.systemId,
      account,
      evidence: { by: 'task', as: task.id } as const,
      confident: true,
    }
    return {
      kind: 'account',
      account: describeMatch({ connectors: deps.connectors, protection }, match),
    }
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return { kind: 'gone' }
    if (error instanceof ConnectorError) return unasked(error.code, error.facts)
    if (limit.aborted) return unasked('timed_out')
    throw error
  }
}

async function keep(deps: TaskDeps, made: Omit<LookUp, 'id'> & { readonly actor: Actor }): Promise<LookUp> {
  const { action, channelId, personText, fromTask, mayDeactivate, found, actor } = made
  const lookUp: LookUp = { id: newId(), action, channelId, personText, fromTask, mayDeactivate, found }
  await deps.store.write((ctx) =>
    insertLookUp(ctx, {
      id: lookUp.id,
      action,
      requesterId: actor.userId,
      channelId,
      personText,
      fromTask: fromTask ?? null,
      mayDeactivate,
      found,
      createdAt: deps.clock.now(),
    }),
  )
  return lookUp
}

/** The look-up of that id if this person made it. */
export async function readLookUp(ctx: ReadContext, id: string, userId: string): Promise<LookUp | undefined> {
  const row = await findLookUp(ctx, id)
  if (row === undefined || row.requesterId !== userId) return undefined
  return {
    id: row.id,
    action: StoredAction.parse(row.action),
    mayDeactivate: row.mayDeactivate,
    personText: row.personText,
    channelId: row.channelId,
    fromTask: row.fromTask ?? undefined,
    found: FoundTarget.parse(row.found),
  }
}

/** What the form of a task's request found about a person of it, ticked or not; undefined when that is long ago. */
export async function foundAtRequest(
  ctx: ReadContext,
  task: Task,
  person: number,
): Promise<FoundTarget | undefined> {
  const row =
    person === 0 ? await findLookUp(ctx, task.lookUpId) : await findTaskPerson(ctx, task.lookUpId, person)
  return row === undefined ? undefined : FoundTarget.parse(row.found)
}

/** What the responder typed for a person of a task. */
export async function typedFor(ctx: ReadContext, task: Task, person: number): Promise<string> {
  if (person === 0) return task.personText
  return (await findTaskPerson(ctx, task.lookUpId, person))?.text ?? ''
}

/** The accounts that the task covers by their own ids, as its form found them. */
export async function knownAccounts(
  ctx: ReadContext,
  task: Task,
  enforcements: readonly Enforcement[],
): Promise<readonly MatchedAccount[]> {
  const covered = new Set(
    enforcements.flatMap(({ systemId, accountId }) =>
      accountId === null ? [] : [accountKey({ systemId, accountId })],
    ),
  )
  return (
    (await foundAtRequest(ctx, task, enforcements[0]?.person ?? 0))?.accounts.filter((account) =>
      covered.has(accountKey(account)),
    ) ?? []
  )
}

/** Which of the accounts an Enable may restore: those that a Disable task of Drawbridge changed and nobody undid. */
export async function disabledHere(
  ctx: ReadContext,
  accounts: readonly MatchedAccount[],
): Promise<readonly MatchedAccount[]> {
  const kept: MatchedAccount[] = []
  for (const account of accounts) if ((await disablesNotUndone(ctx, account)).length > 0) kept.push(account)
  return kept
}

/** The last tasks about the target, newest first. */
export async function tasksAbout(
  ctx: ReadContext,
  accounts: readonly MatchedAccount[],
  limit: number,
): Promise<readonly Task[]> {
  const rows = await lastTasksAbout(ctx, accounts, limit)
  return rows.map(taskFrom)
}
