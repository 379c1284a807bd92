import { workingForm } from '#src/slack/messages/task-form.ts'
import { usualChoices } from '#src/slack/messages/task-inputs.ts'
import { fillTaskForm, personNamed } from '#src/slack/modals/fill-task-form.ts'
import type { CommandFacts } from '#src/slack/define.ts'
import { defineFormCommand } from '#src/slack/services.ts'
import { namesSeveral } from '#src/tasks/people/read-people.ts'
import type { Action } from '#src/tasks/task.ts'

/** A command that opens the form of an action: `/NAME [person] [description]`. */
export function taskCommand(action: Action, facts: Omit<CommandFacts, 'right' | 'usageHint'>) {
  return defineFormCommand({
    ...facts,
    usageHint: '[e-mail, login or @person] [description]',
    right: 'responder',
    loadingView: () => workingForm(action, 'Looking in all IAM systems …'),
    async run(text, ctx) {
      const several = namesSeveral(text.text)
      const personText = several ? text.text : await personNamed(ctx.services, text, ctx.signal)
      const { actor, channelId } = ctx
      const request = {
        action,
        actor,
        channelId,
        personText,
        description: several ? '' : text.rest,
        choices: usualChoices,
      }
      await fillTaskForm(ctx.services, request, ctx.view, ctx.signal)
    },
  })
}
