import { notice } from '#src/slack/block-kit/index.ts'
import { firstFilter, taskListFor } from '#src/slack/modals/task-list.ts'
import { defineFormCommand } from '#src/slack/services.ts'

/** `/tasks [text]`: a window with the last tasks, search, filters and paging. A text searches among all tasks. */
export const tasks = defineFormCommand({
  name: '/tasks',
  description: 'See and search tasks',
  usageHint: '[part of a task id, person, requester or description]',
  help: [
    '*/tasks* `[text]`',
    'Shows your last tasks, newest first. With a text it searches all tasks: part of an id (`T-4F7`), a person, a requester or a description.',
  ].join('\n'),
  right: 'viewer',
  loadingView: () => notice('Tasks', 'Looking …'),
  async run(text, ctx) {
    const search = text.text.slice(0, 200)
    const filter = search === '' ? firstFilter : { ...firstFilter, text: search, whose: 'all' as const }
    await ctx.view.update(await taskListFor(ctx.services, ctx.actor.userId, filter))
  },
})
