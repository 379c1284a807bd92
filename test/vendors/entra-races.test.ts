import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConnectorError } from '#src/errors.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { failure } from '#test/helpers/connector-failure.ts'
import { createMovedClock, type MovedClock } from '#test/helpers/moved-clock.ts'
import { type EntraFixture, startEntra } from '#test/vendors/entra-fixture.ts'

const name = 'alice@corp.example'
const patch = { method: 'PATCH' } as const
const revoking = { method: 'POST', path: /revokeSignInSessions$/u } as const
let clock: MovedClock
let entra: EntraFixture
let alice: string
/** The read of the person by id. */
let look: { readonly method: 'GET'; readonly path: RegExp }

beforeEach(async () => {
  clock = createMovedClock(new Date().toISOString())
  entra = await startEntra({ now: () => clock.now().getTime() })
  alice = entra.add('alice')
  look = { method: 'GET', path: new RegExp(`/users/${alice}$`, 'u') }
})

afterEach(async () => {
  await entra.ended()
})

const sent = () => entra.changes().map((change) => change.split(' ').slice(0, 2).join(' '))
const change = () => `PATCH ${alice}`
const revoke = 'POST revokeSignInSessions'
const isEnabled = () => entra.tenant.person(name).properties.accountEnabled
const looks = () =>
  entra.tenant.calls.filter(({ method, path }) => method === 'GET' && look.path.test(path)).length
const disable = (connector = entra.connector, context = memoryContext()) => connector.disable(alice, context)

describe('when the directory is late', () => {
  it.each([1, 2, 3])('old answers to %i looks are no drift', async (reads) => {
    entra.tenant.settings.replicaLag = { reads, ms: 0 }
    expect(await disable()).toMatchObject({ readBack: 'verified', already: false })
    expect(looks()).toBe(1 + reads + 1)
  })

  it('old answers to the last look are', async () => {
    entra.tenant.settings.replicaLag = { reads: 100, ms: 0 }
    expect(await disable()).toMatchObject({ readBack: 'drifted', sessions: { kind: 'accepted' } })
    expect(looks()).toBe(1 + 4)
  })

  it('a server that does not know the person yet is asked once more', async () => {
    const unknown = { kind: 'graph_error', status: 404, code: 'Request_ResourceNotFound' } as const
    for (const one of [look, patch, revoking]) entra.tenant.faults.whenever(one, unknown, { times: 1 })
    expect(await disable()).toMatchObject({ readBack: 'verified', sessions: { kind: 'accepted' } })
    expect(sent()).toEqual([change(), change(), revoke, revoke])
  })

  it('an undo waits for it as well', async () => {
    const context = memoryContext()
    await disable(entra.connector, context)
    entra.tenant.settings.replicaLag = { reads: 2, ms: 0 }
    const undo = memoryContext(context.kept())
    expect(await entra.connector.enable(alice, undo)).toMatchObject({ readBack: 'verified', already: false })
  })
})

describe('when others are faster', () => {
  it('an account that they enabled again before we looked has drifted', async () => {
    const happen = () => entra.tenant.setEnabled(name, true)
    entra.tenant.faults.whenever(revoking, { kind: 'afterwards', happen })
    expect(await disable()).toMatchObject({ readBack: 'drifted' })
  })

  it('a success that changed nothing is seen', async () => {
    entra.tenant.faults.whenever(patch, { kind: 'body', status: 200, body: {} })
    expect(await disable()).toMatchObject({ readBack: 'drifted' })
    expect(isEnabled()).toBe(true)
  })

  it('an account that is deleted after the change can not be looked at', async () => {
    entra.tenant.faults.whenever(patch, {
      kind: 'afterwards',
      happen: () => entra.tenant.removePerson(name),
    })
    expect(await disable()).toMatchObject({
      readBack: 'unreachable',
      sessions: { kind: 'failed', code: 'not_found' },
    })
  })

  it.each([409, 412])('a change that meets another one (%i) is sent once more', async (status) => {
    const collides = { kind: 'graph_error', status, code: 'Request_Conflict' } as const
    entra.tenant.faults.whenever(patch, collides, { times: 1 })
    expect(await disable()).toMatchObject({ readBack: 'verified', already: false })
    expect(sent()).toEqual([change(), change(), revoke])
  })

  it('a change that meets another one twice is left', async () => {
    entra.tenant.faults.whenever(patch, { kind: 'graph_error', status: 409, code: 'Request_Conflict' })
    const { code, facts } = await failure(disable())
    expect([code, facts.detail]).toEqual(['refused_by_vendor', 'changed_at_the_same_time'])
    expect(sent()).toEqual([change(), change()])
  })
})

