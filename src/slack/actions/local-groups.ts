import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import { showGroup } from '#src/local-users/list.ts'
import type { ActionContext, ModalView } from '#src/slack/context.ts'
import {
  deleteGroupForm,
  groupForm,
  type GroupsFilter,
  membersForm,
} from '#src/slack/messages/local/groups.ts'
import { accessWindow } from '#src/slack/modals/access-rules.ts'
import { GroupsPickMeta, pickGroupsWindow, tickedIn } from '#src/slack/modals/local-pick.ts'
import { GroupsMeta, groupsWindow } from '#src/slack/modals/local-groups.ts'
import { everybody, usersWindow } from '#src/slack/modals/local-users.ts'
import { at, PageStep } from '#src/slack/modals/pages.ts'
import { defineAction, type Services } from '#src/slack/services.ts'

const right = 'local_user_admin'
const Values = z.looseObject({ search: z.string().optional() })
type Ctx = ActionContext<Services>

function filterIn(ctx: Ctx): GroupsFilter {
  return { ...GroupsMeta.parse(ctx.form?.meta), text: Values.parse(ctx.form?.values).search ?? '' }
}

async function show(ctx: Ctx, view: ModalView): Promise<void> {
  await ctx.form?.update(view)
}

/** Enter in the search field. */
export const localGroupsSearch = defineAction({
  id: 'local_groups_search',
  right,
  value: z.unknown(),
  run: async (_, ctx) => show(ctx, await groupsWindow(ctx, { ...filterIn(ctx), page: 0 })),
})

/** **Back** and **Next** under the list. */
export const localGroupsPage = defineAction({
  id: 'local_groups_page',
  right,
  value: PageStep,
  run: async (step, ctx) => show(ctx, await groupsWindow(ctx, at(filterIn(ctx), step))),
})

/** **Choose some …**: the groups with boxes to tick. */
export const localGroupsPick = defineAction({
  id: 'local_groups_pick',
  right,
  value: z.unknown(),
  run: async (_, ctx) => show(ctx, await pickGroupsWindow(ctx, filterIn(ctx), [])),
})

/** **Back** and **Next** under the boxes: what is ticked stays so. */
export const localGroupsPickPage = defineAction({
  id: 'local_groups_pick_page',
  right,
  value: PageStep,
  async run(step, ctx) {
    const { filter, others } = GroupsPickMeta.parse(ctx.form?.meta)
    const chosen = [...others, ...tickedIn(ctx.form?.values, filter.page)]
    await show(ctx, await pickGroupsWindow(ctx, at(filter, step), chosen))
  },
})

/** **Groups**: to the list of groups. */
export const localGroupsBack = defineAction({
  id: 'local_groups_back',
  right,
  value: z.unknown(),
  run: async (_, ctx) => show(ctx, await groupsWindow(ctx, { text: '', page: 0 })),
})

/** **Add a group**. */
export const localGroupsAdd = defineAction({
  id: 'local_groups_add',
  right,
  value: z.unknown(),
  run: (_, ctx) => show(ctx, groupForm(filterIn(ctx))),
})

/** The menu of one group. */
export const localGroupMenu = defineAction({
  id: 'local_group_menu',
  right,
  value: z.string().regex(/^(list|members|access|edit|delete):[\w-]{1,40}$/),
  async run(value, ctx) {
    const filter = filterIn(ctx)
    const [deed, id = ''] = value.split(':')
    try {
      if (deed === 'list') return await show(ctx, await usersWindow(ctx, { ...everybody, group: id }))
      if (deed === 'access')
        return await show(ctx, await accessWindow(ctx, { groups: filter, groupId: id, page: 0 }))
      const { group, first } = await showGroup(ctx.services.tasks, ctx.actor, id)
      if (deed === 'members') await show(ctx, membersForm(filter, group, first))
      else await show(ctx, deed === 'edit' ? groupForm(filter, group) : deleteGroupForm(filter, group))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      await show(ctx, await groupsWindow(ctx, filter, error.message))
    }
  },
})
