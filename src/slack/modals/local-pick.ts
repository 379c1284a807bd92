import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import { requestBatch } from '#src/local-users/batch.ts'
import { userActions } from '#src/local-users/change.ts'
import { deleteGroups } from '#src/local-users/groups.ts'
import { listGroups, listUsers, showGroups, showUsers } from '#src/local-users/list.ts'
import type { Actor } from '#src/people/actor.ts'
import type { FormValues, ModalView, SubmitAnswer } from '#src/slack/context.ts'
import type { GroupsFilter } from '#src/slack/messages/local/groups.ts'
import {
  deleteGroupsForm,
  deleteUsersForm,
  mostTicked,
  pickGroupsView,
  pickUsersView,
  tickedBlock,
} from '#src/slack/messages/local/pick.ts'
import type { UsersFilter } from '#src/slack/messages/local/users.ts'
import { GroupsMeta, groupsWindow } from '#src/slack/modals/local-groups.ts'
import { batchWindow, filterOf, UsersMeta } from '#src/slack/modals/local-users.ts'
import { pageOf } from '#src/slack/modals/pages.ts'
import { defineModal, type Services } from '#src/slack/services.ts'

const Ids = z.array(z.string().max(40)).max(2 * mostTicked)
/** What the window with boxes holds: the list, and who is ticked on its other pages. */
export const UsersPickMeta = z.object({ filter: UsersMeta, others: Ids })
/** The same for groups. */
export const GroupsPickMeta = z.object({ filter: GroupsMeta, others: Ids })
const IdsMeta = z.object({ ids: Ids })

type From = { readonly services: Services; readonly actor: Actor }

/** What is ticked on the page that is shown. */
export function tickedIn(values: FormValues | undefined, page: number): readonly string[] {
  return Ids.optional().parse(values?.[tickedBlock(page)]) ?? []
}

/** The local users with boxes. Throws `UserError`. */
export async function pickUsersWindow(
  { services, actor }: From,
  filter: UsersFilter,
  chosen: readonly string[],
): Promise<ModalView> {
  const page = { ...pageOf(filter), sort: filter.sort }
  const { users, total } = await listUsers(services.tasks, actor, filterOf(filter), page)
  return pickUsersView({ filter, rows: users, total, chosen: chosen.slice(0, mostTicked) })
}

/** The groups with boxes. Throws `UserError`. */
export async function pickGroupsWindow(
  { services, actor }: From,
  filter: GroupsFilter,
  chosen: readonly string[],
): Promise<ModalView> {
  const found = await listGroups(services.tasks, actor, filter.text, pageOf(filter))
  return pickGroupsView({
    filter,
    rows: found.groups,
    total: found.total,
    chosen: chosen.slice(0, mostTicked),
  })
}

const shown = (view: ModalView): SubmitAnswer => ({ kind: 'update', view })

/** Throws a sentence under the boxes when none is ticked, or too many. */
function checkTicked(chosen: readonly string[], page: number): void {
  const field = tickedBlock(page)
  if (chosen.length === 0) throw new UserError('missing', 'Please tick at least one.', field)
  if (chosen.length <= mostTicked) return
  const sentence = `Up to ${mostTicked} can be ticked. For more, search or filter the list and change all that it shows.`
  throw new UserError('over_limit', sentence, field)
}

/** **Go on** with ticked local users: deleting asks once more. */
export const localUsersPickModal = defineModal({
  id: 'local_users_pick',
  right: 'local_user_admin',
  state: z.looseObject({ action: z.enum(userActions) }),
  meta: UsersPickMeta,
  async submit({ action, ...values }, { filter, others }, ctx) {
    const { tasks } = ctx.services
    const ids = [...others, ...tickedIn(values, filter.page)]
    checkTicked(ids, filter.page)
    if (action === 'delete') return shown(deleteUsersForm(await showUsers(tasks, ctx.actor, ids)))
    const id = await requestBatch(tasks, ctx.actor, action, { kind: 'ticked', ids })
    return shown(await batchWindow(ctx, id))
  },
})

/** **Delete** ticked local users. */
export const localUsersDeleteModal = defineModal({
  id: 'local_users_delete',
  right: 'local_user_admin',
  state: z.looseObject({}),
  meta: IdsMeta,
  async submit(_, { ids }, ctx) {
    const id = await requestBatch(ctx.services.tasks, ctx.actor, 'delete', { kind: 'ticked', ids })
    return shown(await batchWindow(ctx, id))
  },
})

/** **Delete …** with ticked groups: asks once more. */
export const localGroupsPickModal = defineModal({
  id: 'local_groups_pick',
  right: 'local_user_admin',
  state: z.looseObject({}),
  meta: GroupsPickMeta,
  async submit(values, { filter, others }, ctx) {
    const ids = [...others, ...tickedIn(values, filter.page)]
    checkTicked(ids, filter.page)
    return shown(deleteGroupsForm(await showGroups(ctx.services.tasks, ctx.actor, ids)))
  },
})

/** **Delete** ticked groups. */
export const localGroupsDeleteModal = defineModal({
  id: 'local_groups_delete',
  right: 'local_user_admin',
  state: z.looseObject({}),
  meta: IdsMeta,
  async submit(_, { ids }, ctx) {
    const gone = await deleteGroups(ctx.services.tasks, ctx.actor, ids)
    const said = gone === 1 ? '1 group was deleted.' : `${gone} groups were deleted.`
    const others = gone < ids.length ? ' Somebody else had deleted the others already.' : ''
    return shown(await groupsWindow(ctx, { text: '', page: 0 }, `${said}${others}`))
  },
})
