import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import { assertAdmin } from '#src/local-users/deps.ts'
import { changeLocalSettings, readLocalSettings } from '#src/local-users/settings.ts'
import type { Actor } from '#src/people/actor.ts'
import type { ModalView } from '#src/slack/context.ts'
import { mfaBox, settingsForm } from '#src/slack/messages/local/settings.ts'
import { defineModal, type Services } from '#src/slack/services.ts'

/** The window with what holds for all local users. Throws `UserError`. */
export async function settingsWindow(
  { services, actor }: { readonly services: Services; readonly actor: Actor },
  said?: string,
): Promise<ModalView> {
  assertAdmin(actor)
  const { signInUrl, tasks } = services
  if (signInUrl === undefined)
    throw new UserError('not_found', 'There is no sign-in page: the configuration has no section web.')
  return settingsForm({ settings: await tasks.store.read(readLocalSettings), signInUrl, said })
}

/** **Save** the settings of all local users. */
export const localSettingsModal = defineModal({
  id: 'local_settings',
  right: 'local_user_admin',
  state: z.looseObject({ mfa: z.array(z.string()).optional(), brandingText: z.string().optional() }),
  meta: z.object({ mfaRequired: z.boolean(), brandingText: z.string() }),
  async submit({ mfa = [], brandingText = '' }, shown, ctx) {
    const mfaRequired = mfa.includes(mfaBox)
    // What the person left as it was shown stays as it is now: somebody else may have changed it meanwhile.
    await changeLocalSettings(ctx.services.tasks, ctx.actor, {
      ...(mfaRequired !== shown.mfaRequired && { mfaRequired }),
      ...(brandingText !== shown.brandingText && { brandingText }),
    })
    return { kind: 'update', view: await settingsWindow(ctx, 'The settings were saved.') }
  },
})
