import { taskShortcut } from '#src/slack/shortcuts/task-shortcut.ts'

/** **Disable a user account** from anywhere in Slack: the empty form. */
export const disableUserShortcut = taskShortcut('disable_account', {
  id: 'disable_user_anywhere',
  place: 'global',
  name: 'Disable a user account',
  description: 'Disable a person’s accounts in every IAM system',
})
