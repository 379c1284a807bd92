import { z } from 'zod'
import { addGroup, changeGroup, deleteGroups } from '#src/local-users/groups.ts'
import { changeMembersByEmail } from '#src/local-users/members.ts'
import { listGroups } from '#src/local-users/list.ts'
import type { Actor } from '#src/people/actor.ts'
import type { ModalView, SubmitAnswer } from '#src/slack/context.ts'
import { type GroupsFilter, groupsView } from '#src/slack/messages/local/groups.ts'
import { pageOf, PagePlace } from '#src/slack/modals/pages.ts'
import { defineModal, type Services } from '#src/slack/services.ts'

/** The filter as it comes back from the person's machine. */
export const GroupsMeta = z.object({ text: z.string().max(200), ...PagePlace.shape })
const InForm = z.object({ filter: GroupsMeta })

/** The window of `/local-groups`; `said` is what just happened. */
export async function groupsWindow(
  { services, actor }: { readonly services: Services; readonly actor: Actor },
  filter: GroupsFilter,
  said?: string,
): Promise<ModalView> {
  const found = await listGroups(services.tasks, actor, filter.text, pageOf(filter))
  return groupsView({ ...found, filter, said })
}

const shown = (view: ModalView): SubmitAnswer => ({ kind: 'update', view })

/** **Search** in the window of `/local-groups`. */
export const localGroupsModal = defineModal({
  id: 'local_groups',
  right: 'local_user_admin',
  state: z.looseObject({ search: z.string().optional() }),
  meta: GroupsMeta,
  submit: async ({ search = '' }, _, ctx) => shown(await groupsWindow(ctx, { text: search, page: 0 })),
})

/** **Add** or **Save** a group. */
export const localGroupModal = defineModal({
  id: 'local_group',
  right: 'local_user_admin',
  state: z.looseObject({ name: z.string().optional(), description: z.string().optional() }),
  meta: InForm.extend({ group: z.object({ id: z.string(), version: z.number() }).optional() }),
  async submit({ name = '', description = '' }, { filter, group }, ctx) {
    const { tasks } = ctx.services
    const form = { name, description }
    if (group === undefined) await addGroup(tasks, ctx.actor, form)
    else await changeGroup(tasks, ctx.actor, group, form)
    return shown(
      await groupsWindow(ctx, filter, group === undefined ? 'The group was added.' : 'The group was saved.'),
    )
  },
})

/** **Delete** a group. */
export const localGroupDeleteModal = defineModal({
  id: 'local_group_delete',
  right: 'local_user_admin',
  state: z.looseObject({}),
  meta: InForm.extend({ id: z.string() }),
  async submit(_, { id }, ctx) {
    const gone = await deleteGroups(ctx.services.tasks, ctx.actor, [id])
    const said = gone === 0 ? 'Somebody else had deleted this group already.' : 'The group was deleted.'
    return shown(await groupsWindow(ctx, { text: '', page: 0 }, said))
  },
})

/** **Save** who is in a group. */
export const localMembersModal = defineModal({
  id: 'local_members',
  right: 'local_user_admin',
  state: z.looseObject({ add: z.string().optional(), remove: z.string().optional() }),
  meta: InForm.extend({ id: z.string() }),
  async submit({ add = '', remove = '' }, { filter, id }, ctx) {
    const { came, went } = await changeMembersByEmail(ctx.services.tasks, ctx.actor, id, { add, remove })
    const said = came + went === 0 ? 'Nothing was changed.' : `${came} put in, ${went} taken out.`
    return shown(await groupsWindow(ctx, filter, said))
  },
})
