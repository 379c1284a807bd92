import { z } from 'zod'
import { submitDecision, type Verdict } from '#src/approvals/submit.ts'
import { decisionFormId, decisionWorking } from '#src/slack/messages/decision-form.ts'
import { UserError } from '#src/errors.ts'
import { defineModal } from '#src/slack/services.ts'

const State = z.object({ note: z.string().optional(), code: z.string().optional() })
const Meta = z.object({ taskId: z.string(), channelId: z.string() })

/** The form for a decision: commits what was submitted and says so; a job looks the person up live and counts it. */
function decisionModal(verdict: Verdict) {
  return defineModal({
    id: decisionFormId[verdict],
    // Slack may be away: the attempt is kept all the same, and the job asks until it is told.
    right: 'judged_later',
    state: State,
    meta: Meta,
    async submit(state, meta, ctx) {
      const say = (sentence: string) =>
        ({ kind: 'update', view: decisionWorking(verdict, sentence) }) as const
      try {
        await submitDecision(ctx.services.tasks, {
          approverId: ctx.actor.userId,
          taskId: meta.taskId,
          verdict,
          note: state.note ?? '',
          code: state.code ?? '',
          viewId: ctx.form.viewId,
          channelId: meta.channelId,
        })
        return say('Noted. I check with Slack that you may decide this …')
      } catch (error) {
        if (error instanceof UserError && error.code === 'already_decided') return say(error.message)
        throw error
      }
    },
  })
}

/** The forms that an approver fills in to decide. */
export const approveTaskModal = decisionModal('approve')
export const rejectTaskModal = decisionModal('reject')
