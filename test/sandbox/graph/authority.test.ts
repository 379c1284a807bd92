import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AppCertificate } from '#src/sandbox/graph/certificate.ts'
import { type Entra, startEntra } from '#src/sandbox/graph/start.ts'
import { askToken, read, secretForm, startTenant } from '#test/sandbox/graph/tenant.ts'

let entra: Entra
let own: AppCertificate
let ended: AppCertificate
beforeAll(async () => {
  entra = await startEntra()
  own = await entra.app.makeCertificate()
  ended = await entra.app.makeCertificate({ days: -1 })
})
afterAll(async () => await entra.close())

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const tokenUrl = () => `${entra.authorityUrl}/${entra.tenantId}/oauth2/v2.0/token`

interface Wrong {
  readonly alg?: string
  readonly header?: Record<string, unknown>
  readonly audience?: string
  readonly issuer?: string
  readonly subject?: string
  readonly jti?: string | undefined
  readonly from?: string
  readonly until?: string
  readonly key?: AppCertificate
  readonly signer?: Parameters<SignJWT['sign']>[0]
}

async function assertion(wrong: Wrong = {}): Promise<string> {
  const { key = own } = wrong
  const { fingerprint256 } = new X509Certificate(key.certificatePem)
  const thumbprint = Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
  const { header = { 'x5t#S256': thumbprint } } = wrong
  const jwt = new SignJWT()
    .setProtectedHeader({ alg: wrong.alg ?? 'PS256', typ: 'JWT', ...header })
    .setAudience(wrong.audience ?? tokenUrl())
    .setIssuer(wrong.issuer ?? entra.app.clientId)
    .setSubject(wrong.subject ?? entra.app.clientId)
    .setNotBefore(wrong.from ?? '1 second ago')
    .setExpirationTime(wrong.until ?? '9 minutes from now')
  if (!('jti' in wrong) || wrong.jti !== undefined) jwt.setJti(wrong.jti ?? crypto.randomUUID())
  return await jwt.sign(wrong.signer ?? createPrivateKey(key.privateKeyPem))
}

const assertionForm = (value: string): Record<string, string> => ({
  grant_type: 'client_credentials',
  client_id: entra.app.clientId,
  client_assertion_type: assertionType,
  client_assertion: value,
  scope: `${entra.graphUrl}/.default`,
})

test('a client secret gets a token that says what the app may do, for 60 to 90 minutes', async () => {
  const { status, body } = await askToken(entra, secretForm(entra))
  expect(status).toBe(200)
  expect(body).toMatchObject({ token_type: 'Bearer', ext_expires_in: body.expires_in })
  expect(body.expires_in).toBeGreaterThanOrEqual(3599)
  expect(body.expires_in).toBeLessThan(5400)
  const claims = decodeJwt(body.access_token)
  expect(claims).toMatchObject({
    aud: entra.graphUrl,
    appid: entra.app.clientId,
    oid: entra.app.principalId,
    tid: entra.tenantId,
    idtyp: 'app',
    exp: (claims.iat ?? 0) + body.expires_in,
  })
  expect(claims['roles']).toContain('User.EnableDisableAccount.All')
})

test('tokens are signed by the key that the authority publishes', async () => {
  const { body } = await askToken(entra, secretForm(entra))
  const published = await read(`${entra.authorityUrl}/${entra.tenantId}/discovery/v2.0/keys`)
  const { payload } = await jwtVerify(body.access_token, createLocalJWKSet(published.body))
  expect(payload['appid']).toBe(entra.app.clientId)
})

test.each(['PS256', 'RS256'])('a certificate gets a token with %s', async (alg) => {
  const { status, body } = await askToken(entra, assertionForm(await assertion({ alg })))
  expect(status).toBe(200)
  expect(decodeJwt(body.access_token)['appidacr']).toBe('2')
})

test('the older thumbprint is accepted as well', async () => {
  const { fingerprint } = new X509Certificate(own.certificatePem)
  const x5t = Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url')
  const { status } = await askToken(entra, assertionForm(await assertion({ header: { x5t } })))
  expect(status).toBe(200)
})

