import { type NewEnforcementRow } from '#db/queries/enforcements.ts'
import { taskPeopleOf, updateTaskPerson } from '#db/queries/task-people.ts'
import { findTaskByLookUp, insertTask, unfinishedOnAccounts } from '#db/queries/tasks.ts'
import { ConflictError, type ReadContext, type WriteContext } from '#db/store.ts'
import { openApproval } from '#src/approvals/open.ts'
import { approvalsNeeded } from '#src/approvals/policy.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { accountKey, type MatchedAccount } from '#src/iam/target.ts'
import { newTaskId } from '#src/ids.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import type { Actor } from '#src/people/actor.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { enforcementRows } from '#src/tasks/enforcement-rows.ts'
import { cancelOpenEnables } from '#src/tasks/newest.ts'
import { type PeopleList, type PersonOfList, personFrom, readPeopleList } from '#src/tasks/people/list.ts'
import { longestDescription, type RequestAnswer } from '#src/tasks/request.ts'
import { readTargetEmails } from '#src/tasks/rows.ts'
import { offeredLengthsMs } from '#src/tasks/task.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'

/** A submitted form about several people, as the person left it. */
export interface PeopleRequest {
  readonly actor: Actor
  readonly listId: string
  readonly description: string
  readonly verifiedSafe: boolean
  readonly endSessions: boolean
  readonly endsAfterMs: number | undefined
}

/**
 * Makes one task of a list that was looked up: one approval for all who are in. Accounts that a task covers already
 * which waits or runs are left to it. Submitting the same form twice makes one task. Throws `UserError`: `stale`,
 * `nothing_to_do`, `missing`, `not_confirmed`, `too_long`, `not_understood`.
 */
export async function requestPeople(deps: TaskDeps, request: PeopleRequest): Promise<RequestAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await deps.store.write((ctx) => create(ctx, deps, request))
    } catch (error) {
      // A short id that is taken, or the same form submitted at the same instant: read again what is there now.
      if (!(error instanceof ConflictError) || attempt === 5) throw error
    }
  }
}

async function create(ctx: WriteContext, deps: TaskDeps, request: PeopleRequest): Promise<RequestAnswer> {
  const existing = await findTaskByLookUp(ctx, request.listId)
  if (existing !== undefined) return { kind: 'created', taskId: existing.id }
  const list = await readPeopleList(ctx, request.listId)
  if (list?.state !== 'found' || list.requesterId !== request.actor.userId)
    throw new UserError('stale', 'I no longer know this list. Please paste it again.', 'description')
  const people = (await taskPeopleOf(ctx, list.id, 'in')).map(personFrom)
  check(request, list, people)
  const all = people.flatMap((person) => person.chosen)
  const { left, first } = await uncovered(ctx, list, people)
  const taskId = left.length === 0 && first !== undefined ? first : newTaskId()
  if (list.action === 'disable_account') await cancelOpenEnables(ctx, deps, all, taskId)
  if (left.length === 0) return { kind: 'already_running', taskId }
  await write(ctx, deps, request, list, left, taskId)
  return { kind: 'created', taskId }
}

function check(request: PeopleRequest, list: PeopleList, people: readonly PersonOfList[]): void {
  const { description, endsAfterMs } = request
  if (people.length === 0)
    throw new UserError('nothing_to_do', 'Nobody on this list can be changed.', 'description')
  if (description.length > longestDescription)
    throw new UserError(
      'too_long',
      `A description has at most ${longestDescription} characters.`,
      'description',
    )
  if (endsAfterMs !== undefined && !offeredLengthsMs.includes(endsAfterMs))
    throw new UserError('not_understood', 'Pick one of the lengths on the list.', 'ends')
  if (list.action === 'enable_account' && !request.verifiedSafe)
    throw new UserError(
      'not_confirmed',
      'Confirm that you have verified that these accounts are safe.',
      'safe',
    )
  const special = people.flatMap((person) => person.chosen).find(isSpecial)
  if (special !== undefined && description.trim() === '')
    throw new UserError(
      'missing',
      `${special.login} is protected and needs two approvers. Please give a reason.`,
      'description',
    )
}

function isSpecial(account: MatchedAccount): boolean {
  return account.protection.kind === 'two_approvers'
}

