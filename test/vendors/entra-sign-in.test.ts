import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EntraSettings } from '#src/iam/entra/settings.ts'
import { createLog } from '#src/log.ts'
import { type AppCertificate, makeAppCertificate } from '#src/sandbox/graph/certificate.ts'
import { secret } from '#src/secrets.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { failure } from '#test/helpers/connector-failure.ts'
import { createMovedClock, type MovedClock } from '#test/helpers/moved-clock.ts'
import { type EntraFixture, startEntra } from '#test/vendors/entra-fixture.ts'

const never = new AbortController().signal
const query = { kind: 'address', value: 'alice@corp.example' } as const
const token = { method: 'POST', path: /\/oauth2\/v2\.0\/token$/u }
const minuteMs = 60_000
let clock: MovedClock
let entra: EntraFixture
let alice: string
let folder: string
let known: AppCertificate

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entra-certificates-'))
  known = await makeAppCertificate({})
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

beforeEach(async () => {
  clock = createMovedClock(new Date().toISOString())
  entra = await startEntra({ now: () => clock.now().getTime(), settings: { tokenSeconds: 3_600 } })
  entra.tenant.app.addCertificate(known.certificatePem)
  alice = entra.add('alice')
})

afterEach(async () => {
  await entra.ended()
  if (entra.tenant.complaints.length > 0) throw new Error(entra.tenant.complaints.join('; '))
})

/** The forms that were sent to the token endpoint. */
const asked = () => entra.tenant.authorityCalls.map(({ requestBody }) => new URLSearchParams(requestBody))
const connect = (settings: Partial<EntraSettings> = {}, callTimeoutMs = 10_000) =>
  entra.connect({ clock, callTimeoutMs }, settings)
const write = async (text: string) => {
  const file = join(folder, `${crypto.randomUUID()}.pem`)
  await writeFile(file, text)
  return file
}
const byCertificate = async (pem: string) =>
  connect({ clientSecret: undefined, certificateFile: await write(pem) })

describe('a token', () => {
  it('is asked for once for all calls, in the form of client credentials', async () => {
    const connector = connect()
    await Promise.all([connector.find(query, never), connector.find(query, never)])
    await connector.find(query, never)
    const [form, ...others] = asked()
    expect(others).toEqual([])
    expect(Object.fromEntries(form ?? [])).toEqual({
      grant_type: 'client_credentials',
      client_id: entra.tenant.app.clientId,
      client_secret: '[removed]',
      scope: `${entra.tenant.graphUrl}/.default`,
    })
  })

  it('is renewed five minutes before its end', async () => {
    const connector = connect()
    await connector.find(query, never)
    clock.move(54 * minuteMs)
    await connector.find(query, never)
    expect(asked()).toHaveLength(1)
    clock.move(2 * minuteMs)
    expect(await connector.find(query, never)).toHaveLength(1)
    expect(asked()).toHaveLength(2)
  })

  it('serves to its end while the authority is away, and not a moment longer', async () => {
    const connector = connect()
    await connector.find(query, never)
    entra.tenant.faults.whenever(token, { kind: 'cut' })
    clock.move(59 * minuteMs)
    expect(await connector.find(query, never)).toHaveLength(1)
    clock.move(2 * minuteMs)
    expect(await failure(connector.find(query, never))).toMatchObject({ code: 'unavailable' })
  })

  it('that Graph refuses is replaced, once', async () => {
    const connector = connect()
    await connector.find(query, never)
    entra.tenant.revokeTokens()
    expect(await connector.find(query, never)).toHaveLength(1)
    expect(asked()).toHaveLength(2)
    const refuses = { kind: 'graph_error', status: 401, code: 'InvalidAuthenticationToken' } as const
    entra.tenant.faults.whenever({ method: 'GET', path: /users$/u }, refuses)
    const { code, facts } = await failure(connector.find(query, never))
    expect([code, facts.detail, facts.vendorCode]).toEqual([
      'bad_credentials',
      'token_refused',
      'InvalidAuthenticationToken',
    ])
    expect(facts.requestId).toBeTruthy()
    expect(asked()).toHaveLength(3)
  })

  it('that ends between the change and the sessions is renewed, and both are done', async () => {
    const ends = { kind: 'afterwards', happen: () => entra.tenant.revokeTokens() } as const
    entra.tenant.faults.whenever({ method: 'PATCH' }, ends, { times: 1 })
    expect(await connect().disable(alice, memoryContext())).toMatchObject({
      readBack: 'verified',
      sessions: { kind: 'accepted' },
    })
    expect(entra.changes()).toEqual([
      `PATCH ${alice} {"accountEnabled":false}`,
      'POST revokeSignInSessions',
      'POST revokeSignInSessions',
    ])
  })

  it('is waited for by others when one of those who wait stops', async () => {
    const connector = connect()
    const stop = new AbortController()
    const slow = entra.tenant.faults.whenever(token, { kind: 'slow', delayMs: 60_000 })
    const stopped = failure(connector.find(query, stop.signal))
    const other = connector.find(query, never)
    await expect.poll(() => slow.hits()).toBe(1)
    stop.abort()
    expect(await stopped).toMatchObject({ code: 'timed_out' })
    slow.lift()
    expect(await other).toHaveLength(1)
    expect(asked()).toHaveLength(1)
  })
})

