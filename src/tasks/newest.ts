import { countEnforcements, type AccountRef } from '#db/queries/enforcements.ts'
import { newerTasksOnAccounts, unfinishedOnAccounts, updateTask } from '#db/queries/tasks.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { accountKey } from '#src/iam/target.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import type { Action, Task } from '#src/tasks/task.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'

/** Whether a task may act on an account, as the other tasks stand at this moment. */
export type Standing =
  | { readonly kind: 'free' }
  /** Another task is changing the account right now: wait. */
  | { readonly kind: 'busy'; readonly taskId: string }
  /** A newer task covers the account: its word counts. */
  | { readonly kind: 'lapsed'; readonly taskId: string }

/**
 * Asked in the same transaction in which a task takes an account. A task that starts for the first time lapses only when
 * it would enable what a newer Disable covers; one that acts again, or learns of an account late, lapses to any newer
 * task.
 */
export async function standingOn(
  ctx: ReadContext,
  task: Task,
  account: AccountRef,
  moment: 'first_start' | 'later',
): Promise<Standing> {
  return (await standingsOn(ctx, task, [account]))(account, moment)
}

/** How a task stands on each of several accounts; what is answered must be used in the same transaction. */
export type Standings = (account: AccountRef, moment: 'first_start' | 'later') => Standing

/** The same for several accounts with as many questions as for one. */
export async function standingsOn(
  ctx: ReadContext,
  task: Task,
  accounts: readonly AccountRef[],
): Promise<Standings> {
  const { id: taskId, createdAt, action } = task
  const than = { taskId, createdAt, actions: sameMatter[action] }
  const newest = new Map(
    (await newerTasksOnAccounts(ctx, accounts, than)).map((one) => [accountKey(one.account), one.task]),
  )
  const taken = new Map(
    (await unfinishedOnAccounts(ctx, accounts))
      .filter((other) => other.task.id !== task.id && isTaken(other))
      // The oldest one is named.
      .toReversed()
      .map(({ task: other, enforcement: { systemId, accountId } }) => [
        accountKey({ systemId, accountId: accountId ?? '' }),
        other.id,
      ]),
  )
  return (account, moment) => {
    const newer = newest.get(accountKey(account))
    const opposes = task.action === 'enable_account' && newer?.action === 'disable_account'
    if (newer !== undefined && (moment === 'later' || opposes)) return { kind: 'lapsed', taskId: newer.id }
    const running = taken.get(accountKey(account))
    return running === undefined ? { kind: 'free' } : { kind: 'busy', taskId: running }
  }
}

// A sign-out or a new password says nothing about whether the account should be disabled.
const sameMatter: { readonly [action in Action]: readonly Action[] } = {
  disable_account: ['disable_account', 'enable_account'],
  enable_account: ['disable_account', 'enable_account'],
  force_password_reset: ['force_password_reset'],
  force_sign_out: ['force_sign_out'],
}

/** The newest task that has the word about the account in the task's place; undefined while the task has it. */
export async function newerOn(ctx: ReadContext, task: Task, account: AccountRef) {
  const { id: taskId, createdAt, action } = task
  const than = { taskId, createdAt, actions: sameMatter[action] }
  return (await newerTasksOnAccounts(ctx, [account], than))[0]?.task
}

/**
 * Whether a task has the account in hand: it is changing it, or will as soon as another account of the person is changed.
 * Somebody on a list whose turn has not come is not in hand: two lists would wait for each other for ever.
 */
export function isTaken(open: {
  readonly task: { readonly startedAt: Date | null }
  readonly enforcement: { readonly status: string; readonly person: number }
}): boolean {
  const { status, person } = open.enforcement
  return status === 'running' || (status === 'waiting' && person === 0 && open.task.startedAt !== null)
}

/** Withdraws the Enables on these accounts that have not run yet: a newer Disable has the last word. */
export async function cancelOpenEnables(
  ctx: WriteContext,
  deps: TaskDeps,
  accounts: readonly AccountRef[],
  newer: string,
): Promise<void> {
  const now = deps.clock.now()
  const open = await unfinishedOnAccounts(ctx, accounts)
  const enables = open.filter(({ task }) => task.action === 'enable_account' && task.startedAt === null)
  for (const taskId of new Set(enables.map(({ task }) => task.id))) {
    // Of a list that is about others, too, only these accounts lapse, once it runs.
    const mine = enables.filter(({ task }) => task.id === taskId)
    const isList = mine.some(({ task }) => task.people > 0)
    if (isList && mine.length < (await countEnforcements(ctx, taskId, ['waiting']))) continue
    await updateTask(ctx, taskId, { status: 'cancelled', endedBy: newer, updatedAt: now, finishedAt: now })
    await reply(ctx, deps.clock, { v: 1, kind: 'cancelled', taskId, by: 'system', newer })
    await showStatus(ctx, deps.clock, taskId)
    await record(ctx, now, { kind: 'task_cancelled', actor: 'system', taskId, facts: { newer } })
  }
}