/** Leaves out the accounts that a pending or running task with the same action covers, and people who have no other. */
async function uncovered(
  ctx: WriteContext,
  list: PeopleList,
  people: readonly PersonOfList[],
): Promise<{ readonly left: readonly PersonOfList[]; readonly first: string | undefined }> {
  const accounts = people.flatMap((person) => person.chosen)
  const open = (await unfinishedOnAccounts(ctx, accounts)).filter(({ task }) => task.action === list.action)
  const taskOf = new Map(
    open.map(({ task, enforcement }) => [`${enforcement.systemId}/${enforcement.accountId ?? ''}`, task.id]),
  )
  const left: PersonOfList[] = []
  for (const person of people) {
    const chosen = person.chosen.filter((account) => !taskOf.has(accountKey(account)))
    const [taskId] = person.chosen.flatMap((account) => taskOf.get(accountKey(account)) ?? [])
    if (taskId === undefined || chosen.length > 0) left.push({ ...person, chosen })
    else
      await updateTaskPerson(ctx, list.id, person.position, {
        state: 'out',
        leftOut: { kind: 'covered', taskId },
      })
  }
  return { left, first: open[0]?.task.id }
}

async function write(
  ctx: WriteContext,
  deps: TaskDeps,
  request: PeopleRequest,
  list: PeopleList,
  people: readonly PersonOfList[],
  taskId: string,
): Promise<void> {
  const now = deps.clock.now()
  const { actor, endSessions } = request
  const { action, fromTask } = list
  const accounts = people.flatMap((person) => person.chosen)
  const rule = deps.rules.approval[action]
  const needed = approvalsNeeded(
    rule,
    accounts.map((account) => account.protection),
  )
  const description = request.description.trim()
  const emails = await targetEmails(ctx, list, people)
  const targetName = people.length === 1 ? (people[0]?.name ?? '') : `${people.length} people`
  const endsAfterMs = action === 'disable_account' ? (request.endsAfterMs ?? null) : null
  const words = [
    taskId,
    targetName,
    actor.name,
    description,
    ...people.map((person) => person.name),
    ...emails,
    ...accounts.map((account) => account.login),
  ]
  await insertTask(
    ctx,
    {
      ...{ id: taskId, action, status: needed === 0 ? 'in_progress' : 'pending_approval', targetName },
      ...{ personText: '', people: people.length, targetEmails: emails, lookUpId: list.id },
      ...{ requesterId: actor.userId, requesterEmail: actor.email ?? null, description },
      ...{ approvalsNeeded: needed, undoes: fromTask, endSessions, mayDeactivate: false, endsAfterMs },
      ...{ searchText: words.join('\n').toLowerCase(), createdAt: now, updatedAt: now },
    },
    rowsOf(deps, list, people, taskId),
  )
  const facts = { action, people: people.length, accounts: accounts.map(accountKey), approvalsNeeded: needed }
  await record(ctx, now, {
    kind: 'task_requested',
    actor: actor.userId,
    taskId,
    facts: { ...facts, endSessions, endsAfterMs },
  })
  await showStatus(ctx, deps.clock, taskId)
  await enqueueLine(ctx, deps.clock, {
    stream: taskId,
    lane: 'direct',
    message: { v: 1, kind: 'confirmation', taskId, userId: actor.userId, channelId: list.channelId },
  })
  if (fromTask !== null) {
    const about = { v: 1, taskId: fromTask, by: actor.userId } as const
    await reply(ctx, deps.clock, { ...about, kind: 'enable_requested', enableTaskId: taskId })
  }
  if (needed === 0) await enqueue(ctx, deps.clock, { kind: 'start_task', payload: { taskId } })
  else await openApproval(ctx, deps, { taskId, action, missing: needed })
}

function rowsOf(
  deps: TaskDeps,
  list: PeopleList,
  people: readonly PersonOfList[],
  taskId: string,
): readonly NewEnforcementRow[] {
  return people.flatMap(({ position, text, found, chosen }) => {
    const about = {
      action: list.action,
      mayDeactivate: false,
      personText: text,
      found: found ?? { accounts: [], unasked: [], asked: [] },
    }
    return enforcementRows(deps.connectors, about, chosen, taskId).map((row) => ({
      ...row,
      person: position,
    }))
  })
}

/** By which the people are recognised: nobody on the list decides about it. */
async function targetEmails(
  ctx: ReadContext,
  list: PeopleList,
  people: readonly PersonOfList[],
): Promise<string[]> {
  const theirs = people.flatMap(({ found, chosen, text }) => [
    ...(found?.accounts.filter((account) => account.confident) ?? []).flatMap((account) => account.emails),
    ...chosen.flatMap((account) => account.emails),
    ...(text.includes('@') ? [text] : []),
  ])
  const undone = list.fromTask === null ? [] : await readTargetEmails(ctx, list.fromTask)
  return [...new Set([...theirs.map((email) => email.toLowerCase()), ...undone])]
}
