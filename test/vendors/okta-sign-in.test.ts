import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { memoryContext } from '#test/helpers/change-context.ts'
import { failure } from '#test/helpers/connector-failure.ts'
import { createMovedClock } from '#test/helpers/moved-clock.ts'
import { type OktaFixture, startOkta } from '#test/vendors/okta-fixture.ts'

const never = new AbortController().signal
const query = { kind: 'login', value: 'alice@corp.example' } as const
const token = { method: 'POST', path: /\/oauth2\/v1\/token$/ }
let okta: OktaFixture
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'okta-keys-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

beforeEach(async () => {
  okta = await startOkta()
  okta.add('alice', { status: 'ACTIVE' })
})

afterEach(async () => {
  await okta.ended()
})

describe('the app', () => {
  it('asks for one token for all its calls, with a statement for one use within five minutes', async () => {
    await Promise.all([okta.connector.find(query, never), okta.connector.find(query, never)])
    await okta.connector.find(query, never)
    const [asked, ...others] = okta.tokenRequests()
    expect(others).toEqual([])
    expect(asked?.get('grant_type')).toBe('client_credentials')
    const assertion = asked?.get('client_assertion') ?? ''
    const claims = decodeJwt(assertion)
    expect(claims).toMatchObject({
      iss: okta.org.app.clientId,
      sub: okta.org.app.clientId,
      aud: `${okta.org.url}/oauth2/v1/token`,
    })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300)
    expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'RS256', kid: okta.org.app.keyId })
  })

  it('asks anew before the token ends', async () => {
    const clock = createMovedClock(new Date().toISOString())
    const connector = okta.connect({ clock })
    await connector.find(query, never)
    clock.move(54 * 60_000)
    await connector.find(query, never)
    expect(okta.tokenRequests()).toHaveLength(1)
    clock.move(2 * 60_000)
    // What the org's clock says has no part in it.
    await connector.find(query, never).catch(() => undefined)
    expect(okta.tokenRequests()).toHaveLength(2)
  })

  it('takes a new token when the org refuses the old one, once', async () => {
    await okta.connector.find(query, never)
    okta.org.revokeTokens()
    expect(await okta.connector.find(query, never)).toHaveLength(1)
    expect(okta.tokenRequests()).toHaveLength(2)
    okta.org.faults.whenever({ method: 'GET' }, { kind: 'error', errorCode: 'E0000011' })
    const error = await failure(okta.connector.find(query, never))
    expect(error).toMatchObject({ code: 'bad_credentials', facts: { detail: 'token_refused' } })
    expect(okta.tokenRequests()).toHaveLength(3)
  })

  it('works on with the scopes that it has, and protects whom it can not judge', async () => {
    okta.org.app.scopes.delete('okta.roles.read')
    const clock = createMovedClock(new Date().toISOString())
    const connector = okta.connect({ clock })
    expect(await connector.find(query, never)).toMatchObject([{ privilegeKnown: false }])
    okta.org.app.scopes.add('okta.roles.read')
    // A token holds what was granted when it was issued, so this one is not kept for long.
    clock.move(31_000)
    expect(await connector.find(query, never)).toMatchObject([{ privilegeKnown: true }])
  })

  it('goes on for the others when one of those who wait for a token stops', async () => {
    const stop = new AbortController()
    const slow = okta.org.faults.whenever(token, { kind: 'slow', delayMs: 60_000 })
    const stopped = failure(okta.connector.find(query, stop.signal))
    const other = okta.connector.find(query, never)
    await expect.poll(() => slow.hits()).toBe(1)
    stop.abort()
    expect(await stopped).toMatchObject({ code: 'timed_out' })
    slow.lift()
    expect(await other).toHaveLength(1)
    expect(okta.tokenRequests()).toHaveLength(1)
  })

  it('of which proof of possession is demanded says what to switch off', async () => {
    okta.org.settings.dpopRequired = true
    const error = await failure(okta.connector.checkConnection(never))
    expect(error).toMatchObject({ code: 'misconfigured', facts: { detail: 'dpop_switched_on' } })
  })

  it.each([
    ['invalid_client', 401, 'bad_credentials', 'client_or_key_refused'],
    ['unauthorized_client', 400, 'bad_credentials', 'client_not_allowed'],
  ] as const)('that is refused as %s (%i) says so', async (error, status, code, detail) => {
    okta.org.faults.whenever(token, { kind: 'oauth_error', status, error })
    expect(await failure(okta.connector.find(query, never))).toMatchObject({
      code,
      facts: { detail, vendorCode: error },
    })
  })

  it('whose sign-in is limited comes back when Okta says', async () => {
    okta.org.faults.whenever(token, { kind: 'rate_limited', resetInSeconds: 5 })
    const { code, facts } = await failure(okta.connector.find(query, never))
    expect(code).toBe('rate_limited')
    expect(Date.parse(facts.retryAt ?? '')).toBeGreaterThan(Date.now())
  })

  it('at a wrong address finds no Okta', async () => {
    okta.org.faults.whenever(token, { kind: 'page', status: 200 })
    expect(await failure(okta.connector.find(query, never))).toMatchObject({ code: 'bad_response' })
    okta.org.faults.whenever(token, { kind: 'redirect', location: 'https://elsewhere.example/' })
    expect(await failure(okta.connector.find(query, never))).toMatchObject({
      code: 'misconfigured',
      facts: { detail: 'redirected' },
    })
  })
})

