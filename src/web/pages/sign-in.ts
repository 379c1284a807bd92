import { html } from 'hono/html'
import { secret } from '#src/secrets.ts'
import { endSession } from '#src/sign-in/session.ts'
import { field, type Page, problemBox, type Problem } from '#src/web/layout.ts'
import {
  browserLabel,
  forgetPage,
  keepPage,
  keepStep,
  markOf,
  pageToken,
  signedInOf,
} from '#src/web/pages/browser.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { problemOf, readForm, show, statusOf } from '#src/web/pages/form.ts'
import { goOn, readReturnTo, withReturnTo } from '#src/web/pages/return-to.ts'
import { servicesMayStay } from '#src/web/pages/words.ts'
import type { WebApp } from '#src/web/server.ts'

/** Signing in with a password, and signing out. */
export function signInPages(deps: PageDeps): (app: WebApp) => void {
  return (app) => {
    app.get('/', (context) => context.redirect('/access', 303))
    app.get('/sign-in', async (context) => {
      const returnTo = readReturnTo(context.req.query('return_to'))
      // Some services ask for a fresh sign-in.
      const again = context.req.query('again') !== undefined
      if (!again && (await signedInOf(context, deps.users)) !== undefined)
        return await goOn(context, deps, returnTo)
      return await show(context, deps, signInPage({ returnTo }))
    })
    app.post('/sign-in', async (context) => {
      const form = await readForm(context)
      const returnTo = readReturnTo(form('return_to'))
      const email = form('email')
      try {
        const result = await deps.signIn.withPassword({
          email,
          password: secret(form('password')),
          source: context.get('client').address,
          mark: markOf(context),
          label: browserLabel(context),
          before: pageToken(context),
        })
        if (result.kind === 'signed_in') {
          keepPage(context, result.token, result.mark)
          return await goOn(context, deps, returnTo)
        }
        keepStep(context, result.token)
        return context.redirect(withReturnTo('/sign-in/step', returnTo), 303)
      } catch (error) {
        const page = signInPage({ returnTo, email, problem: problemOf(error) })
        return await show(context, deps, page, statusOf(error))
      }
    })
    app.post('/sign-out', async (context) => {
      const signedIn = await signedInOf(context, deps.users)
      if (signedIn !== undefined) await endSession(deps.users, signedIn.sessionId)
      forgetPage(context)
      return context.redirect('/signed-out', 303)
    })
    app.get('/signed-out', async (context) =>
      (await signedInOf(context, deps.users)) === undefined
        ? await show(context, deps, signedOutPage)
        : context.redirect('/access', 303),
    )
  }
}

function signInPage(shown: {
  readonly returnTo: string | undefined
  readonly email?: string
  readonly problem?: Problem
}): Page {
  const { returnTo, email = '', problem } = shown
  return {
    title: 'Sign in',
    body: html`${problemBox(problem, [])}
      <form method="post" action="/sign-in">
        <input type="hidden" name="return_to" value="${returnTo ?? ''}" />
        ${field({
          name: 'email',
          label: 'E-mail address',
          type: 'email',
          autocomplete: 'username',
          value: email,
          isFirst: email === '',
        })}
        ${field({
          name: 'password',
          label: 'Password',
          type: 'password',
          autocomplete: 'current-password',
          isFirst: email !== '',
        })}
        <button>Sign in</button>
      </form>
      <p class="more"><a href="/forgot">Forgot your password, or never set one?</a></p>`,
  }
}

const signedOutPage: Page = {
  title: 'You are signed out',
  body: html`<p>
      Everything that this sign-in opened has ended here. ${servicesMayStay} Close the browser if others use
      this computer.
    </p>
    <a class="button" href="/sign-in">Sign in again</a>`,
}
