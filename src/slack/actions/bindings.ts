import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import { confirmBindingAs, personOfRequest, removeBinding } from '#src/sign-in/bindings.ts'
import type { FactorDeps } from '#src/sign-in/factors.ts'
import { defineAction, type Services } from '#src/slack/services.ts'
import { mention } from '#src/slack/text.ts'

const RequestId = z.string().min(1)

function factorsOf(services: Services): FactorDeps {
  if (services.factors !== undefined) return services.factors
  throw new UserError('nothing_to_do', 'There are no sign-in pages any more, so nobody can be linked.')
}

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
    await removeBinding(factorsOf(ctx.services), ctx.actor, requestId)
    await ctx.respond({ text: 'Not linked. The person was told.' })
  },
})
