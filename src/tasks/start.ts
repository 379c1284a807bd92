import { z } from 'zod'
import { findLookUp } from '#db/queries/look-ups.ts'
import {
  findTask,
  insertEnforcements,
  unfinishedOnAccounts,
  updateEnforcement,
  updateTask,
} from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import { openApproval } from '#src/approvals/open.ts'
import { approvalsMissing } from '#src/approvals/wait.ts'
import { record } from '#src/audit/audit.ts'
import { accountKey, FoundTarget, type MatchedAccount } from '#src/iam/target.ts'
import { newId } from '#src/ids.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { JobKind } from '#src/jobs/job.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { failOutOfTime, watchEveryMs } from '#src/tasks/watch.ts'
import { type Gate, lookBeforeChange } from '#src/tasks/gate.ts'
import { readTask } from '#src/tasks/rows.ts'
import { failed, settleEnforcement, settleTask, skipped } from '#src/tasks/settle.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'

const Payload = z.object({ taskId: z.string() })

/**
 * Starts a task that may run: matches and judges every account anew, before the first change, then hands each account
 * to an `enforce` job. An account that another task is changing right now makes it wait.
 */
export function startTaskJob(deps: TaskDeps): JobKind<z.infer<typeof Payload>> {
  return {
    kind: 'start_task',
    payload: Payload,
    maxAttempts: 50,
    async run({ taskId }, run) {
      const read = await deps.store.read((ctx) => readTask(ctx, taskId))
      if (read === undefined || !mayStart(read.task)) return { kind: 'completed' }
      const gate = await lookBeforeChange(deps, read.task, read.enforcements, run.signal)
      return { kind: 'completed', settle: (ctx) => begin(ctx, deps, taskId, gate) }
    },
    givenUp: (ctx, { taskId }) => failOutOfTime(ctx, deps, taskId),
  }
}

function mayStart(task: Task): boolean {
  return task.status === 'in_progress' && task.startedAt === null
}

async function begin(ctx: WriteContext, deps: TaskDeps, taskId: string, gate: Gate): Promise<void> {
  const read = await readTask(ctx, taskId)
  if (read === undefined || !mayStart(read.task)) return
  const { task } = read
  const now = deps.clock.now()
  if (await isBusy(ctx, task, read.enforcements)) {
    await enqueue(ctx, deps.clock, {
      kind: 'start_task',
      payload: { taskId },
      runAt: new Date(now.getTime() + 1_000),
    })
    return
  }
  if (await needsMoreApprovals(ctx, deps, task, read.enforcements, gate)) return
  await updateTask(ctx, taskId, { startedAt: now, tickedAt: now, updatedAt: now })
  await record(ctx, now, {
    kind: 'task_started',
    actor: 'system',
    taskId,
    facts: { enforcements: read.enforcements.length },
  })
  const added = await addFoundOnlyNow(ctx, deps, task, read.enforcements, gate)
  for (const one of [...read.enforcements, ...added]) await hand(ctx, deps, task, one, gate)
  await enqueue(ctx, deps.clock, {
    kind: 'watch_task',
    payload: { taskId },
    runAt: new Date(now.getTime() + watchEveryMs),
    dedupeKey: `watch_task:${taskId}`,
  })
  await settleTask(ctx, deps, taskId)
}

async function isBusy(ctx: WriteContext, task: Task, enforcements: readonly Enforcement[]): Promise<boolean> {
  const accounts = enforcements.flatMap(({ systemId, accountId }) =>
    accountId === null ? [] : [{ systemId, accountId }],
  )
  const open = await unfinishedOnAccounts(ctx, accounts)
  return open.some((other) => other.task.id !== task.id && other.enforcement.status === 'running')
}

async function needsMoreApprovals(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  enforcements: readonly Enforcement[],
  gate: Gate,
): Promise<boolean> {
  const special = enforcements
    .map((one) => judgedAccount(one, gate))
    .find((account) => account?.protection.kind === 'two_approvers')
  if (special?.protection.kind !== 'two_approvers' || task.approvalsNeeded >= 2) return false
  const now = deps.clock.now()
  await updateTask(ctx, task.id, {
    status: 'pending_approval',
    approvalsNeeded: 2,
    approvedAt: null,
    updatedAt: now,
  })
  const missing = await approvalsMissing(ctx, { ...task, approvalsNeeded: 2 })
  const why = `${special.login} in ${special.systemId} needs two approvers: ${special.protection.why}`
  await openApproval(ctx, deps, { taskId: task.id, action: task.action, missing, why })
  await showStatus(ctx, deps.clock, task.id)
  return true
}