describe('a refused sign-in', () => {
  it.each<readonly [string, number, string, () => Partial<EntraSettings>]>([
    ['a wrong secret', 7000215, 'client_secret_wrong', () => ({ clientSecret: secret('wrong') })],
    [
      'a secret that has ended',
      7000222,
      'credential_expired',
      () => {
        entra.tenant.settings.app.secretExpired = true
        return {}
      },
    ],
    [
      'another application',
      700016,
      'application_not_found',
      () => ({ clientId: '11111111-2222-4333-8444-555555555555' }),
    ],
    [
      'another tenant',
      90002,
      'tenant_not_found',
      () => ({ tenantId: '11111111-2222-4333-8444-555555555555' }),
    ],
    [
      'a disabled application',
      7000112,
      'application_disabled',
      () => {
        entra.tenant.settings.app.enabled = false
        return {}
      },
    ],
    [
      'Conditional Access',
      53003,
      'blocked_by_conditional_access',
      () => {
        entra.tenant.settings.app.blockedByConditionalAccess = true
        return {}
      },
    ],
  ])('for %s (AADSTS%i) says so, with a reference', async (_, number, detail, given) => {
    const { code, facts } = await failure(connect(given()).find(query, never))
    expect([code, facts.detail, facts.vendorCode]).toEqual(['bad_credentials', detail, `AADSTS${number}`])
    expect(facts.requestId).toMatch(/^[\da-f-]{36}$/u)
    expect(entra.tenant.calls).toEqual([])
  })

  it('with a number that nobody knows is the word of the standard, and the number is told', async () => {
    const refuses = { kind: 'authority_error', status: 400, error: 'unauthorized_client', number: 1 } as const
    entra.tenant.faults.whenever(token, refuses)
    const { code, facts } = await failure(connect().find(query, never))
    expect([code, facts.detail, facts.vendorCode]).toEqual(['bad_credentials', undefined, 'AADSTS1'])
  })

  it.each([
    ['invalid_scope', 400, 'misconfigured'],
    ['temporarily_unavailable', 400, 'unavailable'],
    ['server_error', 500, 'unavailable'],
  ] as const)('%s (%i) is %s', async (error, status, code) => {
    entra.tenant.faults.whenever(token, { kind: 'authority_error', status, error, number: 90_033 })
    expect(await failure(connect().find(query, never))).toMatchObject({ code })
  })

  it('is over once the secret is right, without a restart', async () => {
    const connector = connect()
    const { clientSecret } = entra.tenant.app
    entra.tenant.app.setSecret('another')
    expect(await failure(connector.find(query, never))).toMatchObject({ code: 'bad_credentials' })
    entra.tenant.app.setSecret(clientSecret)
    expect(await connector.find(query, never)).toHaveLength(1)
  })
})

describe('an authority', () => {
  it.each([
    [5, 5_000],
    [undefined, 10_000],
  ])('that limits us, with Retry-After %s, is asked again after %i ms', async (retryAfterSeconds, waitMs) => {
    entra.tenant.faults.whenever(token, {
      kind: 'throttled',
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    })
    const { code, facts } = await failure(connect().find(query, never))
    expect(code).toBe('rate_limited')
    expect(facts.retryAt).toBe(new Date(clock.now().getTime() + waitMs).toISOString())
  })

  it.each([
    ['a page of a proxy', { kind: 'page', status: 200 }, 'bad_response'],
    ['a page that refuses', { kind: 'page', status: 403 }, 'bad_response'],
    ['half an answer', { kind: 'garbage' }, 'bad_response'],
    ['no token', { kind: 'body', status: 200, body: { token_type: 'Bearer' } }, 'bad_response'],
    ['a cut connection', { kind: 'cut' }, 'unavailable'],
    ['another address', { kind: 'redirect', location: 'https://elsewhere.example/' }, 'bad_response'],
  ] as const)('that answers with %s gives no token', async (_, fault, code) => {
    entra.tenant.faults.whenever(token, fault)
    expect(await failure(connect().find(query, never))).toMatchObject({ code })
    expect(entra.tenant.calls).toEqual([])
  })

  it('that never answers is waited for as long as a call may take', async () => {
    entra.tenant.faults.whenever(token, { kind: 'hang' })
    expect(await failure(connect({}, 200).find(query, never))).toMatchObject({ code: 'timed_out' })
  })
})

