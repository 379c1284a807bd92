import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import type { Actor } from '#src/people/actor.ts'
import { listBindings } from '#src/sign-in/binding-list.ts'
import type { FactorDeps } from '#src/sign-in/factors.ts'
import type { ModalView } from '#src/slack/context.ts'
import { bindingsView } from '#src/slack/messages/binding-list.ts'
import type { Services } from '#src/slack/services.ts'

/** Which page is shown, as it comes back from the person's machine. */
export const BindingsMeta = z.object({ page: z.number().int().min(0).max(10_000) })

/** What the work on linked approvers needs. Throws `UserError` without sign-in pages. */
export function factorsOf({ factors }: Pick<Services, 'factors'>): FactorDeps {
  if (factors !== undefined) return factors
  throw new UserError('nothing_to_do', 'There are no sign-in pages any more, so nobody can be linked.')
}

/** The window of linked approvers as they are now; `said` is what just happened. Throws `UserError`. */
export async function bindingsWindow(
  ctx: { readonly services: Services; readonly actor: Actor; readonly signal: AbortSignal },
  page: number,
  said?: string,
): Promise<ModalView> {
  const { people, tasks } = ctx.services
  const { store } = factorsOf(ctx.services)
  const { approvers, approval } = tasks.rules
  const links = await listBindings({ store, people, approvers }, ctx.actor, ctx.signal)
  const isAsked = Object.values(approval).some(({ stepUp }) => stepUp === true)
  return bindingsView({ links, isAsked, page, said })
}
