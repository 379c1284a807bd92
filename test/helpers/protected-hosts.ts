import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCookie } from 'hono/cookie'
import { Agent, request } from 'undici'
import { takePlaces } from '#db/queries/local-counts.ts'
import { addMembers, insertLocalGroups } from '#db/queries/local-groups.ts'
import { insertLocalUsers } from '#db/queries/local-users.ts'
import { openStore } from '#db/store.ts'
import { silentLog } from '#src/log.ts'
import { createAuthority } from '#src/sandbox/directories/certificates.ts'
import { holdLoopbackAddress } from '#src/sandbox/directories/loopback-address.ts'
import { createAccess } from '#src/sign-in/access-rules.ts'
import { createVerdicts } from '#src/sign-in/forward-auth.ts'
import { findSession, startSession } from '#src/sign-in/session.ts'
import { forwardAuthRoutes, forwardCheck, ticketRoute } from '#src/web/forward-auth.ts'
import { signInPath } from '#src/web/pages/return-to.ts'
import { createWebServer } from '#src/web/server.ts'
import { localUserDeps } from '#test/helpers/local-admin.ts'
import { groupRow, localUserRow } from '#test/helpers/local-rows.ts'
import { startProxyProcess } from '#test/helpers/proxy.ts'
import { start } from '#test/helpers/rows.ts'

/** The port of all hosts here: no root is needed for it. */
export const port = 8443
/** Names under three registrable domains. */
export const own = `access.drawbridge.test:${port}`
export const wiki = `wiki.example.net:${port}`
export const shop = `shop.example.org:${port}`

const vpn = { kind: 'group', name: 'vpn' } as const
const cas = { kind: 'user', email: 'cas@corp.example' } as const

/** A local user's id as the real ones are. */
export const idOf = (name: string): string => name.padEnd(22, '0')

/**
 * Drawbridge's web server with two protected hosts behind a real nginx, or another proxy, configured as docs/access.md
 * says. `ann`, who is in `vpn`, may reach both, and so may `cas`, who is in no group; `bob` may reach nothing.
 */