describe('when answers do not arrive', () => {
  it.each(['lose_answer', 'hang_after'] as const)(
    'a change that took place is not made twice (%s)',
    async (kind) => {
      entra.tenant.faults.whenever(patch, { kind })
      const connector = entra.connect({ callTimeoutMs: kind === 'hang_after' ? 2_000 : 10_000 })
      expect(await disable(connector)).toMatchObject({ readBack: 'verified', already: false })
      expect(sent()).toEqual([change(), revoke])
    },
  )

  it.each([
    ['the connection was cut', { kind: 'cut' }],
    ['a proxy answered', { kind: 'page', status: 200 }],
    ['Graph broke (500)', { kind: 'graph_error', status: 500, code: 'InternalServerError' }],
    ['Graph broke (504)', { kind: 'graph_error', status: 504, code: 'GatewayTimeout' }],
  ] as const)('a change that did not take place because %s is sent again, once', async (_, fault) => {
    const strikes = entra.tenant.faults.whenever(patch, fault, { times: 1 })
    expect(await disable()).toMatchObject({ readBack: 'verified', already: false })
    expect(sent()).toEqual([change(), change(), revoke])
    strikes.lift()
    entra.tenant.setEnabled(name, true)
    entra.tenant.faults.whenever(patch, fault)
    expect(await failure(disable())).toMatchObject({ code: 'unknown_outcome' })
    expect(sent().slice(3)).toEqual([change(), change()])
  })

  it('a change that does not show yet is sent again, which does no harm', async () => {
    entra.tenant.settings.replicaLag = { reads: 2, ms: 0 }
    entra.tenant.faults.whenever(patch, { kind: 'lose_answer' }, { times: 1 })
    const context = memoryContext()
    expect(await disable(entra.connector, context)).toMatchObject({ readBack: 'verified', already: false })
    expect(context.kept()).toEqual({ accountEnabled: true })
  })

  it.each([
    ['cut', { kind: 'cut' }],
    ['limited', { kind: 'throttled', retryAfterSeconds: 3 }],
    ['unreadable', { kind: 'garbage' }],
    ['silent', { kind: 'hang' }],
  ] as const)('and the look afterwards is %s, the outcome stays unknown', async (_, fault) => {
    entra.tenant.faults.whenever(patch, { kind: 'lose_answer' })
    entra.tenant.faults.whenever(look, fault, { after: 1 })
    const { code } = await failure(
      disable(entra.connect({ callTimeoutMs: fault.kind === 'hang' ? 2_000 : 10_000 })),
    )
    expect(code).toBe('unknown_outcome')
    expect(sent()).toEqual([change()])
    expect(isEnabled()).toBe(false)
  })

  it('and the change can not be sent again, the outcome stays unknown', async () => {
    entra.tenant.settings.replicaLag = { reads: 10, ms: 0 }
    entra.tenant.faults.whenever(patch, { kind: 'throttled', retryAfterSeconds: 3 }, { after: 1 })
    entra.tenant.faults.whenever(patch, { kind: 'lose_answer' }, { times: 1 })
    expect(await failure(disable())).toMatchObject({ code: 'unknown_outcome' })
    expect(sent()).toEqual([change(), change()])
    expect(isEnabled()).toBe(false)
  })

  it('to the look at the end, the state is unknown, and Retry ends well', async () => {
    const away = entra.tenant.faults.whenever(look, { kind: 'cut' }, { after: 1 })
    const context = memoryContext()
    expect(await disable(entra.connector, context)).toMatchObject({
      readBack: 'unreachable',
      sessions: { kind: 'accepted' },
    })
    away.lift()
    expect(await disable(entra.connector, context)).toMatchObject({ readBack: 'verified', already: false })
    expect(sent()).toEqual([change(), revoke, revoke])
  })

  it('and we are told to stop, nothing is sent again', async () => {
    const stop = new AbortController()
    const silent = entra.tenant.faults.whenever(patch, { kind: 'hang' })
    const stopped = failure(disable(entra.connector, memoryContext(undefined, stop.signal)))
    await expect.poll(() => silent.hits()).toBe(1)
    stop.abort()
    expect(await stopped).toMatchObject({ code: 'unknown_outcome' })
    expect(sent()).toEqual([change()])
  })

  it('a demand for a new password is sent twice, since nothing shows it', async () => {
    entra.tenant.faults.whenever(patch, { kind: 'lose_answer' }, { times: 1 })
    expect(await entra.connector.resetPassword!(alice, memoryContext())).toMatchObject({
      readBack: 'accepted',
      sessions: { kind: 'accepted' },
    })
    expect(sent()).toEqual([change(), change(), revoke])
    expect(entra.tenant.person(name).mustChangePassword).toBe('yes')
  })
})

