import { html } from 'hono/html'
import { UserError } from '#src/errors.ts'
import { secret } from '#src/secrets.ts'
import { assertMayChangePassword, changePassword } from '#src/sign-in/change-password.ts'
import { markBrowser } from '#src/sign-in/known-browser.ts'
import type { SignedIn } from '#src/sign-in/session.ts'
import { field, type Page, problemBox, type Problem } from '#src/web/layout.ts'
import { browserLabel, keepPage } from '#src/web/pages/browser.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { fresh } from '#src/web/pages/fresh.ts'
import { problemOf, readForm, show, statusOf } from '#src/web/pages/form.ts'
import type { AccessPart } from '#src/web/pages/my-access.ts'
import { nameForManagers, newPasswordFields, readNewPassword } from '#src/web/pages/new-password.ts'
import { withReturnTo } from '#src/web/pages/return-to.ts'
import { servicesMayStay } from '#src/web/pages/words.ts'
import type { WebApp, WebContext } from '#src/web/server.ts'

const path = '/access/password'

/** Changing one's own password. */
export function passwordPages(deps: PageDeps): (app: WebApp) => void {
  const { users } = deps
  const asked = (context: WebContext, work: (signedIn: SignedIn) => Promise<Response>) =>
    fresh(context, deps, path, async ({ signedIn, isHalfWay }) =>
      isHalfWay ? context.redirect(withReturnTo('/sign-in/step', path), 303) : await work(signedIn),
    )
  return (app) => {
    app.get(path, (context) =>
      asked(context, async (signedIn) => {
        await assertMayChangePassword(users, signedIn)
        return await show(context, deps, changePage(signedIn))
      }),
    )
    app.post(path, (context) =>
      asked(context, async (signedIn) => {
        const form = await readForm(context)
        try {
          const typed = { current: secret(form('current')), wanted: readNewPassword(form) }
          const change = { ...typed, label: browserLabel(context) }
          const { token } = await changePassword(users, signedIn, change)
          const mark = markBrowser(users.web.secrets, signedIn.email, users.clock.now())
          keepPage(context, token, mark)
          return context.redirect(`${path}/changed`, 303)
        } catch (error) {
          if (error instanceof UserError && error.code === 'sign_in_again') throw error
          return await show(context, deps, changePage(signedIn, problemOf(error)), statusOf(error))
        }
      }),
    )
    // Where password managers look for it (W3C, A Well-Known URL for Changing Passwords).
    app.get('/.well-known/change-password', (context) => context.redirect(path, 302))
    app.get(`${path}/changed`, (context) => show(context, deps, changedPage))
  }
}

/** The part of "My access" about the password. */
export const passwordOfMine: AccessPart = async () =>
  html`<h2>Password</h2>
    <p><a href="${path}">Change your password</a></p>`

function changePage({ email }: SignedIn, problem?: Problem): Page {
  return {
    title: 'Change your password',
    body: html`<p>This signs you out everywhere else. You get a mail about it.</p>
      ${problemBox(problem, ['current', 'password', 'again'])}
      <form method="post" action="${path}">
        ${nameForManagers(email)}
        ${field(
          {
            name: 'current',
            label: 'Current password',
            type: 'password',
            autocomplete: 'current-password',
            isFirst: problem === undefined,
          },
          problem,
        )}
        ${newPasswordFields(problem, false)}
        <button>Change the password</button>
      </form>
      <p class="more"><a href="/access">Back</a></p>`,
  }
}

const changedPage: Page = {
  title: 'Password changed',
  body: html`<p class="done">
      Your new password counts from now on. You stay signed in here; everywhere else you are signed out.
      ${servicesMayStay}
    </p>
    <a class="button" href="/access">My access</a>`,
}
