import { expect, test } from 'vitest'
import type { Fault } from '#src/sandbox/graph/faults.ts'
import { askToken, secretForm, startTenant } from '#test/sandbox/graph/tenant.ts'

const ada = { id: 'aaaaaaaa-0000-4000-8000-000000000001', userPrincipalName: 'ada@corp.example' }
const url = `/v1.0/users/${ada.id}`
const patches = { method: 'PATCH', path: /^\/v1\.0\/users\/[^/]+$/ } as const

test.each<[Fault, number, string]>([
  [
    { kind: 'graph_error', status: 401, code: 'InvalidAuthenticationToken' },
    401,
    'InvalidAuthenticationToken',
  ],
  [{ kind: 'graph_error', status: 404, code: 'Request_ResourceNotFound' }, 404, 'Request_ResourceNotFound'],
  [
    { kind: 'graph_error', status: 409, code: 'Request_MultipleObjectsWithSameKeyValue' },
    409,
    'Request_MultipleObjectsWithSameKeyValue',
  ],
  [{ kind: 'graph_error', status: 412, code: 'PreconditionFailed' }, 412, 'PreconditionFailed'],
  [{ kind: 'graph_error', status: 503, code: 'ServiceUnavailable' }, 503, 'ServiceUnavailable'],
  [{ kind: 'throttled' }, 429, 'TooManyRequests'],
])('%j is answered and nothing happens', async (fault, status, code) => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  const active = entra.faults.whenever(patches, fault, { times: 1 })
  const answer = await graph.send('PATCH', url, { accountEnabled: false })
  expect([answer.status, answer.body.error.code]).toEqual([status, code])
  expect(answer.headers.has('retry-after')).toBe(false)
  expect([active.hits(), entra.person(ada.id).properties.accountEnabled]).toEqual([1, true])
  expect((await graph.send('PATCH', url, { accountEnabled: false })).status).toBe(204)
})

test('429 may say how long to wait', async () => {
  await using tenant = await startTenant({ people: [ada] })
  tenant.entra.faults.whenever({}, { kind: 'throttled', retryAfterSeconds: 7 }, { after: 1, times: 1 })
  const { headers } = await tenant.graph.get(url)
  expect(headers.get('retry-after')).toBe('7')
})

test('the authority fails like any server, and in its own words', async () => {
  await using tenant = await startTenant()
  const { entra } = tenant
  const path = /\/oauth2\/v2\.0\/token$/
  const fault = {
    kind: 'authority_error',
    status: 503,
    error: 'temporarily_unavailable',
    number: 90033,
  } as const
  entra.faults.whenever({ path }, fault, { times: 1 })
  const { status, body } = await askToken(entra, secretForm(entra))
  expect([status, body.error, body.error_codes]).toEqual([503, 'temporarily_unavailable', [90033]])
})

test.each<[Fault['kind'], boolean]>([
  ['cut', true],
  ['lose_answer', false],
])('%s: the connection breaks; what happened shows by looking', async (kind, enabled) => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  entra.faults.whenever(patches, kind === 'cut' ? { kind: 'cut' } : { kind: 'lose_answer' }, { times: 1 })
  await expect(graph.send('PATCH', url, { accountEnabled: false })).rejects.toThrow('fetch failed')
  expect(entra.person(ada.id).properties.accountEnabled).toBe(enabled)
  expect(entra.calls.at(-1)).toMatchObject({ status: 0, happened: enabled ? undefined : 204 })
})

test.each(['hang', 'hang_after'] as const)('%s: no answer comes until the fault is lifted', async (kind) => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  const active = entra.faults.whenever(patches, { kind })
  const sent = graph.send('PATCH', url, { accountEnabled: false }).then(
    () => 'answered',
    () => 'cut',
  )
  await expect.poll(() => active.hits()).toBe(1)
  await expect.poll(() => entra.person(ada.id).properties.accountEnabled).toBe(kind === 'hang')
  expect(entra.calls.at(-1)?.status).toBeUndefined()
  active.lift()
  expect(await sent).toBe('cut')
  expect(entra.calls.at(-1)?.status).toBe(0)
})

test.each<Fault>([{ kind: 'page', status: 502 }, { kind: 'garbage' }])('%j is no JSON', async (fault) => {
  await using tenant = await startTenant({ people: [ada] })
  tenant.entra.faults.whenever(patches, fault)
  await expect(tenant.graph.send('PATCH', url, { accountEnabled: false })).rejects.toThrow('JSON')
})

