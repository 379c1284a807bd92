import { z } from 'zod'
import { findDecision, type DecisionRow } from '#db/queries/decisions.ts'
import { assertOpen } from '#src/approvals/decidable.ts'
import { type DecideDeps, judgeInOrder } from '#src/approvals/judge.ts'
import { refuseDecision, settleJudged } from '#src/approvals/settle.ts'
import { UserError } from '#src/errors.ts'
import type { JobKind, JobResult } from '#src/jobs/job.ts'
import type { SlackAwayError } from '#src/people/actor.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { readTask } from '#src/tasks/rows.ts'

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
      if (decision?.state === 'pending') await refuseDecision(ctx, deps, decision, sorry)
    },
  }
}

/** As Slack says, else after a pause that grows with the outage, up to half a minute. */
function askAgainLater(deps: TaskDeps, decision: DecisionRow, error: SlackAwayError): JobResult {
  const now = deps.clock.now().getTime()
  const waitMs = error.retryAfterMs ?? Math.min(30_000, 1_000 + (now - decision.createdAt.getTime()) / 4)
  return { kind: 'snooze', until: new Date(now + waitMs) }
}
