import { z } from 'zod'
import { permalinkOf } from '#db/queries/threads.ts'
import { searchTasks } from '#db/queries/tasks.ts'
import type { ModalView } from '#src/slack/context.ts'
import { anything, perPage, type TaskListFilter, taskListView } from '#src/slack/messages/task-list.ts'
import { defineModal, type Services } from '#src/slack/services.ts'
import { taskFrom } from '#src/tasks/rows.ts'
import { actions, taskStatuses } from '#src/tasks/task.ts'

/** The filter as it comes back from the person's machine. */
export const Filter = z.object({
  text: z.string().max(200),
  status: z.enum([anything, ...taskStatuses]),
  action: z.enum([anything, ...actions]),
  whose: z.enum(['mine', 'all']),
  page: z.number().int().min(0).max(100_000),
})

/** The first page of what a person asked for. */
export const firstFilter: TaskListFilter = {
  text: '',
  status: anything,
  action: anything,
  whose: 'mine',
  page: 0,
}

/** The window with the tasks that fit the filter. */
export async function taskListFor(
  services: Services,
  userId: string,
  filter: TaskListFilter,
): Promise<ModalView> {
  const { store } = services.tasks
  return await store.read(async (ctx) => {
    const { rows, total } = await searchTasks(ctx, {
      text: filter.text.trim() === '' ? undefined : filter.text.trim(),
      status: filter.status === anything ? undefined : filter.status,
      action: filter.action === anything ? undefined : filter.action,
      requesterId: filter.whose === 'mine' ? userId : undefined,
      limit: perPage,
      offset: filter.page * perPage,
    })
    const urls = await Promise.all(rows.map((row) => permalinkOf(ctx, row.id)))
    return taskListView({
      filter,
      total,
      rows: rows.map((row, index) => ({ task: taskFrom(row), url: urls[index] })),
    })
  })
}

/** **Search** in the window of `/tasks`: does what Enter in its field does. */
export const tasksModal = defineModal({
  id: 'tasks',
  right: 'viewer',
  state: z.looseObject({ search: z.string().optional() }),
  meta: Filter,
  async submit(state, meta, ctx) {
    const filter = { ...meta, text: state.search ?? '', page: 0 }
    return { kind: 'update', view: await taskListFor(ctx.services, ctx.actor.userId, filter) }
  },
})
