import { html } from 'hono/html'
import { UserError } from '#src/errors.ts'
import { enroll, type Enrolled, type OpenLink, openLink } from '#src/local-users/enrollment.ts'
import { askForLink } from '#src/sign-in/ask-link.ts'
import { markBrowser } from '#src/sign-in/known-browser.ts'
import { field, type Markup, type Page, problemBox, type Problem } from '#src/web/layout.ts'
import { keepMark } from '#src/web/pages/browser.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { problemOf, readForm, show, statusOf } from '#src/web/pages/form.ts'
import { nameForManagers, newPasswordFields, readNewPassword } from '#src/web/pages/new-password.ts'
import { servicesMayStay, timeText } from '#src/web/pages/words.ts'
import type { WebApp } from '#src/web/server.ts'

/** What links by mail lead to, and the page on which one asks for such a link. */
export function linkPages(deps: PageDeps): (app: WebApp) => void {
  const { users } = deps
  return (app) => {
    // Opening never uses a link up: mail scanners open links.
    app.get('/enroll/:token', async (context) => {
      const token = context.req.param('token')
      try {
        return await show(context, deps, passwordPage(await openLink(users, token), token))
      } catch (error) {
        if (!isStale(error)) throw error
        return await show(context, deps, deadLinkPage, 410)
      }
    })
    app.post('/enroll/:token', async (context) => {
      const token = context.req.param('token')
      const form = await readForm(context)
      try {
        // First of all: what is typed wrong is said of links that work.
        const link = await openLink(users, token)
        try {
          const enrolled = await enroll(users, token, readNewPassword(form))
          keepMark(context, markBrowser(users.web.secrets, link.email, users.clock.now()))
          return context.redirect(pathAfter(enrolled), 303)
        } catch (error) {
          if (isStale(error)) throw error
          const page = passwordPage(link, token, problemOf(error))
          return await show(context, deps, page, statusOf(error))
        }
      } catch (error) {
        if (!isStale(error)) throw error
        return await show(context, deps, deadLinkPage, 410)
      }
    })
    app.get('/enrolled', (context) => show(context, deps, enrolledPage))
    app.get('/enrolled/second-factor', (context) => show(context, deps, factorNextPage))
    app.get('/password-changed', (context) => show(context, deps, changedPage))
    app.get('/forgot', (context) => show(context, deps, forgotPage()))
    app.post('/forgot', async (context) => {
      const form = await readForm(context)
      const email = form('email')
      try {
        await askForLink(users, { email, source: context.get('client').address })
        return context.redirect('/forgot/sent', 303)
      } catch (error) {
        return await show(context, deps, forgotPage(email, problemOf(error)), statusOf(error))
      }
    })
    app.get('/forgot/sent', (context) => show(context, deps, sentPage))
  }
}

function pathAfter({ needsFactor, isEnrolled }: Enrolled): string {
  if (needsFactor) return '/enrolled/second-factor'
  return isEnrolled ? '/password-changed' : '/enrolled'
}

function isStale(error: unknown): boolean {
  return error instanceof UserError && error.code === 'stale'
}

function passwordPage(link: OpenLink, token: string, problem?: Problem): Page {
  const { email, expiresAt, isEnrolled } = link
  return {
    title: isEnrolled ? 'Choose a new password' : 'Set up your sign-in',
    body: html`<p>
        For <strong><bdi>${email}</bdi></strong
        >. This page works once, until ${timeText(expiresAt)}.
      </p>
      ${problemBox(problem, ['password', 'again'])}
      <form method="post" action="/enroll/${token}">
        ${nameForManagers(email)} ${newPasswordFields(problem, problem === undefined)}
        <button>Set the password</button>
      </form>`,
  }
}

const enrolledPage: Page = {
  title: 'You are set up',
  body: html`<p class="done">Your address is verified and your password is set.</p>
    <a class="button" href="/sign-in">Sign in</a>`,
}

const factorNextPage: Page = {
  title: 'Your password is set',
  body: html`<p class="done">Your address is verified and your new password counts from now on.</p>
    <p>Sign in now to set up your second factor: an authenticator app or a passkey. It is needed here.</p>
    <a class="button" href="/sign-in">Sign in</a>`,
}

const changedPage: Page = {
  title: 'Password changed',
  body: html`<p class="done">
      Your new password counts from now on. Wherever you were signed in, you are signed out.
      ${servicesMayStay}
    </p>
    <a class="button" href="/sign-in">Sign in</a>`,
}

function askForm(email: string, isFirst: boolean, problem?: Problem): Markup {
  return html`${problemBox(problem, [])}
    <form method="post" action="/forgot">
      ${field({ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username', value: email, isFirst })}
      <button>Send me a link</button>
    </form>`
}

const deadLinkPage: Page = {
  title: 'This link has ended',
  body: html`<p>
      It was used already, was replaced by a newer one, or its time is over. You can ask for a new one.
    </p>
    ${askForm('', false)}`,
}

function forgotPage(email = '', problem?: Problem): Page {
  return {
    title: 'Get a link by mail',
    body: html`<p>With the link you set a password. Until you use it, your old one keeps working.</p>
      ${askForm(email, true, problem)}
      <p class="more"><a href="/sign-in">Back to sign-in</a></p>`,
  }
}

const sentPage: Page = {
  title: 'Check your mail',
  body: html`<p class="done">If somebody signs in here with this address, they get a mail with a link.</p>
    <p>
      It comes within some minutes; if you asked before, the newest one that came counts. We send only a few
      in an hour to one address. Nothing there? Check the spam folder, then ask your administrator whether you
      have an account here.
    </p>
    <p class="more"><a href="/sign-in">Back to sign-in</a></p>`,
}