describe('a certificate', () => {
  it('is the whole proof, with a statement that is new for each token', async () => {
    const connector = await byCertificate(known.pem)
    expect(await connector.find(query, never)).toHaveLength(1)
    entra.tenant.revokeTokens()
    expect(await connector.find(query, never)).toHaveLength(1)
    expect(asked().map((form) => form.has('client_secret'))).toEqual([false, false])
  })

  it('may stand before its key or after it', async () => {
    const connector = await byCertificate(`${known.certificatePem}\n${known.privateKeyPem}`)
    expect(await connector.find(query, never)).toHaveLength(1)
  })

  it('that was not uploaded is refused, and counts once it is, or once the file holds another', async () => {
    const other = await makeAppCertificate({})
    const certificateFile = await write(other.pem)
    const connector = connect({ clientSecret: undefined, certificateFile })
    const { code, facts } = await failure(connector.find(query, never))
    expect([code, facts.detail]).toEqual(['bad_credentials', 'certificate_not_registered'])
    await writeFile(certificateFile, known.pem)
    expect(await connector.find(query, never)).toHaveLength(1)
  })

  it('that has ended is refused', async () => {
    const ended = await entra.tenant.app.makeCertificate({ days: 1 })
    clock.move(2 * 24 * 60 * minuteMs)
    const { code, facts } = await failure((await byCertificate(ended.pem)).find(query, never))
    expect([code, facts.detail, facts.vendorCode]).toEqual([
      'bad_credentials',
      'credential_expired',
      'AADSTS7000222',
    ])
  })

  it.each([
    ['ahead', 20],
    ['behind', -20],
  ])('is of no use while our clock is %s by minutes', async (_, minutes) => {
    const ours = createMovedClock(new Date(clock.now().getTime() + minutes * minuteMs).toISOString())
    const certificateFile = await write(known.pem)
    const connector = entra.connect({ clock: ours }, { clientSecret: undefined, certificateFile })
    const { code, facts } = await failure(connector.find(query, never))
    expect([code, facts.vendorCode]).toEqual(['bad_credentials', 'AADSTS700024'])
  })

  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  it.each<readonly [string, () => Promise<string> | string]>([
    ['nothing of use', () => 'nonsense'],
    ['no key', () => known.certificatePem],
    ['no certificate', () => known.privateKeyPem],
    ['half a key', () => `${known.certificatePem}${known.privateKeyPem.slice(0, 300)}`],
    [
      'the key of another',
      async () => `${known.certificatePem}${(await makeAppCertificate({})).privateKeyPem}`,
    ],
    [
      'a key of another kind',
      () => `${known.certificatePem}${elliptic.export({ type: 'pkcs8', format: 'pem' }).toString()}`,
    ],
  ])('file that holds %s is named, and nothing of what it holds', async (_, text) => {
    const pem = await text()
    const certificateFile = await write(pem)
    const error = await failure(connect({ clientSecret: undefined, certificateFile }).find(query, never))
    expect(error).toMatchObject({
      code: 'misconfigured',
      facts: { detail: 'certificate_file_unusable', where: certificateFile },
    })
    const line = logged(error)
    for (const part of pem.split('\n').filter((one) => one.length > 20 && !one.startsWith('-----')))
      expect(line).not.toContain(part)
    expect(asked()).toEqual([])
  })

  it('file that is not there is named', async () => {
    const certificateFile = join(folder, 'none.pem')
    const error = await failure(connect({ clientSecret: undefined, certificateFile }).find(query, never))
    expect(error).toMatchObject({
      code: 'misconfigured',
      facts: { detail: 'certificate_file_unreadable', where: certificateFile },
    })
  })
})

/** What the log makes of it. */
function logged(error: unknown): string {
  const lines: string[] = []
  const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } })
  log.error({ err: error }, 'failed')
  return lines.join('\n')
}

it('no failure tells the log a token, a secret or a statement of ours', async () => {
  const connectors = [connect(), await byCertificate(known.pem)]
  const struck = [
    [token, { kind: 'authority_error', status: 401, error: 'invalid_client', number: 7_000_215 }],
    [token, { kind: 'garbage' }],
    [token, { kind: 'cut' }],
    [{ path: /^\/v1\.0/u }, { kind: 'cut' }],
    [{ path: /^\/v1\.0/u }, { kind: 'page', status: 200 }],
    [{ path: /^\/v1\.0/u }, { kind: 'graph_error', status: 401, code: 'InvalidAuthenticationToken' }],
    [{ path: /^\/v1\.0/u }, { kind: 'graph_error', status: 500, code: 'Anything' }],
    [{ method: 'PATCH' }, { kind: 'graph_error', status: 403, code: 'Authorization_RequestDenied' }],
  ] as const
  for (const connector of connectors)
    for (const [matching, fault] of struck) {
      const strikes = entra.tenant.faults.whenever(matching, fault)
      const error = await failure(connector.disable(alice, memoryContext()))
      strikes.lift()
      const line = logged(error)
      expect(line).toContain(error.code)
      expect(line).not.toContain(entra.tenant.app.clientSecret)
      expect(line).not.toMatch(/eyJ|Bearer/u)
    }
})
