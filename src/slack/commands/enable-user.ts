import { taskCommand } from '#src/slack/commands/task-command.ts'

/** `/enable-user [person] [description]`: the form that restores what a Disable changed. */
export const enableUser = taskCommand('enable_account', {
  name: '/enable-user',
  description: 'Enable a person’s accounts that Drawbridge disabled',
  help: [
    '*/enable-user* `[e-mail, login or @person] [description]`',
    'Opens a form with the accounts that Drawbridge disabled. What the Disable changed is restored exactly, after approval.',
    'The same form stands in the menu of the Disable task’s own message.',
  ].join('\n'),
})
