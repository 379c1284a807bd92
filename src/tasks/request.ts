import { findTaskByLookUp, insertTask, unfinishedOnAccounts } from '#db/queries/tasks.ts'
import { ConflictError, type ReadContext, type WriteContext } from '#db/store.ts'
import { approvalsNeeded, isTarget } from '#src/approvals/policy.ts'
import { openApproval } from '#src/approvals/open.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { accountKey, type FoundTarget, type MatchedAccount, targetName } from '#src/iam/target.ts'
import { newTaskId } from '#src/ids.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import type { Actor } from '#src/people/actor.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { enforcementRows } from '#src/tasks/enforcement-rows.ts'
import { cancelOpenEnables } from '#src/tasks/newest.ts'
import { disabledHere, type LookUp, readLookUp } from '#src/tasks/look-up.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'
import { readTargetEmails } from '#src/tasks/rows.ts'
import { offeredLengthsMs } from '#src/tasks/task.ts'

/** A submitted form, as the person left it. */
export interface TaskRequest {
  readonly actor: Actor
  readonly lookUpId: string
  /** What the field Person says now; undefined where the form has no such field. */
  readonly personText: string | undefined
  /** The keys (`accountKey`) of the ticked accounts. */
  readonly ticked: readonly string[]
  readonly description: string
  /** For Enable: the person confirmed that the account was verified as safe. */
  readonly verifiedSafe: boolean
  /** For Disable: whether open sessions are ended too. */
  readonly endSessions: boolean
  /** For Disable: how long it lasts, in milliseconds; undefined for no end. */
  readonly endsAfterMs: number | undefined
}

export type RequestAnswer =
  | { readonly kind: 'created'; readonly taskId: string }
  /** Everything that was asked is already covered by this task. */
  | { readonly kind: 'already_running'; readonly taskId: string }

/** The longest description of a task. */
export const longestDescription = 512

/**
 * Makes a task of a submitted form: the task, its enforcements, the approval or the start, the thread and the audit
 * event in one transaction. Submitting the same form twice makes one task. Throws `UserError`: `stale` when the field
 * no longer says what was looked up (look again), `protected`, `nobody_found`, `missing`, `about_you`,
 * `not_disabled_here`, `not_confirmed`.
 */
export async function requestTask(deps: TaskDeps, request: TaskRequest): Promise<RequestAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await deps.store.write((ctx) => create(ctx, deps, request))
    } catch (error) {
      // A short id that is taken, or the same form submitted at the same instant: read again what is there now.
      if (!(error instanceof ConflictError) || attempt === 5) throw error
    }
  }
}

async function create(ctx: WriteContext, deps: TaskDeps, request: TaskRequest): Promise<RequestAnswer> {
  const existing = await findTaskByLookUp(ctx, request.lookUpId)
  if (existing !== undefined) return { kind: 'created', taskId: existing.id }
  const lookUp = await readLookUp(ctx, request.lookUpId, request.actor.userId)
  if (lookUp === undefined || (request.personText ?? lookUp.personText).trim() !== lookUp.personText)
    throw new UserError(
      'stale',
      'The name changed since I looked. Press Find, check the accounts, then Create.',
      'person',
    )
  const chosen = lookUp.found.accounts.filter((account) => request.ticked.includes(accountKey(account)))
  await check(ctx, deps, request, lookUp, chosen)

  const open = await unfinishedOnAccounts(ctx, chosen)
  const covering = open.filter(({ task }) => task.action === lookUp.action && !lookUp.mayDeactivate)
  const covered = new Set(
    covering.map(({ enforcement }) => `${enforcement.systemId}/${enforcement.accountId ?? ''}`),
  )
  const left = chosen.filter((account) => !covered.has(accountKey(account)))
  const first = covering[0]
  const coveredBy = left.length === 0 && first !== undefined ? first.task.id : undefined
  const taskId = coveredBy ?? newTaskId()
  if (lookUp.action === 'disable_account') await cancelOpenEnables(ctx, deps, chosen, taskId)
  if (coveredBy !== undefined) return { kind: 'already_running', taskId: coveredBy }
  await write(ctx, deps, request, lookUp, left, taskId)
  return { kind: 'created', taskId }
}

async function check(
  ctx: WriteContext,
  deps: TaskDeps,
  request: TaskRequest,
  lookUp: LookUp,
  chosen: readonly MatchedAccount[],
): Promise<void> {
  const { found, action } = lookUp
  if (request.description.length > longestDescription)
    throw new UserError(
      'too_long',
      `A description has at most ${longestDescription} characters.`,
      'description',
    )
  if (chosen.length === 0 && found.accounts.length > 0)
    throw new UserError('nothing_to_do', 'Tick at least one account.', 'accounts')
  if (chosen.length === 0 && (found.unasked.length === 0 || action === 'enable_account'))
    throw new UserError(
      'nobody_found',
      'I found nobody of that name. Check the spelling and press Find.',
      'person',
    )
  const { endsAfterMs } = request
  if (endsAfterMs !== undefined && !offeredLengthsMs.includes(endsAfterMs))
    throw new UserError('not_understood', 'Pick one of the lengths on the list.', 'ends')
  const denied = chosen.find((account) => account.protection.kind === 'deny')
  if (denied?.protection.kind === 'deny')
    throw new UserError(
      'protected',
      `${denied.login} in ${denied.systemId} is protected: ${denied.protection.why}. It can't be changed through Drawbridge.`,
      'accounts',
    )
  const special = chosen.find((account) => account.protection.kind === 'two_approvers')
  if (special !== undefined && request.description.trim() === '')
    throw new UserError(
      'missing',
      `${special.login} is protected and needs two approvers. Please give a reason.`,
      'description',
    )
  if (action === 'enable_account') await checkEnable(ctx, deps, request, lookUp, chosen)
}

