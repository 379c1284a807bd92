import { html, raw } from 'hono/html'
import type { OidcPages } from '#src/sign-in/oidc/provider.ts'
import { failedOnOurSide, type Page, renderPage } from '#src/web/layout.ts'
import { servicesMayStay } from '#src/web/pages/words.ts'

/** For a sign-in at a service that is over, or that another browser began. */
export const interactionOver: Page = {
  title: 'Start again',
  body: html`<p>
    This sign-in took too long, was finished already, or was begun in another browser. Go back to the service
    and start again.
  </p>`,
}

/** For a service that asks at greater length than we keep. */
export const addressTooLong: Page = {
  title: 'Too long',
  body: html`<p>
    The service asked for this sign-in with an address that is too long. Tell the administrator of the
    service: 8,000 characters are taken, of which most are its <bdi>state</bdi>.
  </p>`,
}

/** For somebody whom no rule lets in at a service. */
export function noClientAccess(shown: {
  readonly name: string
  readonly email: string
  /** Where they sign in as somebody else. */
  readonly other: string
  readonly back: string
}): Page {
  const { name, email, other, back } = shown
  return {
    title: 'No access',
    body: html`<p>No rule lets you reach <bdi>${name}</bdi>. Ask your administrator for access.</p>
      <p>You are signed in as <bdi>${email}</bdi>. <a href="${other}">Use another account</a></p>
      <a class="button" href="${back}">Back to <bdi>${name}</bdi></a>`,
  }
}

/** The pages that the OpenID provider shows by itself, with our look. */
export function openIdPages(branding: () => Promise<string>): OidcPages {
  const write = async (page: Page) => String(await renderPage({ ...page, branding: await branding() }))
  return {
    problem: async ({ code, description }) =>
      await write({
        title: 'That did not work',
        body: html`<p>The service asked for this sign-in in a way that we cannot answer.</p>
          <p>Go back and start again. If it stays so, tell your administrator:</p>
          <p class="hint"><bdi>${code}${description === '' ? '' : `: ${description}`}</bdi></p>`,
      }),
    failed: async (reference) =>
      await write({ title: 'That did not work', body: failedOnOurSide(reference) }),
    signOut: async ({ form, formId, client }) =>
      await write({
        title: 'Sign out?',
        body: html`<p>
            ${client === '' ? '' : html`<bdi>${client}</bdi> asks to sign you out. `}This ends your sign-in
            here and everywhere else that you reach through Drawbridge in this browser.
          </p>
          ${raw(form)}
          <div class="choices">
            <button form="${formId}" name="logout" value="yes">Sign out</button>
            <button form="${formId}" class="quiet">Stay signed in</button>
          </div>`,
      }),
    tooMany: async () =>
      await write({
        title: 'Too many sign-ins',
        body: html`<p>
          Very many sign-ins were begun from your network and not finished. Wait a few minutes, then go back
          to the service and start again.
        </p>`,
      }),
    stayed: async () =>
      await write({
        title: 'You are still signed in',
        body: html`<p>Your sign-in goes on. Where a service asked, only that one may have ended its own.</p>
          <a class="button" href="/access">My access</a>`,
      }),
    signedOut: async () =>
      await write({
        title: 'You are signed out',
        body: html`<p>
            Everything that this sign-in opened has ended here. ${servicesMayStay} Close this page, or sign in
            again.
          </p>
          <a class="button" href="/sign-in">Sign in</a>`,
      }),
  }
}
