import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import { confirmBindingAs, personOfRequest, removeBinding } from '#src/sign-in/decide-bindings.ts'
import type { ActionContext } from '#src/slack/context.ts'
import { lookingAtBindings } from '#src/slack/messages/binding-list.ts'
import { BindingsMeta, bindingsWindow, factorsOf } from '#src/slack/modals/bindings.ts'
import { defineAction, type Services } from '#src/slack/services.ts'
import { mention } from '#src/slack/text.ts'

const RequestId = z.string().min(1)

/** **Confirm** under the question whether a Slack person and a local user are one; Slack is asked about them now. */
export const confirmBindingButton = defineAction({
  id: 'confirm_binding',
  right: 'owner',
  value: RequestId,
  async run(requestId, ctx) {
    const { actor, services, signal } = ctx
    const deps = factorsOf(services)
    const person = await services.findActor(await personOfRequest(deps, requestId), { maxAgeMs: 0, signal })
    const last = await services.tasks.lastOwner(signal)
    const isOnlyOwner = actor.email !== undefined && last.includes(actor.email)
    await confirmBindingAs(deps, actor, { requestId, person, isOnlyOwner })
    await ctx.respond({
      text: `Linked. ${mention(person.userId)} can now decide where a one-time code is asked.`,
    })
  },
})

/** **Do not link**, before it was confirmed or at any time later. */
export const removeBindingButton = defineAction({
  id: 'remove_binding',
  right: 'owner',
  value: RequestId,
  async run(requestId, ctx) {
    await ctx.respond({
      text: saidOf[await removeBinding(factorsOf(ctx.services), ctx.actor, requestId)],
    })
  },
})

/** **Linked approvers** in the window of `/iam-systems`: on top of it, so that closing goes back. */
export const bindingsShow = defineAction({
  id: 'bindings_show',
  right: 'owner',
  value: z.unknown(),
  async run(_, ctx) {
    const view = await ctx.openView(lookingAtBindings())
    await view.update(await bindingsWindow(ctx, 0))
  },
})

/** **Back** and **Next** under the approvers. */
export const bindingsPage = defineAction({
  id: 'bindings_page',
  right: 'owner',
  value: z.coerce.number().int().min(0).max(10_000),
  async run(page, ctx) {
    await ctx.form?.update(await bindingsWindow(ctx, page))
  },
})

/** **Unlink** and **Do not link** beside an approver. */
export const bindingUnlink = defineAction({
  id: 'binding_unlink',
  right: 'owner',
  value: RequestId,
  async run(requestId, ctx) {
    const { page } = BindingsMeta.parse(ctx.form?.meta)
    await ctx.form?.update(await bindingsWindow(ctx, page, await unlink(requestId, ctx)))
  },
})

// The message to them is on its way, and may take a while.
const saidOf = {
  refused: 'Not linked. They are being told.',
  undone: 'The link was taken away. They are being told.',
} as const

async function unlink(requestId: string, ctx: ActionContext<Services>): Promise<string> {
  try {
    return saidOf[await removeBinding(factorsOf(ctx.services), ctx.actor, requestId)]
  } catch (error) {
    if (error instanceof UserError && error.code === 'stale') return error.message
    throw error
  }
}
