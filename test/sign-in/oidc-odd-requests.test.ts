import { SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { openStore } from '#db/store.ts'
import { afterSignOut, callback, issuer, startOpenIdStage, wikiSecret } from '#test/helpers/openid.ts'
import { ask } from '#test/helpers/web.ts'

const stageHere = async () => await startOpenIdStage(await openStore('sqlite::memory:'))
const basic = (id: string, word: string) => `Basic ${Buffer.from(`${id}:${word}`).toString('base64')}`
const page = { headers: { accept: 'text/html' } }

const almost = (uri: string) => {
  const { host, pathname } = new URL(uri)
  return [
    uri.replace('https', 'HTTPS'),
    uri.replace(host, host.toUpperCase()),
    uri.replace(host, `${host}:443`),
    uri.replace(host, `${host}.`),
    uri.replace(host, `evil.example#@${host}`),
    uri.replace(host, `${host}@evil.example`),
    uri.replace(host, `user@${host}`),
    uri.replace('https:', ''),
    uri.replace('https', 'http'),
    `${uri}/`,
    `${uri}#x`,
    `${uri}?`,
    `${uri}%00`,
    `${uri}%2f..%2fevil`,
    `${uri}\t`,
    ` ${uri}`,
    `${uri};x`,
    uri.replace(pathname, `/\\evil.example${pathname}`),
    uri.replace(pathname, `/x/..${pathname}`),
    uri.replace(pathname, pathname.replace('/', '/%2e/')),
  ]
}

it('addresses that are almost those of a client lead nowhere', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  for (const uri of almost(callback)) {
    const { path } = await party.request({ redirect_uri: uri })
    const answer = await browser.visit(path, page)
    expect([answer.status, answer.headers['location']], uri).toEqual([400, undefined])
    expect(answer.text, uri).not.toMatch(/href="[^"]*evil/)
  }
  const { path } = await party.request()
  const twice = await browser.visit(
    `${path}&redirect_uri=${encodeURIComponent('https://evil.example/')}`,
    page,
  )
  expect([twice.status, twice.headers['location']]).toEqual([400, undefined])
  for (const uri of almost(afterSignOut)) {
    const query = new URLSearchParams({ client_id: 'wiki', post_logout_redirect_uri: uri })
    const answer = await browser.visit(`/oidc/sign-out?${query.toString()}`, page)
    expect([answer.status, answer.headers['location']], uri).toEqual([400, undefined])
    expect(answer.headers['content-security-policy'], uri).toContain("form-action 'self';")
  }
})

it.each([
  ['code_challenge_method', 'S512'],
  ['code_challenge', 'short'],
  ['code_challenge', 'x'.repeat(200)],
  ['max_age', '-1'],
  ['max_age', 'soon'],
  ['max_age', '1e99'],
  ['prompt', 'none login'],
  ['prompt', 'none consent'],
  ['prompt', 'nothing'],
  ['prompt', 'create'],
  ['response_mode', 'fragment'],
  ['response_mode', 'web_message'],
  ['response_mode', 'jwt'],
  ['response_type', 'code id_token'],
  ['response_type', 'none'],
  ['request_uri', 'https://evil.example/request'],
  ['registration', '{}'],
  ['claims', '{"id_token":{"groups":{"value":"x"}}}'],
])('a request with %s=%s gets no code, or what it asks for is not done', async (name, value) => {
  const stage = await stageHere()
  const { path } = await (await stage.party()).request({ [name]: value })
  const answer = await (await stage.browser('ann')).follow(path)
  const said = new URLSearchParams(answer.away?.search ?? '')
  const code = said.get('code') ?? new URLSearchParams(answer.away?.hash.slice(1)).get('code')
  // Parameters of what is not offered are read over, as OAuth says.
  const isReadOver = name === 'claims'
  expect(code !== null, JSON.stringify([answer.status, answer.away, answer.text.slice(0, 900)])).toBe(
    isReadOver,
  )
})

