import * as client from 'openid-client'
import { expect, it } from 'vitest'
import { removeMembers } from '#db/queries/local-groups.ts'
import { openStore } from '#db/store.ts'
import { callback, errorOf, idOf, issuer, startOpenIdStage, wikiSecret } from '#test/helpers/openid.ts'
import { auditTrail } from '#test/helpers/local-admin.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'
import { ask } from '#test/helpers/web.ts'

const stageHere = async () => await startOpenIdStage(await openStore('sqlite::memory:'))
const host = { host: 'access.example', accept: 'text/html' }
const basic = (id: string, word: string) => `Basic ${Buffer.from(`${id}:${word}`).toString('base64')}`

it.each([
  ['an address that is not the client’s', { redirect_uri: 'https://evil.example/callback' }],
  ['an address with something added', { redirect_uri: `${callback}/../evil` }],
  ['an address with a query added', { redirect_uri: `${callback}?x=1` }],
  ['no address', { redirect_uri: undefined }],
  ['an unknown client', { client_id: 'nobody' }],
])('%s is answered here and leads nowhere', async (_, changes) => {
  const stage = await stageHere()
  const { path } = await (await stage.party()).request(changes)
  const answer = await (await stage.browser('ann')).visit(path, { headers: { accept: 'text/html' } })
  expect([answer.status, answer.headers['location']]).toEqual([400, undefined])
  expect(answer.text).toContain('That did not work')
})

it.each([
  ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
  ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['PKCE without its method', { code_challenge_method: undefined }, 'invalid_request'],
  ['an implicit answer', { response_type: 'id_token' }, 'invalid_request'],
  ['a token in the address', { response_type: 'token' }, 'invalid_request'],
  ['an answer by a form', { response_mode: 'form_post' }, 'invalid_request'],
  ['a request as an object', { request: 'e30.e30.' }, 'request_not_supported'],
])('%s is refused', async (_, changes, error) => {
  const stage = await stageHere()
  const { path } = await (await stage.party()).request(changes)
  const answer = await (await stage.browser('ann')).follow(path)
  const where = answer.away?.searchParams ?? new URLSearchParams(answer.away?.hash.slice(1))
  const said = answer.away?.hash === '' ? where : new URLSearchParams(answer.away?.hash.slice(1))
  expect(said.get('code')).toBeNull()
  expect(answer.away === undefined ? answer.text : said.get('error')).toContain(error)
})

it('a code needs the verifier, the address and the client that it was given for', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  const codeOf = async () => {
    const { path, checks } = await party.request()
    const { away } = await browser.follow(path)
    return { code: away?.searchParams.get('code') ?? '', verifier: checks.pkceCodeVerifier }
  }
  const redeem = async (changes: Readonly<Record<string, string>>, authorization: string) => {
    const { code, verifier } = await codeOf()
    const form = { grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier }
    const given = Object.fromEntries(
      Object.entries({ ...form, ...changes }).filter(([, value]) => value !== ''),
    )
    const headers = { ...host, ...(authorization !== '' && { authorization }) }
    const answer = await ask(stage.port, '/oidc/token', {
      form: given,
      headers: { ...headers, accept: '*/*' },
    })
    return `${answer.status} ${/"error":"(\w+)"/.exec(answer.text)?.[1] ?? 'fine'}`
  }
  const right = basic('wiki', wikiSecret)
  expect(await redeem({}, right)).toBe('200 fine')
  expect(await redeem({ code_verifier: 'x'.repeat(43) }, right)).toBe('400 invalid_grant')
  expect(await redeem({ code_verifier: '' }, right)).toBe('400 invalid_grant')
  expect(await redeem({ redirect_uri: 'https://evil.example/' }, right)).toBe('400 invalid_grant')
  expect(await redeem({ client_id: 'spa' }, '')).toBe('400 invalid_grant')
  expect(await redeem({}, basic('wiki', 'w'.repeat(40)))).toBe('401 invalid_client')
  expect(await redeem({ client_id: 'wiki' }, '')).toBe('401 invalid_client')
  expect(await redeem({ client_id: 'wiki', client_secret: wikiSecret }, '')).toBe('200 fine')
})

describeOnBothEngines('what was used already', (open) => {
  it('ends everything: a code', async () => {
    const stage = await startOpenIdStage(await open())
    const party = await stage.party()
    const { away, checks, tokens } = await party.signIn(await stage.browser('ann'))
    expect(await errorOf(client.authorizationCodeGrant(party.config, away, checks))).toBe('invalid_grant')
    expect(await errorOf(client.refreshTokenGrant(party.config, tokens.refresh_token ?? ''))).toBe(
      'invalid_grant',
    )
    expect(await errorOf(client.fetchUserInfo(party.config, tokens.access_token, idOf('ann')))).toBe(
      'invalid_token',
    )
  })

  it('ends everything: a refresh token', async () => {
    const stage = await startOpenIdStage(await open())
    const party = await stage.party()
    const { tokens } = await party.signIn(await stage.browser('ann'))
    const next = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '')
    expect(await errorOf(client.refreshTokenGrant(party.config, tokens.refresh_token ?? ''))).toBe(
      'invalid_grant',
    )
    expect(await errorOf(client.refreshTokenGrant(party.config, next.refresh_token ?? ''))).toBe(
      'invalid_grant',
    )
    expect(await errorOf(client.fetchUserInfo(party.config, next.access_token, idOf('ann')))).toBe(
      'invalid_token',
    )
  })

  it('ends everything: a refresh token that comes several times at once', async () => {
    const stage = await startOpenIdStage(await open())
    const party = await stage.party()
    const { tokens } = await party.signIn(await stage.browser('ann'))
    const tries = await Promise.allSettled(
      [1, 2, 3, 4].map(() => client.refreshTokenGrant(party.config, tokens.refresh_token ?? '')),
    )
    const given = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(given.length).toBeLessThanOrEqual(1)
    for (const { refresh_token: token = '' } of given)
      expect(await errorOf(client.refreshTokenGrant(party.config, token))).toBe('invalid_grant')
  })
})

