import { html } from 'hono/html'
import type { Page } from '#src/web/layout.ts'
import { servicesMayStay } from '#src/web/pages/words.ts'

/** For hosts that are not configured, and for requests that did not come through a proxy of ours. */
export const notServed: Page = {
  title: 'Not served here',
  body: html`<p>
    Drawbridge does not protect this address, or was not asked through its reverse proxy. If you came here by
    a link, tell your administrator.
  </p>`,
}

/** For a ticket that counts no longer, or not here. */
export const usedTicket: Page = {
  title: 'Sign in again',
  body: html`<p>This sign-in was used already, took too long, or was begun in another browser.</p>
    <a class="button" href="/">Go on</a>`,
}

/** For a form that another site sent. */
export const foreignForm: Page = {
  title: 'Not accepted',
  body: html`<p>
    This form was not sent from its own page. Go back, load the page again and send it once more.
  </p>`,
}

/** Asks before signing out: a link alone, or a picture, signs nobody out. */
export const signOutPage: Page = {
  title: 'Sign out?',
  body: html`<p>
      This ends your sign-in here and everywhere else that you reach through Drawbridge in this browser.
    </p>
    <form method="post"><button>Sign out</button></form>`,
}

/** After signing out. */
export const signedOut: Page = {
  title: 'You are signed out',
  body: html`<p>${servicesMayStay} Close this page, or go on and sign in again.</p>
    <a class="button" href="/">Sign in</a>`,
}

/** For somebody whom no rule lets in; `other` is where they sign in as somebody else. */
export function noAccess(name: string, email: string | undefined, other: string): Page {
  const who =
    email === undefined
      ? ''
      : html`<p>You are signed in as <bdi>${email}</bdi>. <a href="${other}">Use another account</a></p>`
  const sentence = html`<p>No rule lets you reach <bdi>${name}</bdi>. Ask your administrator for access.</p>`
  return { title: 'No access', body: html`${sentence}${who}` }
}
