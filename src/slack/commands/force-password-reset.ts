import { taskCommand } from '#src/slack/commands/task-command.ts'

/** `/force-password-reset [person] [description]`: the form that makes a person choose a new password. */
export const forcePasswordReset = taskCommand('force_password_reset', {
  name: '/force-password-reset',
  description: 'Make a person choose a new password in every IAM system',
  help: [
    '*/force-password-reset* `[e-mail, login or @person] [description]`',
    'Opens a form with the accounts found in every IAM system. After approval each of them asks for a new password at the next sign-in.',
    'The account stays enabled: while somebody is misusing it, use `/disable-user`.',
  ].join('\n'),
})
