import { bindingOfRequest, confirmBinding, deleteBindings } from '#db/queries/slack-bindings.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { type Actor, assertRole } from '#src/people/actor.ts'
import { haveSameAddress, tell } from '#src/sign-in/bindings.ts'
import type { FactorDeps } from '#src/sign-in/factor-deps.ts'

/**
 * An owner's word that the two are one person; Slack's word on the person is of now. Throws `UserError`: `not_allowed`,
 * `stale` for a request that is gone or the addresses differ by now, `already_decided`, `own_request` for an owner who is
 * not the only one.
 */
export async function confirmBindingAs(
  deps: FactorDeps,
  actor: Actor,
  request: {
    readonly requestId: string
    readonly person: Pick<Actor, 'userId' | 'email'>
    readonly isOnlyOwner: boolean
  },
): Promise<void> {
  const { requestId, person } = request
  assertRole(actor, 'owner')
  if (person.userId === actor.userId && !request.isOnlyOwner)
    throw new UserError('own_request', 'This is about yourself, so another owner has to confirm it.')
  const now = deps.clock.now()
  await deps.store.write(async (ctx) => {
    const row = await bindingOfRequest(ctx, requestId)
    if (row?.slackUserId !== person.userId) throw gone()
    if (row.state === 'confirmed') throw new UserError('already_decided', 'This is confirmed already.')
    if (!(await haveSameAddress(ctx, row.userId, person.email))) {
      const sentence = 'The two no longer have the same e-mail address, so I do not link them.'
      throw new UserError('stale', sentence)
    }
    await confirmBinding(ctx, requestId, { confirmedAt: now, confirmedBy: actor.userId })
    const { slackUserId, userId } = row
    await record(ctx, now, { kind: 'binding_confirmed', actor: actor.userId, facts: { slackUserId, userId } })
    await tell(
      ctx,
      deps,
      slackUserId,
      'Your accounts are linked. Decide with the code of your authenticator app.',
    )
  })
}

/** Which Slack person a request is about. Throws `UserError('stale')` when it is gone. */
export async function personOfRequest(deps: FactorDeps, requestId: string): Promise<string> {
  const row = await deps.store.read((ctx) => bindingOfRequest(ctx, requestId))
  if (row === undefined) throw gone()
  return row.slackUserId
}

/**
 * Refuses a request, or undoes what was confirmed; says which, and has the person told. Throws `UserError`: `not_allowed`,
 * `stale` when it is gone.
 */
export async function removeBinding(
  deps: FactorDeps,
  actor: Actor,
  requestId: string,
): Promise<'refused' | 'undone'> {
  assertRole(actor, 'owner')
  const now = deps.clock.now()
  return await deps.store.write(async (ctx) => {
    const row = await bindingOfRequest(ctx, requestId)
    if (row === undefined) throw gone()
    const { slackUserId, userId, state } = row
    const done = state === 'confirmed' ? ('undone' as const) : ('refused' as const)
    await deleteBindings(ctx, { slackUserId })
    const facts = { slackUserId, userId, state }
    await record(ctx, now, { kind: 'binding_removed', actor: actor.userId, facts })
    await tell(ctx, deps, slackUserId, removedSentence[done])
    return done
  })
}

const removedSentence = {
  refused: 'Your accounts were not linked: an owner said no. Ask them why.',
  undone: 'Your accounts are no longer linked: an owner took the link away. Ask them why.',
} as const

function gone(): UserError {
  return new UserError(
    'stale',
    'This request is no longer there: it was removed, or a newer one took its place.',
  )
}
