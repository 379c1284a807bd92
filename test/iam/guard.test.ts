import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '#src/clock.ts'
import { ConnectorError, type ConnectorErrorCode } from '#src/errors.ts'
import type { FoundAccount, IamConnector } from '#src/iam/connector.ts'
import { type GuardDeps, guardConnector, type SystemPauses } from '#src/iam/guard.ts'
import { keepPauses } from '#src/jobs/pauses.ts'
import { failure } from '#test/helpers/connector-failure.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { createMovedClock } from '#test/helpers/moved-clock.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const signal = new AbortController().signal
const someone = { kind: 'login', value: 'anguyen' } as const

/** An IAM system that answers a search as the test says, and can nothing else. */
function systemWith(find: IamConnector['find']): IamConnector {
  const never = () => Promise.reject(new Error('not part of this test'))
  return {
    system: { id: 'far', kind: 'okta' },
    find,
    read: never,
    disable: never,
    enable: never,
    checkRights: async () => [],
    checkConnection: never,
  }
}

const noPauses: SystemPauses = { until: async () => undefined, pause: async () => {} }

function guard(
  find: (call: number, signal: AbortSignal) => Promise<readonly FoundAccount[]>,
  more: Partial<GuardDeps> = {},
) {
  let calls = 0
  const log = createKeptLog()
  const deps = { clock: systemClock, log, pauses: noPauses, callsPerSystem: 2, ...more }
  const connector = guardConnector(
    systemWith((_, until) => find((calls += 1), until)),
    deps,
  )
  return {
    connector,
    log,
    calls: () => calls,
    find: (until = signal) => connector.find(someone, until),
  }
}

const fails = (code: ConnectorErrorCode, facts = {}) =>
  Promise.reject(new ConnectorError(code, 'scripted', facts))

