import type { Action } from '#src/tasks/task.ts'

/** The slash command that asks for an action, for sentences that tell people what to do. */
export const actionCommand: { readonly [action in Action]: string } = {
  disable_account: '/disable-user',
  enable_account: '/enable-user',
  force_password_reset: '/force-password-reset',
  force_sign_out: '/force-sign-out',
}