async function checkEnable(
  ctx: WriteContext,
  deps: TaskDeps,
  request: TaskRequest,
  lookUp: LookUp,
  chosen: readonly MatchedAccount[],
): Promise<void> {
  if (isTarget(await targetEmails(ctx, lookUp, chosen), request.actor.email))
    throw new UserError(
      'about_you',
      'This is your own account, so somebody else has to ask for it.',
      'person',
    )
  if (!request.verifiedSafe)
    throw new UserError('not_confirmed', 'Confirm that you have verified that this account is safe.', 'safe')
  if (!deps.rules.enableRequiresPriorDisable) return
  const ours = new Set((await disabledHere(ctx, chosen)).map(accountKey))
  const foreign = chosen.find((account) => !ours.has(accountKey(account)))
  if (foreign !== undefined)
    throw new UserError(
      'not_disabled_here',
      `${foreign.login} in ${foreign.systemId} was not disabled by Drawbridge, so I leave it as it is. The setting enforcement.enable_requires_prior_disable decides that.`,
      'accounts',
    )
}

/**
 * By which the target is recognised as a person: the addresses of all accounts that surely are theirs, ticked or not, of
 * those that were picked, what was typed, and what the Disable that is undone knew.
 */
async function targetEmails(
  ctx: ReadContext,
  lookUp: LookUp,
  picked: readonly MatchedAccount[],
): Promise<string[]> {
  const sure = lookUp.found.accounts.filter((account) => account.confident)
  const undone = lookUp.fromTask === undefined ? [] : await readTargetEmails(ctx, lookUp.fromTask)
  const typed = lookUp.personText.includes('@') ? [lookUp.personText.toLowerCase()] : []
  return [...new Set([...emailsOf([...sure, ...picked]), ...typed, ...undone])]
}

function emailsOf(accounts: readonly MatchedAccount[]): string[] {
  return [...new Set(accounts.flatMap((account) => account.emails.map((email) => email.toLowerCase())))]
}

async function write(
  ctx: WriteContext,
  deps: TaskDeps,
  request: TaskRequest,
  lookUp: LookUp,
  accounts: readonly MatchedAccount[],
  taskId: string,
): Promise<void> {
  const now = deps.clock.now()
  const { actor } = request
  const needed = approvalsNeeded(
    deps.rules.approval[lookUp.action],
    accounts.map((account) => account.protection),
  )
  const confident: FoundTarget = { ...lookUp.found, accounts: [...accounts] }
  const name = targetName(confident, lookUp.personText)
  const description = request.description.trim()
  const searchText = [
    taskId,
    name,
    lookUp.personText,
    ...emailsOf(accounts),
    ...accounts.map((one) => one.login),
    actor.name,
    description,
  ]
  await insertTask(
    ctx,
    {
      id: taskId,
      action: lookUp.action,
      status: needed === 0 ? 'in_progress' : 'pending_approval',
      targetName: name,
      personText: lookUp.personText,
      targetEmails: await targetEmails(ctx, lookUp, accounts),
      requesterId: actor.userId,
      requesterEmail: actor.email ?? null,
      description,
      approvalsNeeded: needed,
      lookUpId: lookUp.id,
      undoes: lookUp.action === 'enable_account' ? (lookUp.fromTask ?? null) : null,
      endSessions: request.endSessions,
      mayDeactivate: lookUp.mayDeactivate,
      endsAfterMs: lookUp.action === 'disable_account' ? (request.endsAfterMs ?? null) : null,
      searchText: searchText.join('\n').toLowerCase(),
      createdAt: now,
      updatedAt: now,
    },
    enforcementRows(deps.connectors, lookUp, accounts, taskId),
  )
  await record(ctx, now, {
    kind: 'task_requested',
    actor: actor.userId,
    taskId,
    facts: {
      action: lookUp.action,
      accounts: accounts.map(accountKey),
      approvalsNeeded: needed,
      endSessions: request.endSessions,
      mayDeactivate: lookUp.mayDeactivate,
      endsAfterMs: request.endsAfterMs ?? null,
    },
  })
  await showStatus(ctx, deps.clock, taskId)
  await enqueueLine(ctx, deps.clock, {
    stream: taskId,
    lane: 'direct',
    message: { v: 1, kind: 'confirmation', taskId, userId: actor.userId, channelId: lookUp.channelId },
  })
  if (lookUp.fromTask !== undefined) {
    const about = { v: 1, taskId: lookUp.fromTask, by: actor.userId } as const
    await reply(
      ctx,
      deps.clock,
      lookUp.mayDeactivate
        ? { ...about, kind: 'deactivate_requested', newTaskId: taskId }
        : { ...about, kind: 'enable_requested', enableTaskId: taskId },
    )
  }
  if (needed === 0) await enqueue(ctx, deps.clock, { kind: 'start_task', payload: { taskId } })
  else await openApproval(ctx, deps, { taskId, action: lookUp.action, missing: needed })
}
