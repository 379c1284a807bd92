import { notice } from '#src/slack/block-kit/index.ts'
import { everybody, usersWindow } from '#src/slack/modals/local-users.ts'
import { defineFormCommand } from '#src/slack/services.ts'

/** `/local-users [text]`: a window with the local users: search, filters, and all that can be done to one or to many. */
export const localUsers = defineFormCommand({
  name: '/local-users',
  description: 'Manage local users: add, import, enable, disable, delete',
  usageHint: '[part of an address or description]',
  help: [
    '*/local-users* `[text]`',
    'Shows the local users: people without another identity provider, who enroll by mail. Add one, import many from a CSV file, enable, disable, delete, send links anew. With a text it searches addresses and descriptions. For local-user admins.',
  ].join('\n'),
  right: 'local_user_admin',
  loadingView: () => notice('Local users', 'Looking …'),
  async run(text, ctx) {
    await ctx.view.update(await usersWindow(ctx, { ...everybody, text: text.text.slice(0, 200) }))
  },
})
