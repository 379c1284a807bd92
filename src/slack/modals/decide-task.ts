import { z } from 'zod'
import { submitDecision, type Verdict } from '#src/approvals/decide.ts'
import { decisionFormId, decisionWorking } from '#src/slack/messages/decision-form.ts'
import { defineModal } from '#src/slack/services.ts'

const State = z.object({ note: z.string().optional() })
const Meta = z.object({ taskId: z.string(), channelId: z.string() })

/** The form for a decision: commits what was submitted and says so; a job looks the person up live and counts it. */
function decisionModal(verdict: Verdict) {
  return defineModal({
    id: decisionFormId[verdict],
    right: 'anyone',
    state: State,
    meta: Meta,
    async submit(state, meta, ctx) {
      await submitDecision(ctx.services.tasks, {
        approverId: ctx.actor.userId,
        taskId: meta.taskId,
        verdict,
        note: state.note ?? '',
        viewId: ctx.form.viewId,
        channelId: meta.channelId,
      })
      return {
        kind: 'update',
        view: decisionWorking(verdict, 'Noted. I check with Slack that you may decide this …'),
      }
    },
  })
}

/** The forms that an approver fills in to decide. */
export const approveTaskModal = decisionModal('approve')
export const rejectTaskModal = decisionModal('reject')
