import { expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { silentLog } from '#src/log.ts'
import { freePorts } from '#src/sandbox/directories/server-process.ts'
import { createAccess } from '#src/sign-in/access-rules.ts'
import { startWeb } from '#src/web/start.ts'
import { secret } from '#src/secrets.ts'
import { localUserDeps } from '#test/helpers/local-admin.ts'
import { ask } from '#test/helpers/web.ts'

async function stage() {
  const store = await openStore('sqlite::memory:')
  const [port = 0] = await freePorts(1)
  const issuer = `http://localhost:${port}`
  const wiki = { id: 'wiki', name: 'Wiki', secret: secret('k'.repeat(40)), scopes: ['openid'] as const }
  const addresses = {
    redirectUris: ['http://localhost:1/callback'],
    postLogoutRedirectUris: [],
    backchannelLogoutUri: undefined,
  }
  const web = {
    publicUrl: issuer,
    host: '127.0.0.1',
    port,
    trustedProxies: [],
    secrets: [secret('w'.repeat(32))],
  }
  const server = await startWeb({
    web,
    users: localUserDeps(store),
    access: createAccess({ resources: [], rules: [] }),
    clients: [{ ...wiki, ...addresses }],
    owners: [],
    log: silentLog(),
  })
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]()
    await store.close()
  })
  const get = (path: string) => ask(port, path, { headers: { host: `localhost:${port}` } })
  return { issuer, get }
}

it('on this machine alone, without TLS, discovery names addresses without it', async () => {
  const { issuer, get } = await stage()
  expect(JSON.parse((await get('/.well-known/openid-configuration')).text)).toMatchObject({
    issuer,
    authorization_endpoint: `${issuer}/oidc/authorize`,
    token_endpoint: `${issuer}/oidc/token`,
  })
})

it('on this machine alone, without TLS, cookies are as everywhere', async () => {
  const { get } = await stage()
  const asked = new URLSearchParams({
    client_id: 'wiki',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: 'http://localhost:1/callback',
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
  })
  const answer = await get(`/oidc/authorize?${asked.toString()}`)
  expect(answer.headers['location']).toMatch(/^\/interaction\//)
  const cookies = [answer.headers['set-cookie'] ?? []].flat()
  expect(cookies.length).toBeGreaterThan(0)
  for (const cookie of cookies) expect(cookie).toMatch(/^__(Host|Secure)-.*; secure/i)
})
