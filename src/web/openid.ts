import { ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Oidc, RawExchange } from '#src/sign-in/oidc/oidc.ts'
import type { SignedIn } from '#src/sign-in/session.ts'
import { protectingHeaders } from '#src/web/headers.ts'
import { type Page, renderPage } from '#src/web/layout.ts'
import { addressTooLong, interactionOver, noClientAccess } from '#src/web/openid-pages.ts'
import type { WebApp, WebContext } from '#src/web/server.ts'

/** What the routes of OpenID Connect need. */
export interface OpenIdWebDeps {
  readonly oidc: Oidc
  readonly publicUrl: string
  /** Who is signed in on Drawbridge's own pages, by this request's cookie. */
  readonly signedIn: (context: WebContext) => Promise<SignedIn | undefined>
  /** The path of the sign-in page that comes back to a path of ours; `again`: also for who is signed in. */
  readonly signInPath: (returnTo: string, again: boolean) => string
  readonly branding: () => Promise<string>
}

// What is asked for is kept while the person signs in. Most reverse proxies take no longer ones either.
const longestAddress = 8_000

/** Hands the provider's own addresses over to it, discovery among them. */
export function openIdRoutes(deps: OpenIdWebDeps): (app: WebApp) => void {
  const headers = protectingHeaders(deps.publicUrl.startsWith('https:'))
  const hand = async (context: WebContext): Promise<Response> => {
    if (context.req.url.length > longestAddress) return await show(deps, context, addressTooLong, 414)
    const exchange = exchangeOf(context)
    for (const [name, value] of headers) exchange.outgoing.setHeader(name, value)
    exchange.outgoing.setHeader('cache-control', 'no-store')
    await deps.oidc.handle(exchange, context.get('client').address, await deps.signedIn(context))
    return RESPONSE_ALREADY_SENT
  }
  return (app) => {
    app.get('/.well-known/openid-configuration', hand)
    app.all('/oidc/*', hand)
  }
}

/** Where the provider sends people who have to sign in, or may not. */
export function interactionPages(deps: OpenIdWebDeps): (app: WebApp) => void {
  const { oidc } = deps
  return (app) => {
    app.get('/interaction/:uid', async (context) => {
      const exchange = exchangeOf(context)
      const pending = await oidc.pending(exchange)
      if (pending === undefined) return await show(deps, context, interactionOver, 410)
      const { client, waitsFor, freshFrom } = pending
      const signedIn = await deps.signedIn(context)
      const again = waitsFor === 'fresh_sign_in' && signedIn !== undefined && signedIn.signedInAt < freshFrom
      if (signedIn === undefined || again)
        return context.redirect(deps.signInPath(context.req.path, again), 303)
      if (waitsFor !== 'access') return context.redirect(await oidc.goOn(exchange, signedIn), 303)
      // Somebody else may have signed in on this page, or a rule may have come.
      if (await oidc.admits(signedIn, client.id))
        return context.redirect(await oidc.goOn(exchange, signedIn), 303)
      const page = noClientAccess({
        name: client.name,
        email: signedIn.email,
        other: deps.signInPath(context.req.path, true),
        back: `${context.req.path}/back`,
      })
      return await show(deps, context, page, 403)
    })
    app.get('/interaction/:uid/back', async (context) => {
      const exchange = exchangeOf(context)
      if ((await oidc.pending(exchange)) === undefined) return await show(deps, context, interactionOver, 410)
      return context.redirect(await oidc.giveUp(exchange), 303)
    })
  }
}

function exchangeOf(context: WebContext): RawExchange {
  const { incoming, outgoing } = context.env
  if (!(outgoing instanceof ServerResponse)) throw new Error('OpenID Connect is spoken over HTTP/1.1')
  return { incoming, outgoing }
}

async function show(
  deps: OpenIdWebDeps,
  context: WebContext,
  page: Page,
  status: 403 | 410 | 414,
): Promise<Response> {
  return context.html(await renderPage({ ...page, branding: await deps.branding() }), status)
}
