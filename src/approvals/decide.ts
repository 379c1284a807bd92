import { z } from 'zod'
import {
  decisionsOfTask,
  findDecision,
  insertDecision,
  updateDecision,
  type DecisionRow,
} from '#db/queries/decisions.ts'
import { updateTask } from '#db/queries/tasks.ts'
import { ConflictError, type ReadContext, type WriteContext } from '#db/store.ts'
import { type DecideDeps, type Judged, judgeInOrder } from '#src/approvals/judge.ts'
import { assertMayDecide } from '#src/approvals/policy.ts'
import { stepUpRefusal } from '#src/approvals/step-up.ts'
import { approvalsMissing } from '#src/approvals/wait.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { JobKind, JobResult } from '#src/jobs/job.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import { type Actor, assertRole, type SlackAwayError } from '#src/people/actor.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { readTask } from '#src/tasks/rows.ts'
import type { Task } from '#src/tasks/task.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'

export type Verdict = 'approve' | 'reject'

/** The longest note or reason. */
export const longestNote = 1000

/** Why a task can't be decided any more, in words for the person who pressed too late. */
export function decidedSentence(task: Task): string {
  switch (task.status) {
    case 'rejected':
      return `${task.id} was already rejected.`
    case 'expired':
      return `${task.id} expired before anybody decided. It can be asked for again.`
    case 'cancelled':
      return `${task.id} was withdrawn before anybody decided.`
    case 'pending_approval':
    case 'in_progress':
    case 'successful':
    case 'partially_successful':
    case 'unsuccessful':
      return `${task.id} was already approved.`
  }
}

function assertOpen(task: Task, now: Date): void {
  if (task.status !== 'pending_approval') throw new UserError('already_decided', decidedSentence(task))
  // The job that ends it may be a moment late.
  if (task.expiresAt !== null && task.expiresAt <= now)
    throw new UserError('already_decided', decidedSentence({ ...task, status: 'expired' }))
}

/**
 * Whether this person may decide this task now; used when the button is pressed and again, with a live look-up, when
 * the decision is counted. Throws `UserError`: `not_found`, `already_decided`, `own_request`, `about_you`,
 * `not_allowed`.
 */
export async function assertDecidable(
  ctx: ReadContext,
  actor: Actor,
  taskId: string,
  now: Date,
): Promise<Task> {
  const read = await readTask(ctx, taskId)
  if (read === undefined) throw new UserError('not_found', 'I no longer know this task.')
  const { task } = read
  assertOpen(task, now)
  assertMayDecide(actor, task)
  assertRole(actor, 'approver')
  return task
}

/** Refuses somebody whose decision on this task is counted or under way. Throws `UserError('already_decided')`. */
export async function assertUndecidedBy(ctx: ReadContext, userId: string, taskId: string): Promise<void> {
  const all = await decisionsOfTask(ctx, taskId)
  if (all.some((one) => one.approverId === userId && one.state !== 'refused'))
    throw new UserError('already_decided', `You have already decided on ${taskId}.`)
}

/**
 * Commits what an approver submitted as an attempt; a job looks the person up live and counts it. One decision per
 * approver: submitting again while one is pending or counted is refused with `already_decided`. Where the policy asks for
 * a one-time code, it is looked at and used up here; without a right one nothing is committed but that it was wrong.
 */
export async function submitDecision(
  deps: TaskDeps,
  submitted: {
    readonly approverId: string
    readonly taskId: string
    readonly verdict: Verdict
    readonly note: string
    /** The approver's one-time code, where the policy asks for one; never kept. */
    readonly code?: string | undefined
    readonly viewId: string
    readonly channelId: string
  },
): Promise<void> {
  const note = submitted.note.trim()
  if (submitted.verdict === 'reject' && note === '')
    throw new UserError('missing', 'Please give a reason: the requester reads it in the thread.', 'note')
  if (note.length > longestNote)
    throw new UserError('too_long', `A note has at most ${longestNote} characters.`, 'note')
  const now = deps.clock.now()
  const { code = '', ...kept } = submitted
  try {
    const refusal = await deps.store.write(async (ctx) => {
      const refused = await stepUpRefusal(ctx, deps, { ...submitted, code })
      if (refused !== undefined) return refused
      const id = newId()
      const onceKey = `${submitted.taskId}:${submitted.approverId}`
      await insertDecision(ctx, { ...kept, id, note, state: 'pending', onceKey, createdAt: now })
      await record(ctx, now, {
        kind: 'decision_attempted',
        actor: submitted.approverId,
        taskId: submitted.taskId,
        facts: { verdict: submitted.verdict },
      })
      await enqueue(ctx, deps.clock, { kind: 'decide', payload: { decisionId: id } })
      return undefined
    })
    if (refusal !== undefined) throw refusal
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    throw new UserError('already_decided', `You have already decided on ${submitted.taskId}.`)
  }
}

const Payload = z.object({ decisionId: z.string() })
type Payload = z.infer<typeof Payload>

/**
 * Counts one decision: looks the approver and the user groups up live, retrying through rate limits and outages, and
 * decides in one transaction, so that of two clicks at the same instant one wins and the other is told.
 */
