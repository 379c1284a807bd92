import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import type { LocalUser } from '#src/local-users/account.ts'
import { cancelBatch, recentBatches, showBatch } from '#src/local-users/batch.ts'
import { changeUser } from '#src/local-users/change.ts'
import { confirmImport } from '#src/local-users/import.ts'
import { countUsers, showUser } from '#src/local-users/list.ts'
import { requestExport, requestFailures } from '#src/local-users/export.ts'
import { notice } from '#src/slack/block-kit/index.ts'
import type { ActionContext, ModalView } from '#src/slack/context.ts'
import { batchesView } from '#src/slack/messages/local/batch.ts'
import {
  addUserForm,
  deleteUserForm,
  describeUserForm,
  manyForm,
} from '#src/slack/messages/local/user-forms.ts'
import { importForm } from '#src/slack/messages/local/import.ts'
import type { UsersFilter } from '#src/slack/messages/local/users.ts'
import { pickUsersWindow, tickedIn, UsersPickMeta } from '#src/slack/modals/local-pick.ts'
import { settingsWindow } from '#src/slack/modals/local-settings.ts'
import { resetFactorsForm } from '#src/slack/messages/local/factors-form.ts'
import { batchWindow, everybody, filterOf, UsersMeta, usersWindow } from '#src/slack/modals/local-users.ts'
import { at, PageStep } from '#src/slack/modals/pages.ts'
import { defineAction, defineFormAction, type Services } from '#src/slack/services.ts'
import { code } from '#src/slack/text.ts'

const right = 'local_user_admin'
const Values = z.looseObject({ search: z.string().optional() })
type Ctx = ActionContext<Services>

/** The list as it stands, with what is typed into its search. */
function filterIn(ctx: Ctx): UsersFilter {
  const filter = UsersMeta.parse(ctx.form?.meta)
  return { ...filter, text: Values.parse(ctx.form?.values).search ?? '' }
}

async function show(ctx: Ctx, view: ModalView): Promise<void> {
  await ctx.form?.update(view)
}

/** Enter in the search field. */
export const localUsersSearch = defineAction({
  id: 'local_users_search',
  right,
  value: z.unknown(),
  run: async (_, ctx) => show(ctx, await usersWindow(ctx, { ...filterIn(ctx), page: 0 })),
})

/** A menu above the list: the value says which filter and what. */
export const localUsersFilter = defineAction({
  id: 'local_users_filter',
  right,
  value: z
    .string()
    .regex(/^(state|enrollment|group|sort):[\w-]+$/)
    .transform((value) => Object.fromEntries([value.split(':')])),
  async run(value, ctx) {
    const change = UsersMeta.partial().parse(value)
    await show(ctx, await usersWindow(ctx, UsersMeta.parse({ ...filterIn(ctx), page: 0, ...change })))
  },
})

/** **Back** and **Next** under the list. */
export const localUsersPage = defineAction({
  id: 'local_users_page',
  right,
  value: PageStep,
  run: async (step, ctx) => show(ctx, await usersWindow(ctx, at(filterIn(ctx), step))),
})

/** **Add a local user**. */
export const localUsersAdd = defineAction({
  id: 'local_users_add',
  right,
  value: z.unknown(),
  run: (_, ctx) => show(ctx, addUserForm(filterIn(ctx))),
})

/** **Choose some …**: the list with boxes to tick. */
export const localUsersPick = defineAction({
  id: 'local_users_pick',
  right,
  value: z.unknown(),
  run: async (_, ctx) => show(ctx, await pickUsersWindow(ctx, filterIn(ctx), [])),
})

/** **Back** and **Next** under the boxes: what is ticked stays so. */
export const localUsersPickPage = defineAction({
  id: 'local_users_pick_page',
  right,
  value: PageStep,
  async run(step, ctx) {
    const { filter, others } = UsersPickMeta.parse(ctx.form?.meta)
    const chosen = [...others, ...tickedIn(ctx.form?.values, filter.page)]
    await show(ctx, await pickUsersWindow(ctx, at(filter, step), chosen))
  },
})

/** **Settings**: what holds for all local users. */
export const localUsersSettings = defineAction({
  id: 'local_users_settings',
  right,
  value: z.unknown(),
  run: async (_, ctx) => show(ctx, await settingsWindow(ctx)),
})

/** **Manage all accounts …** and **Change these …**: one thing for everybody whom the list shows. */
export const localUsersMany = defineAction({
  id: 'local_users_many',
  right,
  value: z.unknown(),
  async run(_, ctx) {
    const filter = filterIn(ctx)
    const wanted = filterOf(filter)
    const total = await countUsers(ctx.services.tasks, ctx.actor, wanted)
    if (total === 0) return await show(ctx, await usersWindow(ctx, { ...filter, page: 0 }))
    await show(ctx, manyForm(filter, total, Object.keys(wanted).length === 0))
  },
})

const fileUnderWay = 'The file is on its way to you as a direct message.'

