import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import { confirmImport, tryImport } from '#src/local-users/import.ts'
import { notice } from '#src/slack/block-kit/index.ts'
import type { ModalContext, ModalView } from '#src/slack/context.ts'
import { importForm } from '#src/slack/messages/local/import.ts'
import { batchWindow } from '#src/slack/modals/local-users.ts'
import { defineModal, type Services } from '#src/slack/services.ts'

const SlackFile = z.object({
  name: z.string().nullish(),
  size: z.number().nullish(),
  url_private_download: z.string().optional(),
})
const State = z.looseObject({
  file: z.array(SlackFile).optional(),
  existing: z.array(z.string()).optional(),
})
type State = z.infer<typeof State>

/** **Check the file**: fetches and reads it once Slack has its answer, and says what importing it would do. */
export const localImportModal = defineModal({
  id: 'local_import',
  right: 'local_user_admin',
  state: State,
  meta: z.unknown(),
  async submit(state, _, ctx) {
    const view = notice('Import local users', 'Reading the file. Nothing is imported yet …')
    return {
      kind: 'update',
      view,
      afterwards: async (shown) => void (await shown.update(await checked(state, ctx))),
    }
  },
})

async function checked(state: State, ctx: ModalContext<Services>): Promise<ModalView> {
  const { services } = ctx
  const { tasks } = services
  try {
    const { name, size, url_private_download: url } = state.file?.[0] ?? {}
    if (url === undefined) throw new UserError('missing', 'Please pick a file.', 'file')
    const fileName = name ?? 'people.csv'
    const bytes = await services.fetchFile({ name: fileName, size: size ?? 0, url }, ctx.signal)
    const updateDescriptions = state.existing?.includes('update') ?? false
    const batch = await tryImport(tasks, ctx.actor, { name: fileName, bytes, updateDescriptions })
    return await batchWindow(ctx, batch.id)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return importForm(error.message)
  }
}

/** **Import N accounts**. */
export const localImportCheckModal = defineModal({
  id: 'local_import_check',
  right: 'local_user_admin',
  state: z.looseObject({}),
  meta: z.object({ id: z.string() }),
  async submit(_, { id }, ctx) {
    await confirmImport(ctx.services.tasks, ctx.actor, id)
    return { kind: 'update', view: await batchWindow(ctx, id) }
  },
})
