import { html } from 'hono/html'
import { UserError } from '#src/errors.ts'
import type { SignedIn } from '#src/sign-in/session.ts'
import type { Page } from '#src/web/layout.ts'
import { signedInOf, stepToken } from '#src/web/pages/browser.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { againPage } from '#src/web/pages/factors-views.ts'
import { show } from '#src/web/pages/form.ts'
import { withReturnTo } from '#src/web/pages/return-to.ts'
import { refusalStatus } from '#src/web/refusal.ts'
import type { WebContext } from '#src/web/server.ts'

/** Somebody on a page about their factors: signed in, or between the password and their first factor. */
export interface Who {
  readonly signedIn: SignedIn
  readonly isHalfWay: boolean
}

/** Who that is: whoever is signed in, else who has to set up a first factor before they are. */
async function whoIs(context: WebContext, deps: PageDeps): Promise<Who | undefined> {
  const signedIn = await signedInOf(context, deps.users)
  if (signedIn !== undefined) return { signedIn, isHalfWay: false }
  const half = await deps.signIn.halfWay(stepToken(context))
  return half && { signedIn: half, isHalfWay: true }
}

/** Runs what needs a sign-in that is fresh; anybody else is led to one, and back. Says what is refused otherwise. */
export async function fresh(
  context: WebContext,
  deps: PageDeps,
  back: string,
  work: (who: Who) => Promise<Response>,
): Promise<Response> {
  const who = await whoIs(context, deps)
  if (who === undefined) return context.redirect(withReturnTo('/sign-in', back), 303)
  try {
    return await work(who)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (error.code !== 'sign_in_again')
      return await show(context, deps, refusedPage(error, back), refusalStatus(context, error, 422))
    // Half way with a factor: the second step comes first.
    if (who.isHalfWay) return context.redirect(withReturnTo('/sign-in/step', back), 303)
    return await show(context, deps, againPage(back, error.message))
  }
}

/** For a refusal that no form shows: what helps next is one link away. */
function refusedPage({ code, message }: UserError, back: string): Page {
  const again = code === 'too_many' ? 'Try again' : 'Start again'
  const helps = back !== '/access' && (code === 'too_many' || code === 'stale')
  return {
    title: 'That did not work',
    body: html`<p>${message}</p>
      ${helps ? html`<a class="button" href="${back}">${again}</a>` : ''}
      <p class="more"><a href="/access">My access</a></p>`,
  }
}
