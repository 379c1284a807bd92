import { notice } from '#src/slack/block-kit/index.ts'
import { extendForm } from '#src/slack/messages/extend-form.ts'
import { defineAction, defineFormAction } from '#src/slack/services.ts'
import { keepDisabled } from '#src/tasks/ends.ts'
import { readTask } from '#src/tasks/rows.ts'
import { TaskId } from '#src/tasks/task-id.ts'

/** **Extend**, on the reminder of a temporary Disable: asks by how long. */
export const extendButton = defineFormAction({
  id: 'extend_disable',
  right: 'responder',
  value: TaskId,
  loadingView: () => notice('Extend', 'One moment …'),
  async run(taskId, ctx) {
    const read = await ctx.services.tasks.store.read((c) => readTask(c, taskId))
    await ctx.view.update(extendForm(taskId, read?.task.endsAt ?? null))
  },
})

/** **Keep disabled**: the end is taken away; the thread says by whom. */
export const keepDisabledButton = defineAction({
  id: 'keep_disabled',
  right: 'responder',
  value: TaskId,
  run: (taskId, ctx) => keepDisabled(ctx.services.tasks, { actor: ctx.actor, taskId }),
})
