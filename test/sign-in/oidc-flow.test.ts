import * as client from 'openid-client'
import { expect, it } from 'vitest'
import { upsertOidcRecord } from '#db/queries/oidc.ts'
import { openStore } from '#db/store.ts'
import { endSession } from '#src/sign-in/session.ts'
import { afterSignOut, errorOf, idOf, issuer, startOpenIdStage } from '#test/helpers/openid.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'
import { auditTrail } from '#test/helpers/local-admin.ts'
import { ask } from '#test/helpers/web.ts'

const stageHere = async () => await startOpenIdStage(await openStore('sqlite::memory:'))
const host = { host: 'access.example' }

describeOnBothEngines('a relying party', (open) => {
  it('signs a person in with what it finds by discovery', async () => {
    const stage = await startOpenIdStage(await open())
    const party = await stage.party()
    const { tokens, away } = await party.signIn(await stage.browser('ann'))
    expect(away.searchParams.get('iss')).toBe(issuer)
    const claims = tokens.claims()
    expect(claims).toMatchObject({
      iss: issuer,
      aud: 'wiki',
      sub: idOf('ann'),
      email: 'ann@corp.example',
      email_verified: true,
      preferred_username: 'ann@corp.example',
      groups: ['Büro', 'vpn'],
      amr: ['pwd', 'otp'],
    })
    expect((claims?.exp ?? 0) - (claims?.iat ?? 0)).toBe(600)
    const info = await client.fetchUserInfo(party.config, tokens.access_token, idOf('ann'))
    expect(info).toEqual({
      sub: idOf('ann'),
      email: 'ann@corp.example',
      email_verified: true,
      preferred_username: 'ann@corp.example',
      groups: ['Büro', 'vpn'],
    })
    const trail = await auditTrail(stage.store)
    expect(trail).toContainEqual({
      kind: 'relying_party_signed_in',
      actor: `local:${idOf('ann')}`,
      facts: { userId: idOf('ann'), clientId: 'wiki' },
    })
  })

  it('gets new tokens with its refresh token, and a new one of these each time', async () => {
    const stage = await startOpenIdStage(await open())
    const party = await stage.party()
    const { tokens } = await party.signIn(await stage.browser('ann'))
    const next = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '')
    expect(next.refresh_token).not.toBe(tokens.refresh_token)
    expect(next.access_token).not.toBe(tokens.access_token)
    expect(next.claims()?.sub).toBe(idOf('ann'))
    await client.fetchUserInfo(party.config, next.access_token, idOf('ann'))
    const last = await client.refreshTokenGrant(party.config, next.refresh_token ?? '')
    expect(last.refresh_token).not.toBe(next.refresh_token)
  })
})

it('discovery says what is spoken, and nothing else is', async () => {
  const stage = await stageHere()
  const answer = await ask(stage.port, '/.well-known/openid-configuration', { headers: host })
  const metadata: unknown = JSON.parse(answer.text)
  expect(metadata).toMatchObject({
    issuer,
    authorization_endpoint: `${issuer}/oidc/authorize`,
    token_endpoint: `${issuer}/oidc/token`,
    userinfo_endpoint: `${issuer}/oidc/userinfo`,
    jwks_uri: `${issuer}/oidc/jwks`,
    end_session_endpoint: `${issuer}/oidc/sign-out`,
    revocation_endpoint: `${issuer}/oidc/revoke`,
    introspection_endpoint: `${issuer}/oidc/introspect`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    code_challenge_methods_supported: ['S256'],
    id_token_signing_alg_values_supported: ['RS256'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    scopes_supported: ['openid', 'email', 'profile', 'groups', 'offline_access'],
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    authorization_response_iss_parameter_supported: true,
  })
  for (const path of ['/oidc/reg', '/oidc/request', '/oidc/device/auth', '/oidc/backchannel'])
    expect((await ask(stage.port, path, { method: 'POST', headers: host })).status).toBe(404)
})

it('a public client has PKCE and no secret', async () => {
  const stage = await stageHere()
  const party = await stage.party('spa')
  const { tokens } = await party.signIn(await stage.browser('ann'))
  expect(tokens.claims()?.aud).toBe('spa')
  expect(
    (await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '')).access_token,
  ).toBeDefined()
})

