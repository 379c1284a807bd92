import { z } from 'zod'
import { permalinkOf } from '#db/queries/threads.ts'
import { searchTasks } from '#db/queries/tasks.ts'
import type { ModalView } from '#src/slack/context.ts'
import {
  anything,
  perPage,
  sinceMs,
  type TaskListFilter,
  taskListView,
} from '#src/slack/messages/task-list.ts'
import { defineModal, type Services } from '#src/slack/services.ts'
import type { TaskFilter } from '#src/tasks/export.ts'
import { taskFrom } from '#src/tasks/rows.ts'
import { actions, taskStatuses } from '#src/tasks/task.ts'

/** The filter as it comes back from the person's machine. */
export const Filter = z.object({
  text: z.string().max(200),
  status: z.enum([anything, ...taskStatuses]),
  action: z.enum([anything, ...actions]),
  system: z.string().max(100),
  since: z.enum([anything, 'day', 'week', 'month']),
  whose: z.string().regex(/^(mine|all|[UW][A-Z0-9]{1,30})$/),
  page: z.number().int().min(0).max(100_000),
})

/** The first page of what a person asked for. */
export const firstFilter: TaskListFilter = {
  text: '',
  status: anything,
  action: anything,
  system: anything,
  since: anything,
  whose: 'mine',
  page: 0,
}

/** The window with the tasks that fit the filter. */
export async function taskListFor(
  services: Services,
  userId: string,
  filter: TaskListFilter,
  said?: string,
): Promise<ModalView> {
  const { store, connectors } = services.tasks
  return await store.read(async (ctx) => {
    const { rows, total } = await searchTasks(ctx, {
      ...searched(services, userId, filter),
      limit: perPage,
      offset: filter.page * perPage,
    })
    const urls = await Promise.all(rows.map((row) => permalinkOf(ctx, row.id)))
    return taskListView({
      filter,
      total,
      said,
      systems: connectors.map((connector) => connector.system.id),
      rows: rows.map((row, index) => ({ task: taskFrom(row), url: urls[index] })),
    })
  })
}

/** What the filter means to the store. */
export function searched(services: Services, userId: string, filter: TaskListFilter): TaskFilter {
  const { text, status, action, system, since, whose } = filter
  const now = services.tasks.clock.now().getTime()
  return {
    text: text.trim() === '' ? undefined : text.trim(),
    status: status === anything ? undefined : status,
    action: action === anything ? undefined : action,
    systemId: system === anything ? undefined : system,
    from: since === anything ? undefined : new Date(now - sinceMs[since]),
    requesterId: whose === 'all' ? undefined : whose === 'mine' ? userId : whose,
  }
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