/** What the gate knows about an enforcement's account, also one that was identified only now. */
function judgedAccount(one: Enforcement, gate: Gate): MatchedAccount | undefined {
  const { systemId, accountId } = one
  if (accountId !== null) return gate.accounts.get(accountKey({ systemId, accountId }))
  const found = gate.identified.get(systemId)
  return found?.kind === 'account' ? found.account : undefined
}

/** Gives one enforcement to a job, or ends it where the gate already tells how. */
async function hand(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  gate: Gate,
): Promise<void> {
  const now = deps.clock.now()
  const started = { ...one, startedAt: now }
  const found = one.accountId === null ? gate.identified.get(one.systemId) : undefined
  const account = judgedAccount(one, gate)
  if (found?.kind === 'nobody')
    return settleEnforcement(ctx, deps, task, started, skipped({ kind: 'nobody_there' }))
  if (found?.kind === 'ambiguous')
    return settleEnforcement(ctx, deps, task, started, failed({ kind: 'ambiguous', hits: found.hits }))
  if (account?.protection.kind === 'deny')
    return settleEnforcement(
      ctx,
      deps,
      task,
      started,
      failed({ kind: 'protected', why: account.protection.why }),
    )
  await updateEnforcement(ctx, one.id, {
    status: 'running',
    startedAt: now,
    ...(account === undefined
      ? {}
      : { accountId: account.accountId, login: account.login, emails: account.emails }),
  })
  // Recorded before the call: an action that could not be recorded is not carried out.
  await record(ctx, now, {
    kind: 'enforcement_started',
    actor: 'system',
    taskId: task.id,
    facts: {
      enforcement: one.id,
      system: one.systemId,
      account: account?.accountId ?? one.accountId,
      run: one.run,
    },
  })
  await enqueue(ctx, deps.clock, {
    kind: 'enforce',
    payload: { enforcementId: one.id, run: one.run, judged: account !== undefined },
  })
  return undefined
}

/** Accounts that the form's look-up could not know: changed too when the match is sure and nothing protects them. */
async function addFoundOnlyNow(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  enforcements: readonly Enforcement[],
  gate: Gate,
): Promise<readonly Enforcement[]> {
  if (task.action !== 'disable_account') return []
  const row = await originalLookUp(ctx, task.id)
  if (row === undefined) return []
  const known = new Set(row.accounts.map(accountKey))
  const asked = new Set(enforcements.filter((one) => one.accountId === null).map((one) => one.systemId))
  const fresh = gate.found.filter((one) => !known.has(accountKey(one)) && !asked.has(one.systemId))
  const wanted: MatchedAccount[] = []
  for (const account of fresh) {
    const busy = (await unfinishedOnAccounts(ctx, [account])).length > 0
    const why = busy ? 'another task covers it' : whyLeftOut(account)
    const about = { v: 1, taskId: task.id, systemId: account.systemId, login: account.login } as const
    if (why === undefined) wanted.push(account)
    await reply(
      ctx,
      deps.clock,
      why === undefined ? { ...about, kind: 'account_added' } : { ...about, kind: 'account_left_out', why },
    )
  }
  await insertEnforcements(
    ctx,
    wanted.map((account, index) => ({
      id: newId(),
      taskId: task.id,
      action: task.action,
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
    })),
  )
  const after = await readTask(ctx, task.id)
  return after?.enforcements.slice(enforcements.length) ?? []
}

async function originalLookUp(ctx: WriteContext, taskId: string): Promise<FoundTarget | undefined> {
  const row = await findTask(ctx, taskId)
  const lookUp = row === undefined ? undefined : await findLookUp(ctx, row.lookUpId)
  return lookUp === undefined ? undefined : FoundTarget.parse(lookUp.found)
}

function whyLeftOut(account: MatchedAccount): string | undefined {
  if (account.protection.kind !== 'none') return account.protection.why
  return account.confident ? undefined : 'it may belong to somebody else'
}
