import { taskCommand } from '#src/slack/commands/task-command.ts'

/** `/force-sign-out [person] [description]`: the form that ends a person's open sessions. */
export const forceSignOut = taskCommand('force_sign_out', {
  name: '/force-sign-out',
  description: 'End a person’s open sessions in every IAM system that can',
  help: [
    '*/force-sign-out* `[e-mail, login or @person] [description]`',
    'Opens a form with the accounts found in every IAM system. *Create* ends the open sessions where the system can; LDAP directories have none.',
    'The account stays enabled: while somebody is misusing it, use `/disable-user`.',
  ].join('\n'),
})
