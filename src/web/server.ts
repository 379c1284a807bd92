import { once } from 'node:events'
import { getConnInfo } from '@hono/node-server/conninfo'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { csrf } from 'hono/csrf'
import { html } from 'hono/html'
import { HTTPException } from 'hono/http-exception'
import { UserError } from '#src/errors.ts'
import { newReferenceCode } from '#src/ids.ts'
import type { Log } from '#src/log.ts'
import { type Client, clientOf, createTrustedProxies } from '#src/web/client.ts'
import { secureHeaders } from '#src/web/headers.ts'
import { failedOnOurSide, type Markup, renderPage, stylePath } from '#src/web/layout.ts'
import { refusalStatus } from '#src/web/refusal.ts'
import { style } from '#src/web/style.ts'
import { createProxyNotice } from '#src/web/unnamed-proxy.ts'

/** What handlers find in their context. */
export interface WebEnv {
  readonly Bindings: HttpBindings
  readonly Variables: { readonly client: Client }
}

/** What routes are added to. */
export type WebApp = Hono<WebEnv>
export type WebContext = Context<WebEnv>

/** What the server for people and the services that ask about them is made of. */
export interface WebServerDeps {
  /** Origin only, without a slash at the end. */
  readonly publicUrl: string
  readonly host?: string | undefined
  /** 0 takes any that is free. */
  readonly port: number
  readonly trustedProxies: readonly string[]
  readonly log: Log
  /** Plain text for the top of the pages; empty for none, and where it can't be read. Never throws. */
  readonly branding: () => Promise<string>
  /** Routes that answer on any host name without a page, so that nothing is put onto their answers. */
  readonly pageless?: readonly ((app: WebApp) => void)[]
  /** Routes that answer on any host name, e.g. for reverse proxies. They look after themselves. */
  readonly anyHost?: readonly ((app: WebApp) => void)[]
  /** Routes that other programs call on our own host: without the check for forms of other sites. */
  readonly machines?: readonly ((app: WebApp) => void)[]
  /** Pages. */
  readonly pages: readonly ((app: WebApp) => void)[]
}

/** The server while it runs; disposing of it closes it. */
export interface WebServer extends AsyncDisposable {
  readonly port: number
}

/** The address is somebody else's, or not this machine's. The sentence says what to do. */
export class WebAddressError extends Error {
  constructor(port: number, cause: unknown) {
    super(`The sign-in pages cannot be served on port ${port}. Set web.port to one that is free.`, { cause })
    this.name = 'WebAddressError'
  }
}

const largestForm = 16 * 1024

/** Serves the pages. Throws `WebAddressError`. */
export async function createWebServer(deps: WebServerDeps): Promise<WebServer> {
  const server = createAdaptorServer({ fetch: createWebApp(deps).fetch })
  if ('requestTimeout' in server) Object.assign(server, { requestTimeout: 30_000, headersTimeout: 10_000 })
  server.listen(deps.port, deps.host ?? '0.0.0.0')
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new WebAddressError(deps.port, error)
  }
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : deps.port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}

function createWebApp(deps: WebServerDeps): WebApp {
  const app: WebApp = new Hono<WebEnv>()
  const { origin, host, protocol } = new URL(deps.publicUrl)
  const proxies = createTrustedProxies(deps.trustedProxies)
  const notice = createProxyNotice(deps.log)
  app.use(async (context, next) => {
    const peer = getConnInfo(context).remote.address
    const client = clientOf({ peer, header: (name) => context.req.header(name) }, proxies)
    context.set('client', client)
    if (!client.isFromProxy)
      notice({ peer: client.address, forwardedFor: context.req.header('x-forwarded-for') })
    await next()
  })
  for (const add of deps.pageless ?? []) add(app)
  app.use(secureHeaders(protocol === 'https:'))
  app.onError((error, context) => answerTo(error, context, deps))
  for (const add of deps.anyHost ?? []) add(app)
  // Under any name: also the page that says that a name is not ours has our look.
  app.get(stylePath, (context) => {
    context.header('cache-control', 'public, max-age=31536000, immutable')
    return context.body(style, 200, { 'content-type': 'text/css; charset=utf-8' })
  })
  app.use(async (context, next) => {
    // Links and cookies are for one host; under another name this is not us.
    if (sameHost(context.get('client').host, host, protocol)) return await next()
    const sentence = html`<p>This name does not lead here. Go to <a href="${origin}">${origin}</a>.</p>`
    return await show(deps, context, 'Not served here', sentence, 421)
  })
  for (const add of deps.machines ?? []) add(app)
  app.use(bodyLimit({ maxSize: largestForm }))
  app.use(csrf({ origin }))
  for (const add of deps.pages) add(app)
  app.notFound((context) => {
    const sentence = html`<p>There is no such page. <a href="/">Go to the start</a>.</p>`
    return show(deps, context, 'Nothing here', sentence, 404)
  })
  return app
}

function sameHost(asked: string, host: string, protocol: string): boolean {
  const address = `${protocol}//${asked}`
  return /^[\w.:[\]-]+$/.test(asked) && URL.canParse(address) && new URL(address).host === host
}

type ErrorPageDeps = Pick<WebServerDeps, 'log' | 'branding'>

function answerTo(error: Error, context: WebContext, deps: ErrorPageDeps): Response | Promise<Response> {
  if (error instanceof UserError) {
    const body = html`<p>${error.message}</p>
      <p><a href="/">Go to the start</a></p>`
    return show(deps, context, 'That did not work', body, refusalStatus(context, error, 400))
  }
  if (error instanceof HTTPException && error.status === 413)
    return show(
      deps,
      context,
      'Too long',
      html`<p>What was sent is too long. Go back and shorten it.</p>`,
      413,
    )
  if (error instanceof HTTPException && error.status < 500) {
    const sentence =
      'This form was not sent from our own page. Go back, load the page again and send it once more.'
    return show(deps, context, 'Not accepted', html`<p>${sentence}</p>`, 403)
  }
  const reference = newReferenceCode()
  // Of the path only its first part: what follows may be a link that is a secret.
  const [, path = ''] = context.req.path.split('/')
  deps.log.error({ err: error, path, reference }, 'a web request failed')
  return show(deps, context, 'That did not work', failedOnOurSide(reference), 500)
}

async function show(
  { branding }: Pick<ErrorPageDeps, 'branding'>,
  context: WebContext,
  title: string,
  body: Markup,
  status: 400 | 403 | 404 | 413 | 421 | 429 | 500,
): Promise<Response> {
  return context.html(await renderPage({ title, body, branding: await branding() }), status)
}