it('a public client reaches us from the pages that it is at, and no other page does', async () => {
  const stage = await stageHere()
  const { tokens } = await (await stage.party('spa')).signIn(await stage.browser('ann'))
  const { tokens: ofWiki } = await (await stage.party()).signIn(await stage.browser('ann'))
  const allowed = async (origin: string, token: string) => {
    const headers = { ...host, origin, authorization: `Bearer ${token}` }
    return (await ask(stage.port, '/oidc/userinfo', { headers })).headers['access-control-allow-origin']
  }
  expect(await allowed('https://wiki.example.net', tokens.access_token)).toBe('https://wiki.example.net')
  expect(await allowed('https://evil.example', tokens.access_token)).toBeUndefined()
  expect(await allowed('https://wiki.example.net', ofWiki.access_token)).toBeUndefined()
})

it('who is not signed in signs in on our page and comes back', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser()
  const { path, checks } = await party.request()
  const page = await browser.follow(path)
  expect(page.path).toMatch(/^\/sign-in\?return_to=%2Finteraction%2F[\w-]+$/)
  const returnTo = new URL(page.path, issuer).searchParams.get('return_to') ?? ''
  await browser.signIn('ann')
  const { away } = await browser.follow(returnTo)
  const tokens = await client.authorizationCodeGrant(party.config, away ?? new URL(issuer), checks)
  expect(tokens.claims()?.sub).toBe(idOf('ann'))
})

it('only what is asked for is told', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const { tokens } = await party.signIn(await stage.browser('ann'), { scope: 'openid' })
  expect(tokens.claims()).not.toHaveProperty('email')
  const info = await client.fetchUserInfo(party.config, tokens.access_token, idOf('ann'))
  expect(info).toEqual({ sub: idOf('ann') })
})

it('userinfo takes the token in the header or the form, and says what is wrong without one', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const { tokens } = await party.signIn(await stage.browser('ann'))
  const { access_token: token } = tokens
  const answers = [
    await ask(stage.port, '/oidc/userinfo', { headers: { ...host, authorization: `Bearer ${token}` } }),
    await ask(stage.port, '/oidc/userinfo', { headers: host, form: { access_token: token } }),
    await ask(stage.port, `/oidc/userinfo?access_token=${token}`, { headers: host }),
    await ask(stage.port, '/oidc/userinfo', { headers: host }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 401])
  const wrong = await ask(stage.port, '/oidc/userinfo', { headers: { ...host, authorization: 'Bearer x' } })
  expect([wrong.status, wrong.headers['www-authenticate']]).toEqual([
    401,
    expect.stringContaining('error="invalid_token"'),
  ])
})

it('prompt=none never shows a page', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const { away } = await (await stage.browser()).follow((await party.request({ prompt: 'none' })).path)
  expect(away?.searchParams.get('error')).toBe('login_required')
  const browser = await stage.browser('ann')
  await party.signIn(browser)
  const { tokens } = await party.signIn(browser, { prompt: 'none' })
  expect(tokens.claims()?.sub).toBe(idOf('ann'))
})