export function decideJob(deps: DecideDeps): JobKind<Payload> {
  return {
    kind: 'decide',
    payload: Payload,
    // Slack may be away for long; the task's expiry ends the waiting.
    maxAttempts: 1000,
    async run({ decisionId }, run): Promise<JobResult> {
      const { decision, task } = await deps.store.read(async (ctx) => {
        const row = await findDecision(ctx, decisionId)
        return { decision: row, task: row && (await readTask(ctx, row.taskId))?.task }
      })
      if (decision === undefined || decision.state !== 'pending') return { kind: 'completed' }
      try {
        // Nobody needs to be asked about what is decided or over; an outage of Slack is waited for no longer than that.
        if (task !== undefined) assertOpen(task, deps.clock.now())
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        return {
          kind: 'completed',
          settle: (ctx) => settleJudged(ctx, deps, { decision, kind: 'refused', error }),
        }
      }
      const { earlier, own } = await judgeInOrder(deps, decision, run.signal)
      if (own.kind === 'away') return askAgainLater(deps, decision, own.error)
      return {
        kind: 'completed',
        async settle(ctx) {
          for (const one of [...earlier, own]) await settleJudged(ctx, deps, one)
        },
      }
    },
    async givenUp(ctx, { decisionId }) {
      const decision = await findDecision(ctx, decisionId)
      const sorry = new UserError(
        'slack_away',
        'I could not check your rights with Slack. Please decide again.',
      )
      if (decision?.state === 'pending') await refuse(ctx, deps, decision, sorry)
    },
  }
}

/** As Slack says, else after a pause that grows with the outage, up to half a minute. */
function askAgainLater(deps: TaskDeps, decision: DecisionRow, error: SlackAwayError): JobResult {
  const now = deps.clock.now().getTime()
  const waitMs = error.retryAfterMs ?? Math.min(30_000, 1_000 + (now - decision.createdAt.getTime()) / 4)
  return { kind: 'snooze', until: new Date(now + waitMs) }
}

/** Another job may have settled it since: one of a later decision counts the earlier ones, too. */
async function settleJudged(ctx: WriteContext, deps: TaskDeps, judged: Judged): Promise<void> {
  const { decision } = judged
  const current = await findDecision(ctx, decision.id)
  if (current?.state !== 'pending' || judged.kind === 'away') return
  if (judged.kind === 'refused') await refuse(ctx, deps, decision, judged.error)
  else await count(ctx, deps, decision, judged.actor)
}

async function count(ctx: WriteContext, deps: TaskDeps, decision: DecisionRow, actor: Actor): Promise<void> {
  try {
    const task = await assertDecidable(ctx, actor, decision.taskId, deps.clock.now())
    await countedDecision(ctx, deps, decision, task)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    await refuse(ctx, deps, decision, error)
  }
}

async function countedDecision(
  ctx: WriteContext,
  deps: TaskDeps,
  decision: DecisionRow,
  task: Task,
): Promise<void> {
  const now = deps.clock.now()
  const verdict = decision.verdict === 'approve' ? 'approve' : 'reject'
  await updateDecision(ctx, decision.id, { state: 'counted', settledAt: now })
  const missing = await approvalsMissing(ctx, task)
  await reply(ctx, deps.clock, {
    v: 1,
    kind: 'decision',
    taskId: task.id,
    approverId: decision.approverId,
    verdict,
    note: decision.note,
    missing,
  })
  if (verdict === 'reject')
    await updateTask(ctx, task.id, { status: 'rejected', updatedAt: now, finishedAt: now })
  else if (missing === 0) {
    await updateTask(ctx, task.id, {
      status: 'in_progress',
      approvedAt: now,
      updatedAt: now,
      expiresAt: null,
    })
    await enqueue(ctx, deps.clock, { kind: 'start_task', payload: { taskId: task.id } })
  }
  await showStatus(ctx, deps.clock, task.id)
  await answer(ctx, deps, decision, verdict, null)
  await record(ctx, now, {
    kind: 'decision_counted',
    actor: decision.approverId,
    taskId: task.id,
    facts: { verdict, missing },
  })
}

async function refuse(
  ctx: WriteContext,
  deps: TaskDeps,
  decision: DecisionRow,
  error: UserError,
): Promise<void> {
  const now = deps.clock.now()
  // The key is given back: somebody who was refused for a passing reason may decide later.
  await updateDecision(ctx, decision.id, {
    state: 'refused',
    refusal: error.code,
    onceKey: null,
    settledAt: now,
  })
  await answer(ctx, deps, decision, decision.verdict === 'approve' ? 'approve' : 'reject', error.message)
  await record(ctx, now, {
    kind: 'decision_refused',
    actor: decision.approverId,
    taskId: decision.taskId,
    facts: { verdict: decision.verdict, code: error.code },
  })
}

async function answer(
  ctx: WriteContext,
  deps: TaskDeps,
  decision: DecisionRow,
  verdict: Verdict,
  refusal: string | null,
): Promise<void> {
  // Slack takes the answer to a submission for three seconds; one that comes late would put "Noted" over this one.
  const ackedByMs = refusal === null ? 1_000 : 3_000
  await enqueueLine(ctx, deps.clock, {
    notBefore: new Date(decision.createdAt.getTime() + ackedByMs),
    // Its own stream: the answer to one person does not wait for the thread.
    stream: `decision:${decision.id}`,
    lane: 'direct',
    message: {
      v: 1,
      kind: 'decision_answer',
      taskId: decision.taskId,
      userId: decision.approverId,
      channelId: decision.channelId,
      viewId: decision.viewId,
      verdict,
      refusal,
    },
  })
}
