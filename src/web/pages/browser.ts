import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Secret } from '#src/secrets.ts'
import { findSession, type SignedIn } from '#src/sign-in/session.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import type { WebContext } from '#src/web/server.ts'

// `__Host-`: no other host, also no sibling below the same domain, can set them for us.
const pageCookie = '__Host-drawbridge'
const stepCookie = '__Host-drawbridge-step'
const markCookie = '__Host-drawbridge-known'
const options = { path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
const yearSeconds = 365 * 24 * 60 * 60

/** The token of the page session that the browser shows; undefined when it shows none. */
export function pageToken(context: WebContext): string | undefined {
  return getCookie(context, pageCookie)
}

/** Who is signed in on our own pages, by this request's cookie. */
export async function signedInOf(
  context: WebContext,
  users: PageDeps['users'],
): Promise<SignedIn | undefined> {
  const token = pageToken(context)
  return token === undefined ? undefined : await findSession(users, token, 'page')
}

/** Hands the browser a new page session, and the mark of a browser in which a person proved who they are. */
export function keepPage(context: WebContext, token: Secret, mark: string): void {
  setCookie(context, pageCookie, token.reveal(), options)
  deleteCookie(context, stepCookie, options)
  keepMark(context, mark)
}

/** Only the mark, e.g. for who came by a link of a mail. */
export function keepMark(context: WebContext, mark: string): void {
  setCookie(context, markCookie, mark, { ...options, maxAge: yearSeconds })
}

/** The browser's mark; undefined when it has none. */
export function markOf(context: WebContext): string | undefined {
  return getCookie(context, markCookie)
}

/** Hands the browser the token of the second step. */
export function keepStep(context: WebContext, token: Secret): void {
  setCookie(context, stepCookie, token.reveal(), options)
}

/** The token of the second step; empty when the browser shows none. */
export function stepToken(context: WebContext): string {
  return getCookie(context, stepCookie) ?? ''
}

/** Takes the page session out of the browser. */
export function forgetPage(context: WebContext): void {
  deleteCookie(context, pageCookie, options)
  deleteCookie(context, stepCookie, options)
}

const browsers = [
  ['Edge', /\bEdg\w*\//],
  ['Opera', /\bOPR\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /(Chrome|Chromium|CriOS)\//],
  ['Safari', /\bSafari\//],
] as const
const machines = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['Mac', /\bMac OS X\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
] as const

/** A browser as its person would call it, e.g. `Firefox on Linux`. */
export function browserLabel(context: WebContext): string {
  const agent = context.req.header('user-agent') ?? ''
  const find = (all: typeof browsers | typeof machines) => all.find(([, pattern]) => pattern.test(agent))?.[0]
  return `${find(browsers) ?? 'A browser'} on ${find(machines) ?? 'some device'}`
}
