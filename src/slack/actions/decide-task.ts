import { assertDecidable, assertUndecidedBy } from '#src/approvals/decidable.ts'
import type { Verdict } from '#src/approvals/submit.ts'
import { decisionForm, decisionWorking } from '#src/slack/messages/decision-form.ts'
import { defineFormAction } from '#src/slack/services.ts'
import { readTaskCard } from '#src/tasks/show.ts'
import { TaskId } from '#src/tasks/task-id.ts'

/** A button on the task's message that opens the form for a decision; a press by mistake decides nothing. */
function decideButton(id: string, verdict: Verdict) {
  return defineFormAction({
    id,
    // Who may decide is told in its own words below: the requester hears another reason than a stranger to the role.
    right: 'anyone',
    value: TaskId,
    loadingView: () => decisionWorking(verdict, 'One moment …'),
    async run(taskId, ctx) {
      const card = await ctx.services.tasks.store.read(async (c) => {
        await assertDecidable(c, ctx.actor, taskId, ctx.services.tasks.clock.now())
        await assertUndecidedBy(c, ctx.actor.userId, taskId)
        return await readTaskCard(c, taskId)
      })
      if (card === undefined) return
      const { rules, stepUp } = ctx.services.tasks
      const asksCode = rules.approval[card.task.action].stepUp === true
      if (asksCode) await stepUp?.assertPossible(ctx.actor)
      const channelId = ctx.message?.channelId ?? ''
      await ctx.view.update(decisionForm(verdict, card, channelId, asksCode))
    },
  })
}

/** The buttons of a request that waits; each opens its form, so a mis-click decides nothing. */
export const approveTask = decideButton('approve_task', 'approve')
export const rejectTask = decideButton('reject_task', 'reject')
