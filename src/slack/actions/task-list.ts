import { z } from 'zod'
import type { ActionContext } from '#src/slack/context.ts'
import { Filter, searched, taskListFor } from '#src/slack/modals/task-list.ts'
import { defineAction, type Services } from '#src/slack/services.ts'
import { requestTasksFile } from '#src/tasks/export.ts'

const Values = z.looseObject({ search: z.string().optional() })

async function show(ctx: ActionContext<Services>, change: object, said?: string): Promise<void> {
  const { form, services, actor } = ctx
  if (form === undefined) return
  const typed = Values.parse(form.values).search ?? ''
  const filter = Filter.parse({ ...Filter.parse(form.meta), text: typed, page: 0, ...change })
  await form.update(await taskListFor(services, actor.userId, filter, said))
}

/** Enter in the search field of `/tasks`. */
export const tasksSearch = defineAction({
  id: 'tasks_search',
  right: 'viewer',
  value: z.unknown(),
  run: (_value, ctx) => show(ctx, {}),
})

/** A menu of `/tasks`: the value says which filter and what. */
export const tasksFilter = defineAction({
  id: 'tasks_filter',
  right: 'viewer',
  value: z
    .string()
    .regex(/^(whose|status|action|since|system):[^:]{1,100}$/)
    .transform((value) => Object.fromEntries([value.split(':')])),
  run: (value, ctx) => show(ctx, Filter.partial().parse(value)),
})

/** **Requested by** of `/tasks`. */
export const tasksRequester = defineAction({
  id: 'tasks_requester',
  right: 'viewer',
  value: z.string().max(40).optional(),
  run: (userId, ctx) => show(ctx, { whose: userId ?? 'all' }),
})

/** **Export CSV** of `/tasks`: what the list shows, all pages, as a file in a direct message. */
export const tasksExport = defineAction({
  id: 'tasks_export',
  right: 'viewer',
  value: z.unknown(),
  async run(_value, ctx) {
    if (ctx.form === undefined) return
    const filter = Filter.parse(ctx.form.meta)
    await requestTasksFile(ctx.services.tasks, ctx.actor, searched(ctx.services, ctx.actor.userId, filter))
    await show(
      ctx,
      { page: filter.page, text: filter.text },
      'The file is on its way to you as a direct message.',
    )
  },
})

/** **Newer** and **Older** of `/tasks`. */
export const tasksPage = defineAction({
  id: 'tasks_page',
  right: 'viewer',
  value: z.coerce.number().int().min(0),
  run: (page, ctx) => show(ctx, { page }),
})
