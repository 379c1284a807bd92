import { workingForm } from '#src/slack/messages/task-form.ts'
import type { ShortcutFacts } from '#src/slack/define.ts'
import { fillFromMessage } from '#src/slack/modals/fill-from-message.ts'
import { defineShortcut } from '#src/slack/services.ts'
import type { Action } from '#src/tasks/task.ts'

/** A shortcut that opens the form of an action, with the people whom the message names, if it has one. */
export function taskShortcut(action: Action, facts: Omit<ShortcutFacts, 'right'>) {
  return defineShortcut({
    ...facts,
    right: 'responder',
    loadingView: () => workingForm(action, 'Looking in all IAM systems …'),
    run: (message, ctx) => fillFromMessage(action, message, ctx),
  })
}
