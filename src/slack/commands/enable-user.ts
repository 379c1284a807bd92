import { fillTaskForm, personNamed } from '#src/slack/modals/fill-task-form.ts'
import { workingForm } from '#src/slack/messages/task-form.ts'
import { defineFormCommand } from '#src/slack/services.ts'

/** `/enable-user [person] [description]`: the form that restores what a Disable changed. */
export const enableUser = defineFormCommand({
  name: '/enable-user',
  description: 'Enable a person’s accounts that Drawbridge disabled',
  usageHint: '[e-mail, login or @person] [description]',
  help: [
    '*/enable-user* `[e-mail, login or @person] [description]`',
    'Opens a form with the accounts that Drawbridge disabled. What the Disable changed is restored exactly, after approval.',
    'The same form stands in the menu of the Disable task’s own message.',
  ].join('\n'),
  right: 'responder',
  loadingView: () => workingForm('enable_account', 'Looking in all IAM systems …'),
  async run(text, ctx) {
    const personText = await personNamed(ctx.services, text, ctx.signal)
    const { actor, channelId } = ctx
    const request = {
      action: 'enable_account',
      actor,
      channelId,
      personText,
      description: text.rest,
    } as const
    await fillTaskForm(ctx.services, request, ctx.view, ctx.signal)
  },
})
