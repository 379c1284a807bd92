import { notice } from '#src/slack/block-kit/index.ts'
import { groupsWindow } from '#src/slack/modals/local-groups.ts'
import { defineFormCommand } from '#src/slack/services.ts'

/** `/local-groups [text]`: a window with the groups of local users. */
export const localGroups = defineFormCommand({
  name: '/local-groups',
  description: 'Manage groups of local users',
  usageHint: '[part of a name or description]',
  help: [
    '*/local-groups* `[text]`',
    'Shows the groups of local users: add, rename, describe, delete, and say who is in which. *All local users* always holds everybody. For local-user admins.',
  ].join('\n'),
  right: 'local_user_admin',
  loadingView: () => notice('Local groups', 'Looking …'),
  async run(text, ctx) {
    await ctx.view.update(await groupsWindow(ctx, { text: text.text.slice(0, 200), page: 0 }))
  },
})