export async function startProtectedHosts(startProxy: typeof startNginx = startNginx) {
  const stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-hosts-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const store = await openStore('sqlite::memory:')
  stack.defer(() => store.close())
  await store.write(async (ctx) => {
    await takePlaces(ctx, 'users', 3, 10)
    const people = ['ann', 'bob', 'cas'].map((name) =>
      localUserRow(idOf(name), {
        email: `${name}@corp.example`,
        emailKey: `${name}@corp.example`,
        enrolledAt: start,
      }),
    )
    await insertLocalUsers(ctx, people)
    await insertLocalGroups(ctx, [groupRow('vpn'), groupRow('Büro, 1. OG')])
    await addMembers(
      ctx,
      ['vpn', 'Büro, 1. OG'].map((groupId) => ({
        groupId,
        userId: idOf('ann'),
        emailKey: 'ann@corp.example',
      })),
    )
  })
  const resources = [
    { kind: 'host' as const, id: wiki, name: 'Wiki' },
    { kind: 'host' as const, id: shop, name: 'Shop' },
  ]
  const access = createAccess({ resources, rules: [{ to: resources, who: [vpn, cas] }] })
  const deps = { ...localUserDeps(store), access, verdicts: createVerdicts() }
  const forward = {
    forward: deps,
    publicUrl: `https://${own}`,
    signedIn: (context: Parameters<typeof getCookie>[0]) =>
      findSession(deps, getCookie(context, '__Host-drawbridge') ?? '', 'page'),
    signInPath,
    branding: async () => '',
  }
  const web = await createWebServer({
    publicUrl: `https://${own}`,
    host: '127.0.0.1',
    port: 0,
    trustedProxies: ['127.0.0.1/32'],
    log: silentLog(),
    branding: forward.branding,
    pageless: [forwardCheck(forward)],
    anyHost: [forwardAuthRoutes(forward)],
    pages: [ticketRoute(forward)],
  })
  stack.use(web)
  const app = stack.use(await startEcho())
  const proxy = await startProxy(folder, { web: web.port, app: app.port })
  stack.use(proxy)
  const agent = stack.use(browserAgent(proxy))
  /** Signs somebody in on Drawbridge's own page; the cookie is what that page would set. */
  const signIn = async (browser: Browser, name: string): Promise<string> => {
    const { token, sessionId } = await store.write((ctx) =>
      startSession(ctx, deps, { userId: idOf(name), kind: 'page', factors: ['password'] }),
    )
    browser.cookies.set(`${own} __Host-drawbridge`, token.reveal())
    return sessionId
  }
  return {
    deps,
    webPort: web.port,
    signIn,
    newBrowser: () => createBrowser(agent),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** An application that tells what reached it. */
export async function startEcho() {
  const server = createServer((asked, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ path: asked.url, method: asked.method, headers: asked.headers }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

/** nginx with the `server` block of docs/access.md for both hosts, and one for our own. */
export async function startNginx(folder: string, ports: { readonly web: number; readonly app: number }) {
  const held = await holdLoopbackAddress([port])
  const authority = await createAuthority(folder)
  const names = [own, wiki, shop].map((host) => host.replace(/:.*/, ''))
  const certificate = await authority.issue('good', { names, addresses: [] })
  const page = await readFile('docs/access.md', 'utf8')
  const block = /```nginx\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  const blockOf = (name: string) =>
    block
      .replace('listen 443 ssl', `listen ${held.address}:${port} ssl`)
      .replace('wiki.example.net', name)
      .replaceAll('$server_name', `$server_name:${port}`)
      .replace('/etc/nginx/wiki.pem', certificate.certificateFile)
      .replace('/etc/nginx/wiki.key', certificate.keyFile)
      .replaceAll('127.0.0.1:8080', `127.0.0.1:${ports.web}`)
      .replace('127.0.0.1:3000', `127.0.0.1:${ports.app}`)
  const ownBlock = `server {
    listen ${held.address}:${port} ssl; server_name access.drawbridge.test;
    ssl_certificate ${certificate.certificateFile}; ssl_certificate_key ${certificate.keyFile};
    location / {
      proxy_pass http://127.0.0.1:${ports.web};
      proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
    }
  }`
  const file = join(folder, 'nginx.conf')
  await writeFile(
    file,
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr;
    events {}
    http {
      access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
      ${ownBlock} ${blockOf('wiki.example.net')} ${blockOf('shop.example.org')}
    }`,
  )
  return await startProxyProcess(held, port, authority.caFile, {
    program: 'nginx',
    args: ['-e', 'stderr', '-c', file],
  })
}

function browserAgent(proxy: { readonly address: string; readonly ca: string }) {
  const agent = new Agent({
    connect: {
      ca: proxy.ca,
      lookup: (_name, _options, found) => found(null, [{ address: proxy.address, family: 4 }]),
    },
  })
  return Object.assign(agent, { [Symbol.asyncDispose]: () => agent.close() })
}

/** What an answer was, with where it leads. */
export interface Seen {
  readonly status: number
  readonly url: string
  readonly location: string | undefined
  readonly text: string
  readonly setCookie: readonly string[]
}

/** A browser with the cookies of each host, as far as this needs one: cookies with `__Host-` belong to one host each. */
export interface Browser {
  readonly cookies: Map<string, string>
  /** One request; no redirect is followed. */
  ask(
    url: string,
    init?: { readonly method?: 'GET' | 'POST'; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Seen>
  /** Follows redirects; gives everything that was seen on the way. */
  open(url: string): Promise<readonly Seen[]>
}

function createBrowser(agent: Agent): Browser {
  const cookies = new Map<string, string>()
  const keep = (host: string, all: readonly string[]): readonly string[] => {
    for (const cookie of all) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === '') cookies.delete(`${host} ${name}`)
      else cookies.set(`${host} ${name}`, value)
    }
    return all
  }
  const ask: Browser['ask'] = async (url, init = {}) => {
    const { host } = new URL(url)
    const cookie = [...cookies].flatMap(([key, value]) => {
      const [of, name] = key.split(' ')
      return of === host ? [`${name}=${value}`] : []
    })
    const headers = {
      accept: 'text/html',
      ...(cookie.length > 0 && { cookie: cookie.join('; ') }),
      ...init.headers,
    }
    // Not `fetch`, which says of itself that it is a script.
    const answer = await request(url, {
      dispatcher: agent,
      method: init.method ?? 'GET',
      headers,
      signal: AbortSignal.timeout(10_000),
    })
    const text = await answer.body.text()
    const setCookie = keep(host, [answer.headers['set-cookie'] ?? []].flat())
    const location = [answer.headers['location'] ?? []].flat()[0]
    return { status: answer.statusCode, url, location, text, setCookie }
  }
  return {
    cookies,
    ask,
    async open(url) {
      const seen: Seen[] = []
      for (let next: string | undefined = url; next !== undefined && seen.length < 10;) {
        const one: Seen = await ask(next)
        seen.push(one)
        next = one.location === undefined ? undefined : new URL(one.location, next).href
      }
      return seen
    },
  }
}