const said = {
  enable: ({ email, enrollment }: LocalUser) =>
    `${code(email)} is enabled.${enrollment === 'enrolled' ? '' : ' A link to enroll is under way.'}`,
  disable: ({ email }: LocalUser) => `${code(email)} is disabled, and all its sessions have ended.`,
  resend: ({ email }: LocalUser) => `A new link is under way to ${code(email)}. Older links no longer work.`,
} as const

/** The menu of one local user. */
export const localUserMenu = defineAction({
  id: 'local_user_menu',
  right,
  value: z.string().regex(/^(enable|disable|resend|describe|reset|delete):[\w-]{1,40}$/),
  async run(value, ctx) {
    const { tasks } = ctx.services
    const filter = filterIn(ctx)
    const [deed, id = ''] = value.split(':')
    try {
      const user = await showUser(tasks, ctx.actor, id)
      if (deed === 'describe') return await show(ctx, describeUserForm(filter, user))
      if (deed === 'reset') return await show(ctx, resetFactorsForm(filter, user))
      if (deed === 'delete') return await show(ctx, deleteUserForm(filter, user))
      if (deed !== 'enable' && deed !== 'disable' && deed !== 'resend') return
      await changeUser(tasks, ctx.actor, deed, id)
      await show(ctx, await usersWindow(ctx, filter, said[deed](user)))
    } catch (error) {
      // What the list showed was no longer true: it says so, above what is.
      if (!(error instanceof UserError)) throw error
      await show(ctx, await usersWindow(ctx, filter, error.message))
    }
  },
})

/** **Imports and batches**. */
export const localUsersBatches = defineAction({
  id: 'local_users_batches',
  right,
  value: z.unknown(),
  async run(_, ctx) {
    const { tasks } = ctx.services
    await show(ctx, batchesView(await recentBatches(tasks, ctx.actor, 20), tasks.clock.now()))
  },
})

/** **View details** and **Refresh** of a batch. */
export const localBatchShow = defineAction({
  id: 'local_batch_show',
  right,
  value: z.string().max(40),
  run: async (id, ctx) => show(ctx, await batchWindow(ctx, id)),
})

/** **Cancel the rest** of a batch, and **Cancel** on its message. */
export const localBatchCancel = defineAction({
  id: 'local_batch_cancel',
  right,
  value: z.string().max(40),
  async run(id, ctx) {
    await cancelBatch(ctx.services.tasks, ctx.actor, id).catch((error: unknown) => {
      // It has ended meanwhile: the window shows how.
      if (ctx.form === undefined || !(error instanceof UserError && error.code === 'stale')) throw error
    })
    // Pressed on the batch's own message, that message shows it.
    if (ctx.form !== undefined) await show(ctx, await batchWindow(ctx, id))
  },
})

/** **Failed rows (CSV)**: as a file in a direct message. */
export const localBatchFailures = defineAction({
  id: 'local_batch_failures',
  right,
  value: z.string().max(40),
  async run(id, ctx) {
    const { tasks } = ctx.services
    // A dry run is kept for a day only.
    await showBatch(tasks, ctx.actor, id)
    await requestFailures(tasks, ctx.actor, id)
    if (ctx.form === undefined) return await ctx.respond({ text: fileUnderWay })
    await show(ctx, await batchWindow(ctx, id, fileUnderWay))
  },
})

/** **Local users**: back to the list. */
export const localUsersBack = defineAction({
  id: 'local_users_back',
  right,
  value: z.unknown(),
  run: async (_, ctx) => show(ctx, await usersWindow(ctx, everybody)),
})

/** **Import CSV**. */
export const localUsersImport = defineAction({
  id: 'local_users_import',
  right,
  value: z.unknown(),
  run: (_, ctx) => show(ctx, importForm()),
})

/** **Import N accounts** under the dry run of a file that was shared. */
export const localImportStart = defineAction({
  id: 'local_import_start',
  right,
  value: z.string().max(40),
  async run(id, ctx) {
    await confirmImport(ctx.services.tasks, ctx.actor, id)
    const text =
      'The import has started. Its message in the channel shows how far it is, and so does `/local-users`.'
    await ctx.respond({ text, replaceOriginal: true })
  },
})

/** **Export CSV**: the list as it stands, as a file in a direct message. */
export const localUsersExport = defineAction({
  id: 'local_users_export',
  right,
  value: z.unknown(),
  async run(_, ctx) {
    const filter = filterIn(ctx)
    await requestExport(ctx.services.tasks, ctx.actor, filterOf(filter))
    await show(ctx, await usersWindow(ctx, filter, fileUnderWay))
  },
})

/** **View details** of a batch's message. */
export const localBatchDetails = defineFormAction({
  id: 'local_batch_details',
  right,
  value: z.string().max(40),
  loadingView: () => notice('Batch', 'Looking …'),
  run: async (id, ctx) => void (await ctx.view.update(await batchWindow(ctx, id))),
})
