import { taskShortcut } from '#src/slack/shortcuts/task-shortcut.ts'

/** **Disable user account** in the menu of a message: the form for the people whom an alert names. */
export const disableInMessageShortcut = taskShortcut('disable_account', {
  id: 'disable_user_in_message',
  place: 'message',
  name: 'Disable user account',
  description: 'Disable the accounts of the people whom this message names',
})
