import { fillTaskForm, personNamed } from '#src/slack/modals/fill-task-form.ts'
import { workingForm } from '#src/slack/messages/task-form.ts'
import { defineFormCommand } from '#src/slack/services.ts'

/** `/disable-user [person] [description]`: the form with the match card. */
export const disableUser = defineFormCommand({
  name: '/disable-user',
  description: 'Disable a person’s accounts in every IAM system',
  usageHint: '[e-mail, login or @person] [description]',
  help: [
    '*/disable-user* `[e-mail, login or @person] [description]`',
    'Opens a form with the accounts found in every IAM system. Nothing is changed before you press *Create* and the approvers agree.',
    'Examples: `/disable-user alice@corp.example Token theft, case 4711` · `/disable-user CORP\\anguyen` · `/disable-user`',
  ].join('\n'),
  right: 'responder',
  loadingView: () => workingForm('disable_account', 'Looking in all IAM systems …'),
  async run(text, ctx) {
    const personText = await personNamed(ctx.services, text, ctx.signal)
    const { actor, channelId } = ctx
    const request = {
      action: 'disable_account',
      actor,
      channelId,
      personText,
      description: text.rest,
    } as const
    await fillTaskForm(ctx.services, request, ctx.view, ctx.signal)
  },
})
