import { html } from 'hono/html'
import { type Markup, renderPage } from '#src/web/layout.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import type { WebContext } from '#src/web/server.ts'

const home = '/access'

/**
 * Where to go after signing in: a path on our own host, whatever somebody put into a link; undefined for anything else.
 * Pure.
 */
export function readReturnTo(text: string | undefined): string | undefined {
  // Browsers read a backslash as a slash and drop tabs and line ends; two slashes begin another host's address.
  if (text === undefined || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text) || text.length > 4_000)
    return undefined
  const base = 'https://own.invalid'
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined
  if (url?.origin !== base || url.pathname.startsWith('//')) return undefined
  return `${url.pathname}${url.search}`
}

/** The address of a page that keeps where to go afterwards. */
export function withReturnTo(path: string, returnTo: string | undefined): string {
  return returnTo === undefined ? path : `${path}?return_to=${encodeURIComponent(returnTo)}`
}

/** The path of the sign-in page that comes back to a path of ours; `again`: also for who is signed in. */
export function signInPath(returnTo: string, again: boolean): string {
  return `${withReturnTo('/sign-in', returnTo)}${again ? '&again=1' : ''}`
}

/**
 * Goes on after a form. What may leave for another site does so from a page of its own: Chromium holds redirects after a
 * form against `form-action`.
 */
export async function goOn(
  context: WebContext,
  deps: Pick<PageDeps, 'branding'>,
  returnTo: string | undefined,
): Promise<Response> {
  const path = returnTo ?? home
  if (path === home || path.startsWith(`${home}/`)) return context.redirect(path, 303)
  const body: Markup = html`<p>You are signed in. If nothing happens, <a href="${path}">go on</a>.</p>`
  const branding = await deps.branding()
  return context.html(await renderPage({ title: 'Signed in', body, branding, goOnTo: path }))
}
