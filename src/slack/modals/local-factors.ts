import { z } from 'zod'
import { resetFactors } from '#src/sign-in/factors.ts'
import { UsersMeta, usersWindow } from '#src/slack/modals/local-users.ts'
import { defineModal } from '#src/slack/services.ts'

/** **Reset** the second factors of one local user, e.g. after a lost phone. */
export const localFactorsResetModal = defineModal({
  id: 'local_factors_reset',
  right: 'local_user_admin',
  state: z.looseObject({}),
  meta: z.object({ filter: UsersMeta, id: z.string() }),
  async submit(_, { filter, id }, ctx) {
    const factors = await resetFactors(ctx.services.tasks, ctx.actor, id)
    const said =
      factors === 0
        ? 'There were no second factors. All sessions have ended.'
        : 'The second factors were taken away, and all sessions have ended.'
    return { kind: 'update', view: await usersWindow(ctx, filter, said) }
  },
})