describe('the key', () => {
  const write = async (name: string, text: string) => {
    const file = join(folder, name)
    await writeFile(file, text)
    return file
  }
  const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()

  it.each(['P-256', 'P-384', 'P-521'])('may be an elliptic one (%s), as PEM', async (namedCurve) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
    okta.org.app.addKey('curve', publicKey)
    const privateKeyFile = await write('ec.pem', pem(privateKey))
    const connector = okta.connect({}, { privateKeyFile, keyId: 'curve' })
    expect(await connector.find(query, never)).toHaveLength(1)
  })

  it('may be a JSON Web Key that says its own name', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    okta.org.app.addKey('web-key', publicKey)
    const jwk = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'web-key' })
    const connector = okta.connect({}, { privateKeyFile: await write('key.jwk', jwk), keyId: undefined })
    expect(await connector.find(query, never)).toHaveLength(1)
  })

  it('that Okta does not know is refused', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const connector = okta.connect({}, { privateKeyFile: await write('other.pem', pem(privateKey)) })
    expect(await failure(connector.find(query, never))).toMatchObject({
      code: 'bad_credentials',
      facts: { detail: 'client_or_key_refused' },
    })
  })

  it.each([
    ['no key', 'nonsense'],
    ['half a key', '{"kty":"RSA","n":"AQAB"}'],
    ['broken JSON', '{"kty":"RSA","d":"c2VjcmV0'],
    ['a key of another kind', pem(generateKeyPairSync('ed25519').privateKey)],
  ])('file that holds %s is named, and nothing of what it holds', async (_, text) => {
    const privateKeyFile = await write('bad.pem', text)
    const connector = okta.connect({}, { privateKeyFile })
    const error = await failure(connector.find(query, never))
    expect(error).toMatchObject({
      code: 'misconfigured',
      facts: { detail: 'private_key_file_unusable', where: privateKeyFile },
    })
    expect(error.cause).toBeUndefined()
  })

  it('file that is not there is named', async () => {
    const connector = okta.connect({}, { privateKeyFile: join(folder, 'none.pem') })
    expect(await failure(connector.find(query, never))).toMatchObject({
      code: 'misconfigured',
      facts: { detail: 'private_key_file_unreadable' },
    })
  })
})

describe('an API token', () => {
  it('is the whole proof, and its owner is never a target', async () => {
    const connector = okta.connect({}, 'api_token')
    expect(await connector.find(query, never)).toMatchObject([{ own: false }])
    expect(await connector.read(okta.org.apiToken.ownerId, never)).toMatchObject({ own: true })
    expect(okta.tokenRequests()).toEqual([])
    for (const action of ['disable', 'resetPassword', 'signOut'] as const) {
      const refused = await failure(connector[action]!(okta.org.apiToken.ownerId, memoryContext()))
      expect(refused, action).toMatchObject({ code: 'not_supported', facts: { detail: 'own_account' } })
    }
    expect(okta.changes()).toEqual([])
  })

  it('that is no longer good is refused, once', async () => {
    const connector = okta.connect({}, 'api_token')
    okta.org.revokeTokens()
    expect(await failure(connector.find(query, never))).toMatchObject({ code: 'bad_credentials' })
    expect(okta.org.calls).toHaveLength(1)
  })
})
