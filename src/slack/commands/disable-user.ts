import { taskCommand } from '#src/slack/commands/task-command.ts'

/** `/disable-user [person] [description]`: the form with the match card. */
export const disableUser = taskCommand('disable_account', {
  name: '/disable-user',
  description: 'Disable a person’s accounts in every IAM system',
  help: [
    '*/disable-user* `[e-mail, login or @person] [description]`',
    'Opens a form with the accounts found in every IAM system. Nothing is changed before you press *Create* and the approvers agree.',
    '*Disable user account* in the menu of a message does the same for the people whom the message names.',
    'Examples: `/disable-user alice@corp.example Token theft, case 4711` · `/disable-user CORP\\anguyen` · `/disable-user`',
  ].join('\n'),
})
