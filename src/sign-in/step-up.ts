import { localUsersByIds } from '#db/queries/local-users.ts'
import { factorRowsOf } from '#db/queries/second-factors.ts'
import { bindingOfSlack } from '#db/queries/slack-bindings.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import type { Actor } from '#src/people/actor.ts'
import { sendBindingLink } from '#src/sign-in/bindings.ts'
import { type FactorDeps, verifyFactorIn } from '#src/sign-in/factors.ts'
import { refusalOf } from '#src/sign-in/guessing.ts'

/** Asks Slack people for the code of their local user's authenticator app. */
export interface StepUp {
  /**
   * Throws `UserError` for somebody who could not show a code: `not_bound` (they get a link in a direct message to mend
   * that), `nothing_to_do` without an authenticator app.
   */
  assertPossible(actor: Pick<Actor, 'userId' | 'email' | 'name'>): Promise<void>
  /**
   * Uses the code up in the transaction in which it counts. Gives the refusal back rather than throwing it: a wrong code is
   * counted, and that must be committed.
   */
  verify(ctx: WriteContext, slackUserId: string, code: string): Promise<UserError | undefined>
}

/** Makes it. */
export function createStepUp(deps: FactorDeps): StepUp {
  return {
    async assertPossible(actor) {
      const found = await deps.store.read((ctx) => boundUser(ctx, actor.userId))
      if (found.kind === 'user') return
      if (found.refusal.code === 'not_bound') await sendBindingLink(deps, actor)
      throw found.refusal
    },
    async verify(ctx, slackUserId, code) {
      if (code.trim() === '')
        return new UserError('missing', 'Type the code of your authenticator app.', 'code')
      const found = await boundUser(ctx, slackUserId)
      if (found.kind === 'refused') return new UserError(found.refusal.code, found.refusal.message, 'code')
      const verified = await verifyFactorIn(ctx, deps, found.userId, { kind: 'totp', code })
      if (verified.kind === 'wait') ctx.afterCommit(() => deps.onLimit?.('code'))
      return refusalOf(verified, 'totp', deps.clock.now())
    },
  }
}

type Bound =
  | { readonly kind: 'user'; readonly userId: string }
  | { readonly kind: 'refused'; readonly refusal: UserError }

async function boundUser(ctx: ReadContext, slackUserId: string): Promise<Bound> {
  const binding = await bindingOfSlack(ctx, slackUserId)
  const refused = (code: 'not_bound' | 'nothing_to_do', sentence: string) =>
    ({ kind: 'refused', refusal: new UserError(code, sentence) }) as const
  if (binding === undefined)
    return refused(
      'not_bound',
      'A decision on this needs your one-time code, and your Slack account is not linked to a local user yet. I sent you a direct message with a link: sign in there, and an owner confirms it.',
    )
  if (binding.state !== 'confirmed')
    return refused(
      'nothing_to_do',
      'A decision on this needs your one-time code. Your accounts wait to be linked: an owner has to confirm it first.',
    )
  const [user] = await localUsersByIds(ctx, [binding.userId])
  if (user?.state !== 'enabled')
    return refused(
      'nothing_to_do',
      'A decision on this needs your one-time code, and your local user is disabled. Ask a local-user admin.',
    )
  const factors = await factorRowsOf(ctx, user.id)
  if (!factors.some((row) => row.kind === 'totp'))
    return refused(
      'nothing_to_do',
      'A decision on this needs your one-time code. Set up an authenticator app on your sign-in page first.',
    )
  return { kind: 'user', userId: user.id }
}