test('a body of any shape and a redirect can be answered, and are not held against the published document', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra } = tenant
  entra.faults.whenever({ path: /users/ }, { kind: 'body', status: 200, body: { value: [7] } }, { times: 1 })
  expect((await tenant.graph.get('/v1.0/users')).body).toEqual({ value: [7] })
  entra.faults.whenever({ path: /users/ }, { kind: 'redirect', location: 'https://elsewhere.example/' })
  const response = await fetch(`${entra.graphUrl}/v1.0/users`, { redirect: 'manual' })
  expect([response.status, response.headers.get('location')]).toEqual([302, 'https://elsewhere.example/'])
})

test('something else may happen just before a call, or just after it', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  const enable = () => entra.setEnabled(ada.id, true)
  entra.faults.whenever(patches, { kind: 'afterwards', happen: enable }, { times: 1 })
  expect((await graph.send('PATCH', url, { accountEnabled: false })).status).toBe(204)
  expect(entra.person(ada.id).properties.accountEnabled).toBe(true)
  entra.faults.whenever(
    patches,
    { kind: 'meanwhile', happen: () => entra.removePerson(ada.id) },
    { times: 1 },
  )
  expect((await graph.send('PATCH', url, { accountEnabled: false })).status).toBe(404)
})

test('a late answer comes at once when the fault is lifted', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const active = tenant.entra.faults.whenever(patches, { kind: 'slow', delayMs: 600_000 })
  const sent = tenant.graph.send('PATCH', url, { accountEnabled: false })
  await expect.poll(() => active.hits()).toBe(1)
  active.lift()
  expect((await sent).status).toBe(204)
})

test('tokens end by the clock, by revocation and with the app, each in its own way', async () => {
  let now = Date.parse('2026-11-21T10:00:00Z')
  await using tenant = await startTenant({ people: [ada], now: () => now, settings: { tokenSeconds: 3600 } })
  const { entra, graph } = tenant
  const code = async () => {
    const { status, body, headers } = await graph.get(url)
    return [status, body.error?.code, headers.get('www-authenticate')?.includes('insufficient_claims')]
  }
  expect(await code()).toEqual([200, undefined, undefined])
  now += 3_600_000
  expect(await code()).toEqual([401, 'InvalidAuthenticationToken', false])
  await graph.renew()
  entra.revokeTokens()
  expect(await code()).toEqual([401, 'InvalidAuthenticationToken', true])
  await graph.renew()
  expect(await code()).toEqual([200, undefined, undefined])
  entra.settings.app = { ...entra.settings.app, enabled: false }
  expect(await code()).toEqual([403, 'Authorization_IdentityNotFound', undefined])
})

test.each([undefined, 'Bearer nonsense', 'Basic abc', 'Bearer'])(
  'the token %s is none',
  async (authorization) => {
    await using tenant = await startTenant()
    const headers = authorization === undefined ? {} : { authorization }
    const response = await fetch(`${tenant.entra.graphUrl}/v1.0/users`, { headers })
    expect(response.status).toBe(401)
  },
)

test('tokens that cannot be read are taken as well', async () => {
  await using tenant = await startTenant({ people: [ada], settings: { opaqueTokens: true } })
  expect((await tenant.graph.get(url)).status).toBe(200)
  const { body } = await askToken(tenant.entra, secretForm(tenant.entra))
  expect(body.access_token).toMatch(/^opaque-/)
})

test('a server that is down refuses connections, and comes back under the same address', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  expect((await graph.get(url)).status).toBe(200)
  await entra.down('graph')
  await expect(graph.get(url)).rejects.toThrow('fetch failed')
  await entra.up('graph')
  expect((await graph.get(url)).status).toBe(200)
})

test('the clock of the tenant stands in each answer', async () => {
  await using tenant = await startTenant({ now: () => Date.parse('2031-02-03T04:05:06Z') })
  const { headers } = await tenant.graph.get('/v1.0/users')
  expect(headers.get('date')).toBe('Mon, 03 Feb 2031 04:05:06 GMT')
})

test('calls may take their time, each its own', async () => {
  const asked: string[] = []
  const latencyMs = (method: string, path: string) => {
    asked.push(`${method} ${path}`)
    return 5
  }
  await using tenant = await startTenant({ people: [ada], settings: { latencyMs } })
  expect((await tenant.graph.get(url)).status).toBe(200)
  expect(asked).toEqual([`POST /${tenant.entra.tenantId}/oauth2/v2.0/token`, `GET ${url}`])
})

test('passwords and tokens are not recorded', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  const passwordProfile = { password: 'Very-Secret-9', forceChangePasswordNextSignIn: true }
  expect((await graph.send('PATCH', url, { passwordProfile })).status).toBe(204)
  expect(entra.signIn(ada.userPrincipalName, 'Very-Secret-9').kind).toBe('must_change_password')
  expect(JSON.stringify(entra.calls)).not.toMatch(/Very-Secret-9|eyJ/)
  expect(entra.calls.at(-1)?.headers['authorization']).toBe('Bearer [removed]')
})