it('who is named by no rule is told so here, and the client hears no more than that', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('bob')
  const { path, checks } = await party.request()
  const page = await browser.follow(path)
  expect([page.status, page.away]).toEqual([403, undefined])
  expect(page.text).toContain('No rule lets you reach <bdi>Wiki &amp; Co</bdi>.')
  const { away } = await browser.follow(`${page.path}/back`)
  const back = away ?? new URL(issuer)
  expect(back.origin).toBe('https://wiki.example.net')
  expect(await errorOf(client.authorizationCodeGrant(party.config, back, checks))).toBe('access_denied')
  const silent = await browser.follow((await party.request({ prompt: 'none' })).path)
  expect(silent.away?.searchParams.get('error')).toBe('access_denied')
  expect((await auditTrail(stage.store)).filter(({ kind }) => kind === 'relying_party_refused')).toEqual([
    {
      kind: 'relying_party_refused',
      actor: `local:${idOf('bob')}`,
      facts: { userId: idOf('bob'), clientId: 'wiki' },
    },
  ])
})

it('who is named by no rule signs in as somebody else on that page, and comes to the service as them', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('bob')
  const { path, checks } = await party.request()
  const page = await browser.follow(path)
  const link = /<a href="([^"]+)">Use another account</.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const form = await browser.visit(link)
  expect([form.status, form.text.includes('<h1>Sign in</h1>')]).toEqual([200, true])
  await browser.signIn('ann')
  const back = new URL(link, issuer).searchParams.get('return_to') ?? ''
  const { away } = await browser.follow(back)
  const tokens = await client.authorizationCodeGrant(party.config, away ?? new URL(issuer), checks)
  expect(tokens.claims()?.sub).toBe(idOf('ann'))
})

it('who loses the group loses refresh, userinfo and the next sign-in at once', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  const { tokens } = await party.signIn(browser)
  const { path, checks } = await party.request()
  const { away } = await browser.follow(path)
  await stage.store.write((ctx) => removeMembers(ctx, 'vpn', [idOf('ann')]))
  expect(await errorOf(client.authorizationCodeGrant(party.config, away ?? new URL(issuer), checks))).toBe(
    'invalid_grant',
  )
  expect(await errorOf(client.refreshTokenGrant(party.config, tokens.refresh_token ?? ''))).toBe(
    'invalid_grant',
  )
  expect(await errorOf(client.fetchUserInfo(party.config, tokens.access_token, idOf('ann')))).toBe(
    'invalid_token',
  )
  expect(await client.tokenIntrospection(party.config, tokens.access_token)).toEqual({ active: false })
  expect((await browser.follow((await party.request()).path)).status).toBe(403)
})

it('a sign-in that another browser began is nobody else’s', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const victim = await stage.browser('ann')
  const attacker = await stage.browser()
  const begun = await attacker.visit((await party.request()).path)
  const interaction = new URL(String(begun.headers['location']), issuer).pathname
  const page = await victim.follow(interaction)
  expect([page.status, page.text]).toEqual([410, expect.stringContaining('was begun in another browser')])
})

it('a client sees nothing of another client’s tokens', async () => {
  const stage = await stageHere()
  const [wiki, spa] = [await stage.party(), await stage.party('spa')]
  const { tokens } = await wiki.signIn(await stage.browser('ann'))
  expect(await client.tokenIntrospection(spa.config, tokens.access_token)).toEqual({ active: false })
  await client.tokenRevocation(spa.config, tokens.refresh_token ?? '').catch(() => {})
  expect(await errorOf(client.refreshTokenGrant(spa.config, tokens.refresh_token ?? ''))).toBe(
    'invalid_grant',
  )
  expect((await client.refreshTokenGrant(wiki.config, tokens.refresh_token ?? '')).access_token).toBeDefined()
})

it('signing out takes the form of our own page', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  await party.signIn(browser)
  await browser.visit('/oidc/sign-out?client_id=wiki')
  const guessed = await browser.visit('/oidc/sign-out/confirm', { form: { xsrf: 'guess', logout: 'yes' } })
  expect(guessed.status).toBe(400)
  const away = await browser.visit(
    '/oidc/sign-out?client_id=wiki&post_logout_redirect_uri=https://evil.example/',
  )
  expect([away.status, away.headers['location']]).toEqual([400, undefined])
  expect((await browser.follow('/access')).status).toBe(200)
})

it('nothing that signs anybody in is kept as it is', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  const { away, tokens } = await party.signIn(browser)
  const kept = JSON.stringify(
    await stage.store.read(async (ctx) => [
      await ctx.q.select().from(ctx.t.oidcRecords),
      await ctx.q.select().from(ctx.t.oidcSignIns),
      await ctx.q.select().from(ctx.t.oidcKeys),
      await ctx.q.select().from(ctx.t.auditEvents),
    ]),
  )
  const session = browser.cookies.get('__Host-drawbridge-oidc')
  const secrets = [
    away.searchParams.get('code'),
    tokens.access_token,
    tokens.refresh_token,
    session,
    wikiSecret,
  ]
  for (const one of secrets) {
    expect(one?.length).toBeGreaterThan(20)
    expect(kept).not.toContain(one)
  }
  expect(kept).not.toMatch(/\\?"(d|p|q|dp|dq|qi)\\?":/)
})
