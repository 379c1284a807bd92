import { getCookie, setCookie } from 'hono/cookie'
import { type ForwardAuthDeps, hashOf, isToken, judgeRequest, signOutAt } from '#src/sign-in/forward-auth.ts'
import type { SignedIn } from '#src/sign-in/session.ts'
import {
  addressOf,
  type Destination,
  issueTicket,
  newBrowserWord,
  readDestination,
  redeemTicket,
} from '#src/sign-in/tickets.ts'
import { type ForwardedRequest, headerList, headerValue, readForwarded } from '#src/web/forwarded.ts'
import {
  foreignForm,
  noAccess,
  notServed,
  signedOut,
  signOutPage,
  usedTicket,
} from '#src/web/forward-pages.ts'
import { type Page, renderPage } from '#src/web/layout.ts'
import type { WebApp, WebContext } from '#src/web/server.ts'
import { style } from '#src/web/style.ts'

/** What protected hosts need: subjects, our own address, and who is signed in on our own page. */
export interface ForwardAuthWebDeps {
  readonly forward: ForwardAuthDeps
  /** Origin only, without a slash at the end. */
  readonly publicUrl: string
  /** Who is signed in on Drawbridge's own pages, by this request's cookie. */
  readonly signedIn: (context: WebContext) => Promise<SignedIn | undefined>
  /** The path of the sign-in page that comes back to a path of ours; `again`: also for who is signed in. */
  readonly signInPath: (returnTo: string, again: boolean) => string
  /** Plain text for the top of the pages; empty for none. */
  readonly branding: () => Promise<string>
}