test.each<[string, number, () => Wrong]>([
  ['without thumbprint', 50027, () => ({ header: {} })],
  ['with another certificate', 700027, () => ({ header: { 'x5t#S256': 'AAAA' } })],
  [
    'signed by another key',
    700027,
    () => ({ signer: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }),
  ],
  ['by a certificate that has ended', 7000222, () => ({ key: ended })],
  ['with another algorithm', 50027, () => ({ alg: 'PS512' })],
  ['that has ended', 700024, () => ({ from: '1 hour ago', until: '10 minutes ago' })],
  ['that begins later', 700024, () => ({ from: '10 minutes from now', until: '15 minutes from now' })],
  ['for another audience', 700023, () => ({ audience: 'https://login.example' })],
  ['of another issuer', 700021, () => ({ issuer: 'somebody' })],
  ['about another subject', 700021, () => ({ subject: 'somebody' })],
  ['without its own id', 50027, () => ({ jti: undefined })],
])('an assertion %s is refused', async (_, number, wrong) => {
  const { status, body } = await askToken(entra, assertionForm(await assertion(wrong())))
  expect([status, body.error, body.error_codes]).toEqual([401, 'invalid_client', [number]])
  expect(body.error_description).toMatch(new RegExp(`^AADSTS${number}: `))
  expect(body.correlation_id).toMatch(/^[\da-f-]{36}$/)
})

test('an assertion counts once', async () => {
  await using tenant = await startTenant()
  const before = entra.complaints.length
  const form = assertionForm(await assertion())
  expect((await askToken(entra, form)).status).toBe(200)
  expect((await askToken(entra, form)).status).toBe(401)
  expect(entra.complaints.slice(before).join()).toContain('it was used before')
  expect(tenant.entra.complaints).toEqual([])
})

test('an assertion that lives longer than ten minutes is complained about', async () => {
  const before = entra.complaints.length
  expect((await askToken(entra, assertionForm(await assertion({ until: '1 hour from now' })))).status).toBe(
    200,
  )
  expect(entra.complaints.slice(before).join()).toContain('more than the advised ten minutes')
})

test.each<[string, number, string, number, Record<string, string>]>([
  ['a wrong secret', 401, 'invalid_client', 7000215, { client_secret: 'x' }],
  ['another application', 400, 'unauthorized_client', 700016, { client_id: 'x' }],
  ['another grant', 400, 'unsupported_grant_type', 70003, { grant_type: 'password' }],
  ['a scope that names single rights', 400, 'invalid_scope', 1002012, { scope: 'User.Read.All' }],
  ['a scope of another resource', 400, 'invalid_resource', 500011, { scope: 'https://x.example/.default' }],
  ['no scope', 400, 'invalid_request', 900144, { scope: '' }],
])('%s is refused', async (_, status, error, number, wrong) => {
  const before = entra.complaints.length
  const answer = await askToken(entra, { ...secretForm(entra), ...wrong })
  expect([answer.status, answer.body.error, answer.body.error_codes]).toEqual([status, error, [number]])
  const isMalformed = [900144, 70003, 1002012].includes(number)
  expect(entra.complaints.length - before).toBe(isMalformed ? 1 : 0)
})

test('another tenant is refused', async () => {
  const answer = await askToken(entra, secretForm(entra), 'elsewhere.example')
  expect([answer.status, answer.body.error_codes]).toEqual([400, [90002]])
})

test('a secret that has ended, a disabled application and Conditional Access are refused', async () => {
  const codes: unknown[] = []
  for (const wrong of [{ secretExpired: true }, { enabled: false }, { blockedByConditionalAccess: true }]) {
    const good = { enabled: true, secretExpired: false, blockedByConditionalAccess: false }
    entra.settings.app = { ...good, ...wrong }
    codes.push((await askToken(entra, secretForm(entra))).body.error_codes)
    entra.settings.app = good
  }
  expect(codes).toEqual([[7000222], [7000112], [53003]])
})

test('a token request that is no form is refused and complained about', async () => {
  const before = entra.complaints.length
  const response = await fetch(tokenUrl(), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(secretForm(entra)),
  })
  expect(response.status).toBe(400)
  expect(entra.complaints.slice(before)).toHaveLength(1)
})

test('secrets are not recorded', async () => {
  await askToken(entra, secretForm(entra))
  const value = await assertion()
  await askToken(entra, assertionForm(value))
  const recorded = JSON.stringify(entra.authorityCalls)
  const secrets = [entra.app.clientSecret, value.slice(-40), 'eyJ0eXAi']
  expect(secrets.map((one) => recorded.includes(one))).toEqual([false, false, false])
  expect(recorded.includes('client_credentials')).toBe(true)
})

test('the documents by which libraries find the endpoints lead to them', async () => {
  const instance = await read(`${entra.authorityUrl}/common/discovery/instance?api-version=1.1`)
  const configuration = await read(instance.body.tenant_discovery_endpoint)
  expect(configuration.body).toMatchObject({ token_endpoint: tokenUrl() })
  const known = `${entra.authorityUrl}/${entra.tenantId}/v2.0/.well-known/openid-configuration`
  expect(configuration.body).toEqual((await read(known)).body)
})
