import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import { addUser } from '#src/local-users/add.ts'
import { requestBatch, type Selection, showBatch } from '#src/local-users/batch.ts'
import { changeUser, describeUser, userActions } from '#src/local-users/change.ts'
import { failedRows } from '#src/local-users/import.ts'
import { listGroups, listUsers, showGroups, type UserFilter } from '#src/local-users/list.ts'
import type { Actor } from '#src/people/actor.ts'
import type { ModalView, SubmitAnswer } from '#src/slack/context.ts'
import { batchView } from '#src/slack/messages/local/batch.ts'
import { dryRunForm } from '#src/slack/messages/local/import.ts'
import { type UsersFilter, usersView } from '#src/slack/messages/local/users.ts'
import { defineModal, type Services } from '#src/slack/services.ts'
import { pageOf, PagePlace } from '#src/slack/modals/pages.ts'
import { code } from '#src/slack/text.ts'

/** The filter as it comes back from the person's machine. */
export const UsersMeta = z.object({
  text: z.string().max(200),
  state: z.enum(['any', 'enabled', 'disabled']),
  enrollment: z.enum(['any', 'waiting', 'expired', 'enrolled']),
  group: z.string().max(30),
  sort: z.enum(['email', 'newest']),
  ...PagePlace.shape,
})
const InForm = z.object({ filter: UsersMeta })

/** Everybody, from the beginning. */
export const everybody: UsersFilter = {
  text: '',
  state: 'any',
  enrollment: 'any',
  group: 'any',
  sort: 'email',
  page: 0,
}

type From = { readonly services: Services; readonly actor: Actor }

/** What the subject is asked for. */
export function filterOf({ text, state, enrollment, group }: UsersFilter): UserFilter {
  return {
    ...(text.trim() !== '' && { text }),
    ...(state !== 'any' && { state }),
    ...(enrollment !== 'any' && { enrollment }),
    ...(group !== 'any' && { groupId: group }),
  }
}

/** The window of `/local-users`; `said` is what just happened. Throws `UserError` where there can be no local users. */
export async function usersWindow(
  { services, actor }: From,
  filter: UsersFilter,
  said?: string,
): Promise<ModalView> {
  const { tasks } = services
  if (!tasks.connectors.some(({ system }) => system.kind === 'local')) {
    const sentence =
      'Local users need a mail server and a public address. Add the sections mail and web to the configuration.'
    throw new UserError('not_found', sentence)
  }
  const page = { ...pageOf(filter), sort: filter.sort }
  const { users, total } = await listUsers(tasks, actor, filterOf(filter), page)
  const groups = await groupsOfMenu({ services, actor }, filter.group)
  return usersView({ filter, users, total, groups, said })
}

// Slack takes 100 choices, and one of them is everybody.
const mostInMenu = 99

/** The first groups by name, and the one that is filtered for: further ones come by **Show members** of the group. */
async function groupsOfMenu({ services: { tasks }, actor }: From, picked: string) {
  const { groups } = await listGroups(tasks, actor, undefined, { number: 0, size: mostInMenu })
  if (picked === 'any' || groups.some(({ id }) => id === picked)) return groups
  return [...(await showGroups(tasks, actor, [picked])), ...groups].slice(0, mostInMenu)
}

/** One batch, or a dry run that nobody confirmed yet, with the first rows that failed. Throws `UserError`. */
export async function batchWindow({ services, actor }: From, id: string, said?: string): Promise<ModalView> {
  const { tasks } = services
  const batch = await showBatch(tasks, actor, id)
  const failures = await failedRows(tasks, actor, id, { from: 0, limit: 40 })
  if (batch.state === 'draft' && batch.facts.kind === 'import')
    return dryRunForm(batch, batch.facts, failures, said)
  return batchView(batch, failures, tasks.clock.now(), said)
}

const shown = (view: ModalView): SubmitAnswer => ({ kind: 'update', view })

/** **Search** in the window of `/local-users`: does what Enter in its field does. */
export const localUsersModal = defineModal({
  id: 'local_users',
  right: 'local_user_admin',
  state: z.looseObject({ search: z.string().optional() }),
  meta: UsersMeta,
  submit: async ({ search = '' }, meta, ctx) =>
    shown(await usersWindow(ctx, { ...meta, text: search, page: 0 })),
})

/** **Add** one local user. */
export const localUserAddModal = defineModal({
  id: 'local_user_add',
  right: 'local_user_admin',
  state: z.looseObject({ email: z.string().optional(), description: z.string().optional() }),
  meta: InForm,
  async submit({ email = '', description = '' }, { filter }, ctx) {
    const { held } = await addUser(ctx.services.tasks, ctx.actor, { email, description })
    const said = held
      ? `${code(email)} is back, and disabled: a Disable task disabled it before it was deleted. Use \`/enable-user\`.`
      : `${code(email)} was added. A link to enroll is under way.`
    return shown(await usersWindow(ctx, filter, said))
  },
})

/** **Save** a description. */
export const localUserDescribeModal = defineModal({
  id: 'local_user_describe',
  right: 'local_user_admin',
  state: z.looseObject({ description: z.string().optional() }),
  meta: InForm.extend({ id: z.string(), version: z.number() }),
  async submit({ description = '' }, { filter, id, version }, ctx) {
    await describeUser(ctx.services.tasks, ctx.actor, { id, version }, description)
    return shown(await usersWindow(ctx, filter, 'The description was saved.'))
  },
})

/** **Delete** one local user. */
export const localUserDeleteModal = defineModal({
  id: 'local_user_delete',
  right: 'local_user_admin',
  state: z.looseObject({}),
  meta: InForm.extend({ id: z.string() }),
  async submit(_, { filter, id }, ctx) {
    await changeUser(ctx.services.tasks, ctx.actor, 'delete', id)
    return shown(await usersWindow(ctx, { ...filter, page: 0 }, 'The local user was deleted.'))
  },
})

/** **Start** one thing for everybody whom the list shows. */
export const localUsersManyModal = defineModal({
  id: 'local_users_many',
  right: 'local_user_admin',
  state: z.looseObject({ action: z.enum(userActions), typed: z.string().optional() }),
  meta: InForm,
  async submit({ action, typed = '' }, { filter }, ctx) {
    const wanted = filterOf(filter)
    const isAll = Object.keys(wanted).length === 0
    const selection: Selection = isAll ? { kind: 'all', typed } : { kind: 'search', filter: wanted, typed }
    const id = await requestBatch(ctx.services.tasks, ctx.actor, action, selection)
    return shown(await batchWindow(ctx, id))
  },
})
