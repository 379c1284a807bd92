import { z } from 'zod'
import { extendFormId } from '#src/slack/messages/extend-form.ts'
import { defineModal } from '#src/slack/services.ts'
import { extendDisable } from '#src/tasks/ends.ts'

/** **Extend** of a temporary Disable. */
export const extendModal = defineModal({
  id: extendFormId,
  right: 'responder',
  state: z.object({ ends: z.coerce.number().int().positive() }),
  meta: z.object({ taskId: z.string(), endsAt: z.coerce.date() }),
  async submit(state, meta, ctx) {
    const { taskId, endsAt: from } = meta
    await extendDisable(ctx.services.tasks, { actor: ctx.actor, taskId, from, byMs: state.ends })
    return { kind: 'clear' }
  },
})
