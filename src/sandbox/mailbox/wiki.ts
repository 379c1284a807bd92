import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { csrf } from 'hono/csrf'
import { listen } from '#src/sandbox/http/listen.ts'
import { tellOf } from '#src/sandbox/mailbox/live.ts'
import { createOpenIdParty, type OpenIdParty } from '#src/sandbox/mailbox/wiki-openid.ts'
import { front, notLetIn, startAgain } from '#src/sandbox/mailbox/wiki-pages.ts'
import { createWikiSessions } from '#src/sandbox/mailbox/wiki-sessions.ts'

/** A service that lets people in through Drawbridge. */
export interface Wiki extends AsyncDisposable {
  readonly url: string
  /** An entry of `openid.clients`. */
  readonly clientSettings: Readonly<Record<string, unknown>>
}

const cookieName = 'sandbox-wiki'
const clientId = 'wiki'

/** Serves it on 127.0.0.1, another host than that of `issuer` (http://localhost:PORT), so that neither has the other's cookies. */
export async function startWiki(issuer: string): Promise<Wiki> {
  const server = createServer()
  const url = `http://127.0.0.1:${await listen(server, 0)}`
  const secret = randomBytes(32).toString('base64url')
  const party = createOpenIdParty({ issuer, clientId, secret, url })
  const handle = getRequestListener(wikiApp(party, url).fetch, { overrideGlobalObjects: false })
  server.on('request', (request, response) => void handle(request, response))
  return {
    url,
    clientSettings: {
      id: clientId,
      name: 'Wiki',
      secret,
      redirect_uris: [`${url}/callback`],
      post_logout_redirect_uris: [`${url}/`],
      backchannel_logout_uri: `${url}/backchannel`,
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function wikiApp(party: OpenIdParty, url: string): Hono {
  const app = new Hono()
  const sessions = createWikiSessions()
  app.get('/', (context) => context.html(front(sessions.find(getCookie(context, cookieName)))))
  app.get('/changes', (context) => tellOf(context, sessions.onEnd))
  app.get('/sign-in', async (context) => context.redirect(await party.begin()))
  app.get('/callback', async (context) => {
    const back = await party.finish(new URL(new URL(context.req.url).search, `${url}/callback`))
    switch (back.kind) {
      case 'reader':
        setCookie(context, cookieName, sessions.open(back.reader), { httpOnly: true, sameSite: 'Lax' })
        return context.redirect('/', 303)
      case 'not_let_in':
        return context.html(notLetIn(), 403)
      case 'unknown':
        return context.html(startAgain(), 400)
    }
  })
  app.post('/backchannel', async (context) => {
    const { logout_token: token } = await context.req.parseBody()
    try {
      sessions.end(await party.endedSignIn(typeof token === 'string' ? token : ''))
      return context.body(null, 200)
    } catch {
      return context.json({ error: 'invalid_request' }, 400)
    }
  })
  app.post('/sign-out', csrf({ origin: url }), async (context) => {
    const token = getCookie(context, cookieName) ?? ''
    const session = sessions.find(token)
    sessions.forget(token)
    deleteCookie(context, cookieName)
    return context.redirect(session?.kind === 'open' ? await party.signOut(session.reader) : '/', 303)
  })
  return app
}
