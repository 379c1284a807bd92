import { once } from 'node:events'
import { createServer } from 'node:http'
import * as client from 'openid-client'
import { onTestFinished } from 'vitest'
import { addMembers, insertLocalGroups } from '#db/queries/local-groups.ts'
import { insertLocalUsers } from '#db/queries/local-users.ts'
import type { Store } from '#db/store.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { secret } from '#src/secrets.ts'
import { createAccess } from '#src/sign-in/access-rules.ts'
import { tellRelyingPartyJob } from '#src/sign-in/oidc/back-channel.ts'
import type { OidcClient } from '#src/sign-in/oidc/settings.ts'
import { startSession } from '#src/sign-in/session.ts'
import { startWeb } from '#src/web/start.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { groupRow, localUserRow } from '#test/helpers/local-rows.ts'
import { createRunningClock } from '#test/helpers/running-clock.ts'
import { type Answer, ask, createVisitor } from '#test/helpers/web.ts'

export const issuer = 'https://access.example'
export const callback = 'https://wiki.example.net/callback'
export const afterSignOut = 'https://wiki.example.net/bye'
export const shopHost = 'shop.example.org:8443'
export const wikiSecret = 'k'.repeat(40)
export const idOf = (name: string): string => name.padEnd(22, '0')

/** A relying party's address for logout tokens: keeps what arrives and answers as told. */
export async function startLogoutListener() {
  const arrived: string[] = []
  const answers: number[] = []
  const server = createServer((asked, response) => {
    const chunks: Buffer[] = []
    asked.on('data', (chunk: Buffer) => chunks.push(chunk))
    asked.on('end', () => {
      arrived.push(new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '')
      response.writeHead(answers.shift() ?? 200).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { arrived, answers, url: `http://127.0.0.1:${port}/backchannel` }
}

/** The provider with `ann`, who is in `vpn`, and `bob`, who is in nothing; `vpn` may reach the clients and a protected host. */
export async function startOpenIdStage(store: Store, more: Partial<OidcClient> = {}) {
  const clock = createRunningClock()
  const log = createKeptLog()
  const met = new Map<string, number>()
  const onLimit = (limit: string, times = 1) => void met.set(limit, (met.get(limit) ?? 0) + times)
  const deps = { store, clock, onLimit }
  await store.write(async (ctx) => {
    const row = (name: string) => {
      const email = `${name}@corp.example`
      return localUserRow(idOf(name), { email, emailKey: email, enrolledAt: clock.now() })
    }
    await insertLocalUsers(ctx, ['ann', 'bob'].map(row))
    await insertLocalGroups(ctx, [groupRow('vpn'), groupRow('Büro')])
    const member = (groupId: string) => ({ groupId, userId: idOf('ann'), emailKey: 'ann@corp.example' })
    await addMembers(ctx, [member('vpn'), member('Büro')])
  })
  const wiki: OidcClient = {
    id: 'wiki',
    name: 'Wiki & Co',
    secret: secret(wikiSecret),
    redirectUris: [callback],
    postLogoutRedirectUris: [afterSignOut],
    backchannelLogoutUri: undefined,
    scopes: ['openid', 'email', 'profile', 'groups', 'offline_access'],
    ...more,
  }
  const spa: OidcClient = { ...wiki, id: 'spa', name: 'App', secret: undefined }
  const clients = [wiki, spa]
  const resources = [
    ...clients.map(({ id, name }) => ({ kind: 'client' as const, id, name })),
    { kind: 'host' as const, id: shopHost, name: 'Shop' },
  ]
  const rules = [{ to: resources, who: [{ kind: 'group' as const, name: 'vpn' }] }]
  const access = createAccess({ resources, rules })
  const serve = async (secrets: readonly string[]) => {
    const web = {
      publicUrl: issuer,
      host: '127.0.0.1',
      port: 0,
      trustedProxies: ['127.0.0.1/32'],
      secrets: secrets.map(secret),
    }
    const server = await startWeb({ web, users: deps, access, clients, owners: [], log })
    onTestFinished(() => server[Symbol.asyncDispose]())
    return server.port
  }
  const port = await serve(['w'.repeat(32)])
  const oidc = { publicUrl: issuer, secrets: [secret('w'.repeat(32))], clients }
  const kinds = [tellRelyingPartyJob({ ...deps, oidc })]
  const runner = createRunner({ store, clock, log, kinds, concurrency: 1 })
  return { store, clock, deps, met, log, port, serve, runner, ...partiesOf(store, deps, port) }
}

function partiesOf(store: Store, deps: Parameters<typeof startSession>[1] & { store: Store }, port: number) {
  /** A browser; signed in when a name is given. */
  const browser = async (name?: string, through = port): Promise<Browser> => {
    const visitor = createVisitor(through, issuer)
    const signIn = async (who: string): Promise<string> => {
      const { token, sessionId } = await store.write((ctx) =>
        startSession(ctx, deps, { userId: idOf(who), kind: 'page', factors: ['password', 'totp'] }),
      )
      visitor.cookies.set('__Host-drawbridge', token.reveal())
      return sessionId
    }
    const sessionId = name === undefined ? '' : await signIn(name)
    /** Follows redirects on our own host; the last answer, and where it leads if that is elsewhere. */
    const follow = async (path: string): Promise<Answer & { readonly path: string; readonly away?: URL }> => {
      let at = path
      for (let hops = 0; hops < 10; hops += 1) {
        const answer = await visitor.visit(at)
        const to = answer.headers['location']
        if (typeof to !== 'string') return { ...answer, path: at }
        const url = new URL(to, issuer)
        if (url.origin !== issuer) return { ...answer, path: at, away: url }
        at = `${url.pathname}${url.search}`
      }
      throw new Error('redirected for ever')
    }
    return { ...visitor, signIn, sessionId, follow }
  }
  return { browser, party: (id: 'wiki' | 'spa' = 'wiki', at = port) => createParty(at, id) }
}

/** A browser with its cookies. */
export interface Browser extends ReturnType<typeof createVisitor> {
  /** The page session that it began with. */
  readonly sessionId: string
  signIn(who: string): Promise<string>
  follow(path: string): Promise<Answer & { readonly path: string; readonly away?: URL }>
}

/** A relying party made of openid-client, which asks our port under our public name. */
async function createParty(port: number, id: 'wiki' | 'spa') {
  const fetchHere: client.CustomFetch = async (url, options) => {
    const { pathname, search } = new URL(url)
    const body = options.body instanceof URLSearchParams ? options.body.toString() : undefined
    const answer = await ask(port, `${pathname}${search}`, {
      method: options.method,
      headers: { host: new URL(issuer).host, ...Object.fromEntries(new Headers(options.headers)) },
      ...(body !== undefined && { body }),
    })
    const headers = new Headers()
    for (const [name, value] of Object.entries(answer.headers))
      for (const one of [value ?? []].flat()) headers.append(name, one)
    return new Response(answer.status === 204 ? null : answer.text, { status: answer.status, headers })
  }
  const config = await client.discovery(
    new URL(issuer),
    id,
    undefined,
    id === 'wiki' ? client.ClientSecretBasic(wikiSecret) : client.None(),
    { [client.customFetch]: fetchHere },
  )
  /** An authorization request with everything right but what is changed; undefined takes a parameter out. */
  const request = async (changes: Readonly<Record<string, string | undefined>> = {}) => {
    const verifier = client.randomPKCECodeVerifier()
    const wanted = {
      redirect_uri: callback,
      scope: 'openid email profile groups',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: client.randomState(),
      nonce: client.randomNonce(),
      ...changes,
    }
    const given = Object.entries(wanted).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value] as const],
    )
    const url = client.buildAuthorizationUrl(config, Object.fromEntries(given))
    const checks = {
      pkceCodeVerifier: verifier,
      ...(wanted.state !== undefined && { expectedState: wanted.state }),
      ...(wanted.nonce !== undefined && { expectedNonce: wanted.nonce }),
    }
    return { path: `${url.pathname}${url.search}`, checks }
  }
  /** The whole flow in a browser that is signed in. */
  const signIn = async (browser: Browser, changes: Readonly<Record<string, string | undefined>> = {}) => {
    const { path, checks } = await request(changes)
    const { away, status, text } = await browser.follow(path)
    if (away === undefined) throw new Error(`stayed here: ${status} ${text}`)
    return { away, checks, tokens: await client.authorizationCodeGrant(config, away, checks) }
  }
  return { config, request, signIn }
}

/** What an OAuth error says, or how it went otherwise. */
export async function errorOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'no error'
  } catch (error) {
    if (error instanceof client.ResponseBodyError) return error.error
    if (error instanceof client.AuthorizationResponseError) return error.error
    if (error instanceof client.WWWAuthenticateChallengeError)
      return error.cause[0]?.parameters.error ?? `challenge ${error.status}`
    throw error
  }
}
