import { readFile } from 'node:fs/promises'
import * as client from 'openid-client'
import { expect, it } from 'vitest'
import { openStore } from '#db/store.ts'
import { endSession } from '#src/sign-in/session.ts'
import { errorOf, idOf, startOpenIdStage } from '#test/helpers/openid.ts'
import { ask } from '#test/helpers/web.ts'

// What else the certification of the basic profile asks for; docs/openid.md says which test holds what.
const stageHere = async () => await startOpenIdStage(await openStore('sqlite::memory:'))
const host = { host: 'access.example' }

it.each([
  ['a parameter that nobody knows', { extra: 'foobar' }],
  ['display', { display: 'popup' }],
  ['login_hint', { login_hint: 'bob@corp.example' }],
  ['ui_locales and claims_locales', { ui_locales: 'se', claims_locales: 'se' }],
  ['acr_values', { acr_values: '1 2' }],
  ['a scope that nobody knows', { scope: 'openid email address phone unknown' }],
  ['no nonce', { nonce: undefined }],
])('%s is no hindrance', async (_, changes) => {
  const stage = await stageHere()
  const { tokens } = await (await stage.party()).signIn(await stage.browser('ann'), changes)
  expect(tokens.claims()).toMatchObject({ sub: idOf('ann'), email: 'ann@corp.example' })
  expect(tokens.claims()).not.toHaveProperty('address')
})

it('the ID token of before names the person, without a page', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  const { tokens } = await party.signIn(browser)
  const silent = { prompt: 'none', id_token_hint: tokens.id_token ?? '' }
  expect((await party.signIn(browser, silent)).tokens.claims()?.sub).toBe(idOf('ann'))
  await endSession(stage.deps, browser.sessionId)
  await browser.signIn('bob')
  const { away } = await browser.follow((await party.request(silent)).path)
  expect(away?.searchParams.get('error')).toBe('login_required')
})

it('max_age that is not reached asks nobody, and says when the person signed in', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  const first = await party.signIn(browser)
  const { path, checks } = await party.request({ max_age: '10000' })
  const { away } = await browser.follow(path)
  const tokens = await client.authorizationCodeGrant(party.config, away!, { ...checks, maxAge: 10_000 })
  expect(tokens.claims()?.['auth_time']).toBe(first.tokens.claims()?.['auth_time'])
})

it('a request that does not say which answer it wants is refused', async () => {
  const stage = await stageHere()
  const { path } = await (await stage.party()).request()
  const { away } = await (await stage.browser('ann')).follow(path.replace('response_type=code', 'x=y'))
  expect([away?.origin, away?.searchParams.get('error')]).toEqual([
    'https://wiki.example.net',
    'invalid_request',
  ])
})

it('userinfo takes the token in the header of a POST', async () => {
  const stage = await stageHere()
  const { tokens } = await (await stage.party()).signIn(await stage.browser('ann'))
  const headers = { ...host, authorization: `Bearer ${tokens.access_token}` }
  const answer = await ask(stage.port, '/oidc/userinfo', { method: 'POST', headers })
  expect([answer.status, JSON.parse(answer.text)]).toEqual([
    200,
    expect.objectContaining({ sub: idOf('ann') }),
  ])
})

it('offline_access without prompt=consent is left out', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  const { tokens } = await party.signIn(browser, { scope: 'openid offline_access' })
  expect(tokens.scope).toBe('openid')
  await endSession(stage.deps, browser.sessionId)
  expect(await errorOf(client.refreshTokenGrant(party.config, tokens.refresh_token ?? ''))).toBe(
    'invalid_grant',
  )
})

it('each test that docs/openid.md names is there', async () => {
  const page = await readFile('docs/openid.md', 'utf8')
  const table = page.slice(page.indexOf('| Requirement of the basic profile'))
  const rows = table.slice(0, table.indexOf('\n\n')).split('\n').slice(2)
  const named = rows.map((row) => [...row.matchAll(/`(oidc-[\w-]+)`((?:[:,] “[^”]+”)*)/g)])
  for (const [n, files] of named.entries()) {
    expect(files.length, rows[n]).toBeGreaterThan(0)
    for (const [, file = '', names = ''] of files) {
      const source = await readFile(`test/sign-in/${file}.test.ts`, 'utf8')
      for (const [, name = ''] of names.matchAll(/“([^”]+)”/g)) expect(source).toContain(`'${name}`)
    }
  }
  expect(rows.length).toBeGreaterThan(20)
})