describe('the guard before an IAM system', () => {
  it('lets so many calls run at the same time, and the others wait for their turn', async () => {
    const open = Promise.withResolvers<readonly FoundAccount[]>()
    const { find, calls } = guard(() => open.promise)
    const all = [find(), find(), find(), find()]
    await expect.poll(calls).toBe(2)
    open.resolve([])
    expect(await Promise.all(all)).toEqual([[], [], [], []])
    expect(calls()).toBe(4)
  })

  it('does not let anybody wait longer for a place than they want to', async () => {
    const open = Promise.withResolvers<readonly FoundAccount[]>()
    const { find, calls } = guard(() => open.promise)
    const running = [find(), find()]
    await expect.poll(calls).toBe(2)
    const late = await failure(find(AbortSignal.timeout(10)))
    expect(late).toMatchObject({ code: 'timed_out', facts: { detail: 'all_places_taken' } })
    open.resolve([])
    await Promise.all(running)
    // The place that was waited for in vain is nobody's: two more may run, and the one who left is not called.
    expect(await Promise.all([find(), find()])).toEqual([[], []])
    expect(calls()).toBe(4)
  })

  it.each(['unavailable', 'timed_out'] as const)(
    'answers at once, with the time of the next try, after five calls in a row were %s',
    async (code) => {
      const told: unknown[] = []
      const onAway = (...said: unknown[]) => void told.push(said)
      const { find, calls, log } = guard(() => fails(code), { onAway })
      for (let i = 0; i < 5; i += 1) expect((await failure(find())).facts.detail).toBeUndefined()
      const refused = await failure(find())
      expect(refused).toMatchObject({ code: 'unavailable', facts: { detail: 'away_lately' } })
      expect(Date.parse(refused.facts.retryAt ?? '')).toBeGreaterThan(Date.now())
      expect(calls()).toBe(5)
      expect(log.lines.map((line) => line.message)).toEqual(['an IAM system is away'])
      expect(told).toEqual([['far', true]])
    },
  )

  it('tries with a single call, and goes on when that one is answered', async () => {
    const probe = Promise.withResolvers<readonly FoundAccount[]>()
    const { find, calls } = guard((call) =>
      call <= 5 ? fails('timed_out') : call === 6 ? probe.promise : Promise.resolve([]),
    )
    for (let i = 0; i < 5; i += 1) await failure(find())
    const results: unknown[] = []
    const tries = async () => {
      find().then(
        () => results.push('answered'),
        () => results.push('refused'),
      )
      expect(calls()).toBe(6)
    }
    await vi.waitFor(tries, { timeout: 20_000, interval: 50 })
    expect(await failure(find())).toMatchObject({ code: 'unavailable', facts: { detail: 'away_lately' } })
    expect(calls()).toBe(6)
    probe.resolve([])
    await expect.poll(() => results).toContain('answered')
    expect(await Promise.all([find(), find()])).toEqual([[], []])
  })

  it.each(['not_permitted', 'rate_limited', 'bad_credentials', 'not_found'] as const)(
    'takes %s for an answer, however often it comes',
    async (code) => {
      const { find, calls } = guard(() => fails(code))
      for (let i = 0; i < 8; i += 1) expect((await failure(find())).code).toBe(code)
      expect(calls()).toBe(8)
    },
  )

  it('does not hold against a system what we ended ourselves, or what somebody else changed meanwhile', async () => {
    const ours = guard((_, until) => (until.throwIfAborted(), Promise.resolve([])))
    const stopped = AbortSignal.abort(new Error('Drawbridge stops'))
    for (let i = 0; i < 8; i += 1) await ours.find(stopped).catch(() => {})
    expect(await ours.find()).toEqual([])
    const busy = guard(() => fails('unavailable', { detail: 'account_changed_meanwhile' }))
    for (let i = 0; i < 8; i += 1) await failure(busy.find())
    expect(busy.calls()).toBe(8)
  })

  it('does not take a system for away that is only too slow for a look-up', async () => {
    const clock = createMovedClock()
    const late = (_: number, until: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        const over = () => reject(new ConnectorError('timed_out', 'scripted'))
        until.addEventListener('abort', over, { once: true })
      })
    const { find, calls } = guard((call, until) => (call === 1 ? Promise.resolve([]) : late(call, until)), {
      clock,
    })
    await find()
    const lookUp = () => failure(find(AbortSignal.timeout(5)))
    for (let i = 0; i < 8; i += 1) await lookUp()
    expect(calls()).toBe(9)
    clock.move(31_000)
    for (let i = 0; i < 5; i += 1) await lookUp()
    expect((await lookUp()).facts.detail).toBe('away_lately')
    expect(calls()).toBe(14)
  })

  it('forgets failures once there was an answer', async () => {
    const { find, calls } = guard((call) => (call % 5 === 0 ? Promise.resolve([]) : fails('unavailable')))
    for (let i = 0; i < 12; i += 1) await find().catch(() => {})
    expect(calls()).toBe(12)
  })

  it('offers no action that the system does not have, and hands on those that it has', async () => {
    const bare = systemWith(async () => [])
    const deps = { clock: systemClock, log: createKeptLog(), pauses: noPauses, callsPerSystem: 2 }
    expect(guardConnector(bare, deps)).not.toHaveProperty('signOut')
    const signOut = async () => ({ readBack: 'accepted', already: false, remarks: [] }) as const
    const able = guardConnector({ ...bare, signOut }, deps)
    expect(able).toHaveProperty('signOut')
    expect(able).not.toHaveProperty('resetPassword')
  })
})

describeOnBothEngines('A pause that an IAM system demands', (open) => {
  const minute = 60_000

  it('is kept by all replicas until it is over, and by nobody for longer than a quarter of an hour', async () => {
    const store = await open()
    const clock = createMovedClock()
    const at = (ms: number) => new Date(clock.now().getTime() + ms).toISOString()
    const retryAt = at(minute)
    const deps = { clock, pauses: keepPauses(store, 'iam') }
    const one = guard(
      (call) => fails('rate_limited', { retryAt: call === 1 ? retryAt : at(1_000 * minute) }),
      deps,
    )
    const other = guard(async () => [], deps)
    expect(await failure(one.find())).toMatchObject({ code: 'rate_limited' })
    expect(await failure(other.find())).toMatchObject({
      code: 'rate_limited',
      facts: { retryAt, detail: 'paused' },
    })
    await expect(other.connector.checkRights(signal)).rejects.toMatchObject({ facts: { detail: 'paused' } })
    expect(other.calls()).toBe(0)
    clock.move(minute)
    expect(await other.find()).toEqual([])
    await failure(one.find())
    expect((await failure(other.find())).facts.retryAt).toBe(at(15 * minute))
  })
})
