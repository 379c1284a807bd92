import { insertDecision } from '#db/queries/decisions.ts'
import { ConflictError } from '#db/store.ts'
import { stepUpRefusal } from '#src/approvals/step-up.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'

/** What an approver says. */
export type Verdict = 'approve' | 'reject'

/** The longest note or reason, in characters. */
export const longestNote = 1000

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