it.each([
  ['prompt=login', { prompt: 'login' }],
  ['max_age', { max_age: '60' }],
])('%s asks for a fresh sign-in', async (_, changes) => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  const first = await party.signIn(browser)
  stage.clock.move(1)
  // The provider has a clock of its own: what was two minutes ago for us was so for it.
  if ('max_age' in changes) {
    const rows = await stage.store.read((ctx) => ctx.q.select().from(ctx.t.oidcRecords))
    for (const row of rows.filter(({ kind }) => kind === 'Session')) {
      const payload = { ...Object(row.payload), loginTs: Math.floor(Date.now() / 1000) - 120 }
      await stage.store.write((ctx) => upsertOidcRecord(ctx, { ...row, payload }))
    }
  }
  const { path, checks } = await party.request(changes)
  const asked = await browser.follow(path)
  expect(asked.path).toMatch(/^\/sign-in\?return_to=.*&again=1$/)
  await endSession(stage.deps, browser.sessionId)
  stage.clock.move(1_000)
  await browser.signIn('ann')
  const { away } = await browser.follow(new URL(asked.path, issuer).searchParams.get('return_to') ?? '')
  const options = { ...checks, ...('max_age' in changes && { maxAge: 60 }) }
  const tokens = await client.authorizationCodeGrant(party.config, away ?? new URL(issuer), options)
  expect(tokens.claims()?.['auth_time']).toBeGreaterThan(Number(first.tokens.claims()?.['auth_time']))
})

it('refresh tokens end with the sign-in, unless offline_access was asked for', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  const online = await party.signIn(browser)
  await endSession(stage.deps, browser.sessionId)
  expect(await errorOf(client.refreshTokenGrant(party.config, online.tokens.refresh_token ?? ''))).toBe(
    'invalid_grant',
  )
  const other = await stage.browser('ann')
  const scope = 'openid offline_access'
  const offline = await party.signIn(other, { scope, prompt: 'consent' })
  await endSession(stage.deps, other.sessionId)
  const tokens = await client.refreshTokenGrant(party.config, offline.tokens.refresh_token ?? '')
  await client.fetchUserInfo(party.config, tokens.access_token, idOf('ann'))
})

it('a relying party looks at its tokens and gives them back', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const { tokens } = await party.signIn(await stage.browser('ann'))
  const look = () => client.tokenIntrospection(party.config, tokens.refresh_token ?? '')
  expect(await look()).toMatchObject({ active: true, client_id: 'wiki', sub: idOf('ann') })
  await client.tokenRevocation(party.config, tokens.refresh_token ?? '')
  expect(await look()).toEqual({ active: false })
  expect(await errorOf(client.refreshTokenGrant(party.config, tokens.refresh_token ?? ''))).toBe(
    'invalid_grant',
  )
  expect(await errorOf(client.fetchUserInfo(party.config, tokens.access_token, idOf('ann')))).toBe(
    'invalid_token',
  )
})

it('signing out at a relying party asks, ends the sign-in here, and goes back there', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  const { tokens } = await party.signIn(browser)
  const url = client.buildEndSessionUrl(party.config, {
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: afterSignOut,
    state: 'st',
  })
  const page = await browser.visit(`${url.pathname}${url.search}`)
  expect([page.status, page.text]).toEqual([
    200,
    expect.stringContaining('<bdi>Wiki &amp; Co</bdi> asks to sign you'),
  ])
  // Chromium counts the redirect that follows the form.
  expect(page.headers['content-security-policy']).toContain("form-action 'self' https://wiki.example.net;")
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const done = await browser.visit('/oidc/sign-out/confirm', { form: { xsrf, logout: 'yes' } })
  expect([done.status, done.headers['location']]).toEqual([303, `${afterSignOut}?state=st`])
  expect((await browser.follow('/access')).path).toMatch(/^\/sign-in/)
  expect(await errorOf(client.refreshTokenGrant(party.config, tokens.refresh_token ?? ''))).toBe(
    'invalid_grant',
  )
  const { path } = await party.request()
  expect((await browser.follow(path)).path).toMatch(/^\/sign-in/)
})

it('answers carry the headers that protect people', async () => {
  const stage = await stageHere()
  const answer = await ask(stage.port, '/oidc/authorize?client_id=none', {
    headers: { ...host, accept: 'text/html' },
  })
  expect(answer.status).toBe(400)
  expect(answer.headers).toMatchObject({
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'strict-transport-security': 'max-age=31536000',
  })
  expect(answer.text).toContain('The service asked for this sign-in in a way that we cannot answer.')
})