describe('sessions', () => {
  it.each(['value', 'without_value', 'no_content'] as const)(
    'are ended whatever success Graph answers with (%s)',
    async (revokeAnswer) => {
      entra.tenant.settings.revokeAnswer = revokeAnswer
      expect(await disable()).toMatchObject({ readBack: 'verified', sessions: { kind: 'accepted' } })
      expect(await entra.connector.signOut!(alice, memoryContext())).toMatchObject({ readBack: 'accepted' })
      expect(entra.tenant.person(name).revocations).toBe(2)
    },
  )

  it('are asked for once more when the answer was lost', async () => {
    entra.tenant.faults.whenever(revoking, { kind: 'cut' }, { times: 1 })
    expect(await disable()).toMatchObject({ sessions: { kind: 'accepted' } })
    expect(sent()).toEqual([change(), revoke, revoke])
  })

  it.each([
    ['cut', { kind: 'cut' }, 'unknown_outcome'],
    ['limited', { kind: 'throttled', retryAfterSeconds: 7 }, 'rate_limited'],
    ['overloaded', { kind: 'graph_error', status: 503, code: 'ServiceUnavailable' }, 'unavailable'],
  ] as const)('that can not be ended (%s) are told beside the change that stands', async (_, fault, code) => {
    const strikes = entra.tenant.faults.whenever(revoking, fault)
    const context = memoryContext()
    expect(await disable(entra.connector, context)).toMatchObject({
      readBack: 'verified',
      already: false,
      sessions: { kind: 'failed', code },
    })
    expect(await failure(entra.connector.signOut!(alice, memoryContext()))).toMatchObject({ code })
    strikes.lift()
    expect(await disable(entra.connector, context)).toMatchObject({
      readBack: 'verified',
      already: false,
      sessions: { kind: 'accepted' },
    })
  })
})

describe('when Graph is asked too often or is away', () => {
  const inMs = (ms: number) => new Date(clock.now().getTime() + ms).toISOString()

  it.each<readonly [string, number, string, Readonly<Record<string, string>>, string, number | undefined]>([
    ['429', 429, 'TooManyRequests', { 'retry-after': '30' }, 'rate_limited', 30_000],
    ['429 without a time', 429, 'TooManyRequests', {}, 'rate_limited', 10_000],
    ['429 with no time at all', 429, 'TooManyRequests', { 'retry-after': '0' }, 'rate_limited', 1_000],
    ['429 for a day', 429, 'TooManyRequests', { 'retry-after': '86400' }, 'rate_limited', 600_000],
    ['its other word', 400, 'Request_ThrottledTemporarily', {}, 'rate_limited', 10_000],
    ['503', 503, 'ServiceUnavailable', {}, 'unavailable', undefined],
    ['503 with a time', 503, 'ServiceUnavailable', { 'retry-after': '20' }, 'unavailable', 20_000],
    ['423', 423, 'resourceLocked', { 'retry-after': '5' }, 'unavailable', 5_000],
  ])(
    'a change that is answered with %s is not made, and is made at Retry',
    async (_, status, word, headers, code, waitMs) => {
      const limited = entra.tenant.faults.whenever(patch, {
        ...{ kind: 'graph_error', status, code: word, headers },
      })
      const context = memoryContext()
      const connector = entra.connect({ clock })
      const error = await failure(disable(connector, context))
      expect([error.code, error.facts.vendorCode]).toEqual([code, word])
      expect(error.facts.retryAt).toBe(waitMs === undefined ? undefined : inMs(waitMs))
      expect(sent()).toEqual([change()])
      expect(isEnabled()).toBe(true)
      limited.lift()
      expect(await disable(connector, context)).toMatchObject({ readBack: 'verified', already: false })
    },
  )
})

it('a failure tells nobody who it was about', async () => {
  const seen: ConnectorError[] = []
  for (const [status, code] of [
    [400, 'Request_BadRequest'],
    [403, 'Authorization_RequestDenied'],
    [404, 'Request_ResourceNotFound'],
    [409, 'Request_Conflict'],
    [500, 'InternalServerError'],
  ] as const) {
    const message = `${name} (Alice) can not be changed`
    const strikes = entra.tenant.faults.whenever(patch, { kind: 'graph_error', status, code, message })
    seen.push(await failure(disable()))
    strikes.lift()
  }
  for (const { message, facts } of seen)
    expect(`${message} ${JSON.stringify(facts)}`).not.toMatch(/alice|corp\.example/iu)
})

it('a refusal because the account is mastered on-premises says so', async () => {
  const message =
    'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.'
  const code = 'Request_BadRequest'
  entra.tenant.faults.whenever(patch, { kind: 'graph_error', status: 400, code, message })
  expect(await failure(disable())).toMatchObject({
    code: 'refused_by_vendor',
    facts: { detail: 'mastered_elsewhere', vendorCode: code },
  })
})