it('what is given twice is refused', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  for (const [name, value] of [
    ['code_challenge', 'y'.repeat(43)],
    ['code_challenge_method', 'plain'],
    ['client_id', 'spa'],
    ['scope', 'openid'],
    ['prompt', 'none'],
  ] as const) {
    const { path } = await party.request()
    const answer = await browser.follow(`${path}&${name}=${value}`)
    expect(answer.away?.searchParams.get('code') ?? null, name).toBeNull()
  }
})

it('prompt=none with a sign-in that is too old says so, and shows no page', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  await party.signIn(browser)
  const { path } = await party.request({ prompt: 'none', max_age: '0' })
  const { away } = await browser.follow(path)
  expect([away?.searchParams.get('error'), away?.searchParams.get('code')]).toEqual(['login_required', null])
})

it('a client is known by its own secret in the way that it is registered for, and by nothing else', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser('ann')
  const assertion = (alg: string) =>
    new SignJWT({})
      .setProtectedHeader({ alg })
      .setIssuer('wiki')
      .setSubject('wiki')
      .setAudience(issuer)
      .setJti('x')
      .setExpirationTime('1m')
      .sign(new TextEncoder().encode(wikiSecret))
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  const none = `${btoa('{"alg":"none"}')}.${btoa('{"iss":"wiki","sub":"wiki","aud":"x"}')}.`.replaceAll(
    '=',
    '',
  )
  const tries: readonly (readonly [string, Readonly<Record<string, string>>, string?])[] = [
    ['nothing', {}],
    ['its id alone', { client_id: 'wiki' }],
    ['an empty secret', { client_id: 'wiki', client_secret: '' }],
    ['an empty secret in the header', {}, basic('wiki', '')],
    ['a secret in the header that is no text', {}, 'Basic !!!'],
    ['another scheme', {}, `Bearer ${wikiSecret}`],
    ['two ways at once', { client_id: 'wiki', client_secret: wikiSecret }, basic('wiki', wikiSecret)],
    ['another id in the form', { client_id: 'spa' }, basic('wiki', wikiSecret)],
    ['the secret of another client', { client_id: 'spa', client_secret: wikiSecret }],
    ['an assertion', { client_assertion: await assertion('HS256'), client_assertion_type: type }],
    ['an assertion, unsigned', { client_assertion: none, client_assertion_type: type }],
    ['a NUL in the id', { client_id: 'wi\0ki', client_secret: wikiSecret }],
    ['an id of another table', { client_id: '__proto__', client_secret: wikiSecret }],
  ]
  for (const [what, form, authorization] of tries) {
    const { path, checks } = await party.request()
    const { away } = await browser.follow(path)
    const code = away?.searchParams.get('code') ?? ''
    expect(code).not.toBe('')
    const answer = await ask(stage.port, '/oidc/token', {
      form: {
        grant_type: 'authorization_code',
        code,
        redirect_uri: callback,
        code_verifier: checks.pkceCodeVerifier,
        ...form,
      },
      headers: { host: 'access.example', ...(authorization !== undefined && { authorization }) },
    })
    expect([400, 401], `${what}: ${answer.status} ${answer.text}`).toContain(answer.status)
    expect(answer.text, what).not.toContain('access_token')
  }
})

it('a failure of ours is not blamed on the service: it has a reference that is in the log', async () => {
  const stage = await stageHere()
  const { path } = await (await stage.party()).request()
  const browser = await stage.browser()
  await browser.visit('/oidc/jwks')
  await stage.store.close()
  for (const asked of [path, '/oidc/sign-out']) {
    const before = stage.log.lines.filter(({ level }) => level === 'error').length
    const { status, text, headers } = await browser.visit(asked, page)
    expect(status, asked).toBe(500)
    expect(text).toContain('Something went wrong on our side.')
    expect(text).not.toMatch(/oops|server_error|The service asked|sqlite|\.ts/)
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    const reference = /reference\s+([0-9A-Z]{4})/.exec(text)?.[1]
    const noted = stage.log.lines.filter(({ level }) => level === 'error').slice(before)
    expect(noted.map(({ facts }) => 'reference' in facts && facts.reference)).toContain(reference)
  }
  const { status, text } = await browser.visit('/oidc/sign-out', { headers: { accept: 'application/json' } })
  expect([status, JSON.parse(text)]).toMatchObject([500, { error: 'server_error' }])
})
