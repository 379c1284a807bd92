import { z } from 'zod'
import type { ActionContext } from '#src/slack/context.ts'
import { Filter, taskListFor } from '#src/slack/modals/task-list.ts'
import { defineAction, type Services } from '#src/slack/services.ts'

const Values = z.looseObject({ search: z.string().optional() })

async function show(ctx: ActionContext<Services>, change: object): Promise<void> {
  const { form, services, actor } = ctx
  if (form === undefined) return
  const typed = Values.parse(form.values).search ?? ''
  const filter = Filter.parse({ ...Filter.parse(form.meta), text: typed, page: 0, ...change })
  await form.update(await taskListFor(services, actor.userId, filter))
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
    .regex(/^(whose|status|action):[a-z_]+$/)
    .transform((value) => Object.fromEntries([value.split(':')])),
  run: (value, ctx) => show(ctx, Filter.partial().parse(value)),
})

/** **Newer** and **Older** of `/tasks`. */
export const tasksPage = defineAction({
  id: 'tasks_page',
  right: 'viewer',
  value: z.coerce.number().int().min(0),
  run: (page, ctx) => show(ctx, { page }),
})