// On protected hosts everything of ours is below this path, which their proxy hands to us.
const below = '/.drawbridge'
const sessionCookie = '__Host-drawbridge-access'
const browserCookie = '__Host-drawbridge-browser'
const ticketPath = '/forward-auth/ticket'
const cookieOptions = { path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
const signInMinutes = 30

/**
 * What reverse proxies ask at each request: who it is, or a way to sign in. Answers without a page, so that nothing needs to be
 * put onto them; refusals are left to `forwardAuthRoutes`. Only our own proxies are answered.
 */
export function forwardCheck(deps: ForwardAuthWebDeps): (app: WebApp) => void {
  return (app) => {
    app.all('/forward-auth', async (context, next) => (await check(deps, context)) ?? (await next()))
  }
}

/**
 * Routes for the paths that reverse proxies hand to us on protected hosts: the ones below `/.drawbridge` carry the sign-in
 * over. Only our own proxies are answered, but for the style sheet.
 */
export function forwardAuthRoutes(deps: ForwardAuthWebDeps): (app: WebApp) => void {
  return (app) => {
    app.all('/forward-auth', async (context) => await refuse(deps, context))
    // To anybody: also the page that says that a host is not served has our look.
    app.get(`${below}/style.css`, (context) =>
      context.body(style, 200, {
        'content-type': 'text/css; charset=utf-8',
        'cache-control': 'max-age=3600',
      }),
    )
    app.use(`${below}/*`, async (context, next) => {
      const { host, isFromProxy } = context.get('client')
      const to = isFromProxy ? readDestination(deps.forward, `https://${host}/`) : undefined
      if (to !== undefined) return await next()
      return await show(deps, context, 403, notServed)
    })
    app.get(`${below}/sign-in`, (context) => begin(deps, context))
    app.get(`${below}/callback`, async (context) => await arrive(deps, context))
    app.get(`${below}/refused`, async (context) => await showRefusal(deps, context, hostOf(context)))
    app.get(`${below}/sign-out`, async (context) => await show(deps, context, 200, signOutPage))
    app.post(`${below}/sign-out`, async (context) => await signOut(deps, context))
  }
}

/** The page on our own host that gives out tickets to people who are signed in there. */
export function ticketRoute(deps: ForwardAuthWebDeps): (app: WebApp) => void {
  return (app) => {
    app.get(ticketPath, async (context) => await giveTicket(deps, context))
  }
}

/** 204 with who it is, or a way to sign in; undefined for a refusal. */
async function check(deps: ForwardAuthWebDeps, context: WebContext): Promise<Response | undefined> {
  const request = requestOf(context)
  if (request === undefined) return undefined
  const { host, isPageView, wants401 } = request
  const verdict = await judgeRequest(deps.forward, { host, token: getCookie(context, sessionCookie) })
  if (verdict.kind === 'pass')
    return context.body(null, 204, {
      'x-auth-user': verdict.userId,
      'x-auth-email': headerValue(verdict.email),
      'x-auth-groups': headerList(verdict.groups),
      'cache-control': 'no-store',
    })
  if (verdict.kind !== 'sign_in') return undefined
  if (!isPageView) return context.body(null, 401, { 'cache-control': 'no-store' })
  // Cut where it is too long: proxies take some 4,000 bytes of headers from whom they ask.
  const to = addressOf(destinationOn(deps, host, request.address))
  const location = `https://${host}${below}/sign-in?to=${encodeURIComponent(to)}`
  return context.body(null, wants401 ? 401 : 302, { location, 'cache-control': 'no-store' })
}

async function refuse(deps: ForwardAuthWebDeps, context: WebContext): Promise<Response> {
  const request = requestOf(context)
  const isServed =
    request !== undefined && deps.forward.access.admissionTo({ kind: 'host', id: request.host }) !== undefined
  return isServed ? await showRefusal(deps, context, request.host) : await show(deps, context, 403, notServed)
}

function requestOf(context: WebContext): ForwardedRequest | undefined {
  return context.get('client').isFromProxy ? readForwarded((name) => context.req.header(name)) : undefined
}

/** On the host: gives the browser a word to be known by, and goes to our own page. */
function begin(deps: ForwardAuthWebDeps, context: WebContext): Response {
  const to = destinationOn(deps, hostOf(context), context.req.query('to'))
  const known = getCookie(context, browserCookie) ?? ''
  // Another tab may be signing in at the same moment, by the word that is there.
  const word = isToken(known) ? known : newBrowserWord().reveal()
  setCookie(context, browserCookie, word, { ...cookieOptions, maxAge: signInMinutes * 60 })
  const query = new URLSearchParams({ to: addressOf(to), browser: hashOf(word) })
  return context.redirect(`${deps.publicUrl}${ticketPath}?${query.toString()}`)
}

/** On our own page: a ticket for whoever is signed in, sign-in for everybody else. */
async function giveTicket(deps: ForwardAuthWebDeps, context: WebContext): Promise<Response> {
  const to = readDestination(deps.forward, context.req.query('to') ?? '')
  const browserHash = context.req.query('browser') ?? ''
  if (to === undefined || !/^[\w-]{43}$/.test(browserHash)) return await show(deps, context, 400, notServed)
  const query = new URLSearchParams({ to: addressOf(to), browser: browserHash })
  const back = `${ticketPath}?${query.toString()}`
  const person = await deps.signedIn(context)
  if (person === undefined) return context.redirect(deps.signInPath(back, false), 303)
  const issued = await issueTicket(deps.forward, person, { ...to, browserHash })
  if (issued.kind === 'no_access')
    return await show(
      deps,
      context,
      403,
      noAccess(nameOf(deps, to.host), person.email, deps.signInPath(back, true)),
    )
  return context.redirect(`https://${to.host}${below}/callback?ticket=${issued.ticket.reveal()}`)
}

/** On the host again: takes the ticket for a session that counts here. */
async function arrive(deps: ForwardAuthWebDeps, context: WebContext): Promise<Response> {
  const host = hostOf(context)
  const ticket = context.req.query('ticket') ?? ''
  const browserWord = getCookie(context, browserCookie)
  const session = await redeemTicket(deps.forward, { host, ticket, browserWord })
  if (session === undefined) return await show(deps, context, 403, usedTicket)
  setCookie(context, sessionCookie, session.token.reveal(), cookieOptions)
  return context.redirect(addressOf({ host, path: session.path }), 303)
}

async function signOut(deps: ForwardAuthWebDeps, context: WebContext): Promise<Response> {
  const host = hostOf(context)
  if (context.req.header('origin') !== `https://${host}`) return await show(deps, context, 403, foreignForm)
  await signOutAt(deps.forward, { host, token: getCookie(context, sessionCookie) })
  setCookie(context, sessionCookie, '', { ...cookieOptions, maxAge: 0 })
  return await show(deps, context, 200, signedOut)
}

async function showRefusal(deps: ForwardAuthWebDeps, context: WebContext, host: string): Promise<Response> {
  const verdict = await judgeRequest(deps.forward, { host, token: getCookie(context, sessionCookie) })
  const email = verdict.kind === 'no_access' ? verdict.email : undefined
  return await show(deps, context, 403, noAccess(nameOf(deps, host), email, `${below}/sign-out`))
}

function destinationOn(deps: ForwardAuthWebDeps, host: string, text = ''): Destination {
  const to = readDestination(deps.forward, text)
  return to?.host === host ? to : { host, path: '/' }
}

function hostOf(context: WebContext): string {
  // `readDestination` has seen it: it is a host name and no more.
  return new URL(`https://${context.get('client').host}/`).host
}

function nameOf({ forward }: ForwardAuthWebDeps, host: string): string {
  return forward.access.resources.find(({ kind, id }) => kind === 'host' && id === host)?.name ?? host
}

async function show(
  deps: ForwardAuthWebDeps,
  context: WebContext,
  status: 200 | 400 | 403,
  page: Page,
): Promise<Response> {
  const isOurs = context.req.path === ticketPath
  const look = { branding: await deps.branding(), ...(isOurs ? {} : { stylePath: `${below}/style.css` }) }
  return context.html(await renderPage({ ...page, ...look }), status)
}
