import { taskShortcut } from '#src/slack/shortcuts/task-shortcut.ts'

/** **Enable user account** in the menu of a message: the form for the people whom it names. */
export const enableInMessageShortcut = taskShortcut('enable_account', {
  id: 'enable_user_in_message',
  place: 'message',
  name: 'Enable user account',
  description: 'Enable the accounts of the people whom this message names',
})
