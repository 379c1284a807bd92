import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConnectorError } from '#src/errors.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { failure } from '#test/helpers/connector-failure.ts'
import { type OktaFixture, startOkta } from '#test/vendors/okta-fixture.ts'

let okta: OktaFixture
const lifecycle = (step: string) => ({ method: 'POST', path: new RegExp(`/lifecycle/${step}$`) })
const sessions = { method: 'DELETE', path: /\/sessions$/ }

beforeEach(async () => {
  okta = await startOkta()
})

afterEach(async () => {
  await okta.ended()
})

describe('when others change the account at the same time', () => {
  it('counts a suspension that came between our look and our call as theirs', async () => {
    const id = okta.add('alice', { status: 'ACTIVE' })
    okta.org.faults.whenever(lifecycle('suspend'), {
      kind: 'meanwhile',
      happen: () => okta.setStatus(id, 'SUSPENDED'),
    })
    const result = await okta.connector.disable(id, memoryContext())
    expect(result).toMatchObject({ readBack: 'verified', already: true, sessions: { kind: 'accepted' } })
    expect(okta.changes()).toEqual(['suspend', 'sessions'])
  })

  it('plans anew when the person was locked out in between', async () => {
    const id = okta.add('alice', { status: 'ACTIVE' })
    const locks = { kind: 'meanwhile', happen: () => okta.setStatus(id, 'LOCKED_OUT') } as const
    okta.org.faults.whenever(lifecycle('suspend'), locks, { times: 1 })
    const result = await okta.connector.disable(id, memoryContext())
    expect(result).toMatchObject({ readBack: 'verified', already: false })
    expect(okta.changes()).toEqual(['suspend', 'unlock', 'suspend', 'sessions'])
  })

  it('gives up politely when the status does not hold still', async () => {
    const id = okta.add('alice', { status: 'ACTIVE' })
    okta.org.faults.whenever(lifecycle('suspend'), { kind: 'error', errorCode: 'E0000001' })
    const error = await failure(okta.connector.disable(id, memoryContext()))
    expect(error).toMatchObject({ code: 'refused_by_vendor', facts: { detail: 'not_in_this_status' } })
    expect(okta.changes()).toEqual(['suspend', 'suspend'])
  })

  it('says so when the person was enabled again before we looked', async () => {
    const id = okta.add('alice', { status: 'ACTIVE' })
    okta.org.faults.whenever(sessions, { kind: 'afterwards', happen: () => okta.setStatus(id, 'ACTIVE') })
    expect((await okta.connector.disable(id, memoryContext())).readBack).toBe('drifted')
  })

  it('waits for the end of a change that is under way', async () => {
    const id = okta.add('alice', { status: 'STAGED', transition: { to: 'ACTIVE', reads: 2 } })
    expect(await okta.connector.read(id, new AbortController().signal)).toMatchObject({
      state: 'enabled',
      notes: ['never_activated', 'changing_now'],
    })
    const result = await okta.connector.disable(id, memoryContext())
    expect(result).toMatchObject({ readBack: 'verified', already: false })
    expect(okta.status(id)).toBe('SUSPENDED')
  })

  it('comes back later for a change that does not end', async () => {
    const id = okta.add('alice', { status: 'STAGED', transition: { to: 'ACTIVE' } })
    const error = await failure(okta.connector.disable(id, memoryContext()))
    expect(error).toMatchObject({ code: 'timed_out', facts: { detail: 'changing_now' } })
    expect(okta.changes()).toEqual([])
  })
})

describe('a person who is locked out', () => {
  it.each([
    ['is not heard of', { kind: 'cut' }],
    ['meets an overloaded Okta', { kind: 'error', errorCode: 'E0000009', status: 503 }],
  ] as const)('is asked for again at once when the suspension after the unlocking %s', async (_, fault) => {
    const id = okta.add('alice', { status: 'LOCKED_OUT' })
    okta.org.faults.whenever(lifecycle('suspend'), fault, { times: 2 })
    expect(await okta.connector.disable(id, memoryContext())).toMatchObject({ readBack: 'verified' })
    expect(okta.changes()).toEqual(['unlock', 'suspend', 'suspend', 'suspend', 'sessions'])
  })

  it('is reported loudly when nothing suspends them after the unlocking, and Retry suspends', async () => {
    const id = okta.add('alice', { status: 'LOCKED_OUT' })
    const away = okta.org.faults.whenever(lifecycle('suspend'), {
      kind: 'error',
      errorCode: 'E0000009',
      status: 503,
    })
    const context = memoryContext()
    const error = await failure(okta.connector.disable(id, context))
    expect(error).toMatchObject({
      code: 'unavailable',
      facts: { detail: 'unlocked_but_not_suspended', state: 'ACTIVE' },
    })
    away.lift()
    expect(await okta.connector.disable(id, context)).toMatchObject({ readBack: 'verified', already: false })
    const enabled = await okta.connector.enable(id, memoryContext(context.kept()))
    expect(enabled.remarks).toEqual(['lockout_not_restored'])
  })

  it('is reported with the missing right and what it left behind', async () => {
    const id = okta.add('alice', { status: 'LOCKED_OUT' })
    okta.org.app.permissions.delete('okta.users.lifecycle.suspend')
    const { code, facts } = await failure(okta.connector.disable(id, memoryContext()))
    expect(code).toBe('not_permitted')
    expect(facts.permission).toBe('okta.users.lifecycle.suspend')
    expect(facts.where).toContain('can sign in now')
  })

  it.each(['ACTIVE_DIRECTORY', 'LDAP'] as const)('by %s is left to that directory', async (type) => {
    const id = okta.add('alice', { status: 'LOCKED_OUT', provider: { type, name: 'corp.example' } })
    const error = await failure(okta.connector.disable(id, memoryContext()))
    expect(error).toMatchObject({
      code: 'not_supported',
      facts: { detail: 'locked_in_directory', where: 'corp.example', state: 'LOCKED_OUT' },
    })
    expect(okta.changes()).toEqual([])
  })
})

describe('when answers do not arrive', () => {
  it.each(['lose_answer', 'hang_after'] as const)(
    'a change that took place is not made twice (%s)',
    async (kind) => {
      const id = okta.add('alice', { status: 'ACTIVE' })
      const connector = okta.connect({ callTimeoutMs: kind === 'hang_after' ? 2_000 : 10_000 })
      okta.org.faults.whenever(lifecycle('suspend'), { kind })
      expect(await connector.disable(id, memoryContext())).toMatchObject({
        readBack: 'verified',
        already: false,
      })
      expect(okta.changes()).toEqual(['suspend', 'sessions'])
    },
  )

  it('a page of a proxy in place of an answer is looked behind', async () => {
    const id = okta.add('alice', { status: 'ACTIVE' })
    okta.org.faults.whenever(lifecycle('suspend'), { kind: 'page', status: 200 }, { times: 1 })
    expect(await okta.connector.disable(id, memoryContext())).toMatchObject({ readBack: 'verified' })
    expect(okta.changes()).toEqual(['suspend', 'suspend', 'sessions'])
  })

  it('and nobody can look either, the outcome is unknown and nothing is sent again', async () => {
    const id = okta.add('alice', { status: 'ACTIVE' })
    okta.org.faults.whenever(lifecycle('suspend'), {
      kind: 'afterwards',
      happen: () => okta.org.faults.whenever({ method: 'GET' }, { kind: 'cut' }),
    })
    okta.org.faults.whenever(lifecycle('suspend'), { kind: 'lose_answer' })
    okta.org.faults.whenever(
      { method: 'GET', path: new RegExp(`/users/${id}$`) },
      { kind: 'cut' },
      { after: 1 },
    )
    expect(await failure(okta.connector.disable(id, memoryContext()))).toMatchObject({
      code: 'unknown_outcome',
    })
    expect(okta.changes()).toEqual(['suspend'])
  })

  it('to the look afterwards, the state is unknown', async () => {
    const id = okta.add('alice', { status: 'ACTIVE' })
    const path = new RegExp(`/users/${id}$`)
    okta.org.faults.whenever({ method: 'GET', path }, { kind: 'cut' }, { after: 1 })
    const result = await okta.connector.disable(id, memoryContext())
    expect(result).toMatchObject({ readBack: 'unreachable', sessions: { kind: 'accepted' } })
  })

  it('in time because the org is asked too often, it is waited for as Okta says', async () => {
    const id = okta.add('alice', { status: 'ACTIVE' })
    const limited = okta.org.faults.whenever(lifecycle('suspend'), {
      kind: 'rate_limited',
      resetInSeconds: 30,
    })
    const context = memoryContext()
    const { code, facts } = await failure(okta.connector.disable(id, context))
    expect(code).toBe('rate_limited')
    const waitMs = Date.parse(facts.retryAt ?? '') - Date.now()
    expect(waitMs).toBeGreaterThan(20_000)
    expect(waitMs).toBeLessThan(35_000)
    limited.lift()
    expect(await okta.connector.disable(id, context)).toMatchObject({ readBack: 'verified', already: false })
  })
})

describe('sessions that can not be ended', () => {
  it('are told beside the suspension that stands', async () => {
    const id = okta.add('alice', { status: 'ACTIVE' })
    okta.org.app.permissions.delete('okta.users.lifecycle.clearSessions')
    const { readBack, sessions: end } = await okta.connector.disable(id, memoryContext())
    expect(readBack).toBe('verified')
    expect(end).toMatchObject({
      kind: 'failed',
      code: 'not_permitted',
      facts: { permission: 'okta.users.lifecycle.clearSessions' },
    })
  })

  it('are no success when Okta does not know them', async () => {
    const id = okta.add('alice', { status: 'ACTIVE' })
    okta.org.faults.whenever(sessions, { kind: 'error', errorCode: 'E0000007' })
    const { sessions: end } = await okta.connector.disable(id, memoryContext())
    expect(end).toMatchObject({ kind: 'failed', code: 'not_found' })
    expect(await failure(okta.connector.signOut!(id, memoryContext()))).toMatchObject({ code: 'not_found' })
  })

  it('are asked for once more when the answer was lost', async () => {
    const id = okta.add('alice', { status: 'ACTIVE' })
    okta.org.faults.whenever(sessions, { kind: 'cut' }, { times: 1 })
    expect((await okta.connector.disable(id, memoryContext())).sessions).toEqual({ kind: 'accepted' })
    expect(okta.open(id)).toEqual({ sessions: 0, tokens: 0, devicesRemembered: false })
  })
})

describe('administrators', () => {
  it('are out of reach of a role that reaches everybody else, and the sentence says so', async () => {
    const id = okta.add('alice', { status: 'ACTIVE', roles: ['APP_ADMIN'] })
    const { code, facts } = await failure(okta.connector.disable(id, memoryContext()))
    expect(code).toBe('not_permitted')
    expect(facts.where).toMatch(/^over people with admin roles/)
    expect(okta.status(id)).toBe('ACTIVE')
  })

  it('are never suspended when nobody else could administer the org', async () => {
    okta.org.app.setOverAdmins(true)
    const id = okta.add('root', { status: 'ACTIVE', roles: ['SUPER_ADMIN'] })
    okta.add('gone', { status: 'SUSPENDED', roles: ['SUPER_ADMIN'] })
    okta.add('lesser', { status: 'ACTIVE', roles: ['ORG_ADMIN'] })
    const error = await failure(okta.connector.disable(id, memoryContext()))
    expect(error).toMatchObject({ code: 'not_supported', facts: { detail: 'last_administrator' } })
    expect(okta.changes()).toEqual([])
    okta.add('other', { status: 'ACTIVE', roles: ['SUPER_ADMIN'] })
    expect(await okta.connector.disable(id, memoryContext())).toMatchObject({ readBack: 'verified' })
  })

  it('are counted to the last page, whose address is not taken from the answer', async () => {
    okta.org.app.setOverAdmins(true)
    okta.org.settings.nextLinkOrigin = 'https://elsewhere.example'
    const id = okta.add('root', { roles: ['SUPER_ADMIN'] })
    for (let i = 0; i < 100; i += 1) okta.add(`reader${i}`, { roles: ['READ_ONLY_ADMIN'] })
    okta.add('other', { roles: ['SUPER_ADMIN'] })
    expect(await okta.connector.disable(id, memoryContext())).toMatchObject({ readBack: 'verified' })
  })

  it('are not judged when their roles can not be read', async () => {
    const id = okta.add('root', { status: 'ACTIVE' })
    okta.org.app.permissions.delete('okta.iam.read')
    const error = await failure(okta.connector.disable(id, memoryContext()))
    expect(error).toMatchObject({ code: 'not_permitted', facts: { permission: 'okta.iam.read' } })
    expect(okta.changes()).toEqual([])
  })
})

describe('a password that Okta does not keep', () => {
  it.each(['FEDERATION', 'SOCIAL'] as const)('but %s is left to them', async (type) => {
    const id = okta.add('alice', { status: 'ACTIVE', provider: { type, name: 'idp.example' } })
    expect(await okta.connector.resetPassword!(id, memoryContext())).toEqual({
      skipped: 'password_kept_elsewhere',
      where: 'idp.example',
    })
    expect(okta.changes()).toEqual([])
  })

  const inDirectory = {
    status: 'ACTIVE',
    provider: { type: 'ACTIVE_DIRECTORY', name: 'corp.example' },
  } as const

  it('but a directory that Drawbridge knows is reset there', async () => {
    const id = okta.add('alice', inDirectory)
    const connector = okta.connect({ otherKinds: ['active-directory'] })
    expect(await connector.resetPassword!(id, memoryContext())).toMatchObject({ where: 'corp.example' })
    expect(okta.changes()).toEqual([])
  })

  it('but another directory is ended through its agent', async () => {
    const id = okta.add('alice', inDirectory)
    expect(await okta.connector.resetPassword!(id, memoryContext())).toMatchObject({ readBack: 'verified' })
  })

  it.each([
    ['none', 'unavailable', 'no_directory_agent'],
    ['silent', 'unknown_outcome', 'directory_agent_silent'],
  ] as const)('while the agents are %s: %s %s', async (agents, code, detail) => {
    const id = okta.add('alice', inDirectory)
    okta.org.settings.directoryAgents = agents
    const error = await failure(okta.connector.resetPassword!(id, memoryContext()))
    expect(error).toMatchObject({ code, facts: { detail } })
    expect(okta.status(id)).toBe('ACTIVE')
  })
})

it('a password that a lost answer ended is not ended twice', async () => {
  const id = okta.add('alice', { status: 'ACTIVE' })
  okta.org.faults.whenever(lifecycle('expire_password'), { kind: 'lose_answer' })
  expect(await okta.connector.resetPassword!(id, memoryContext())).toMatchObject({ readBack: 'verified' })
  expect(okta.changes()).toEqual(['expire_password', 'sessions'])
})

it('the configuration may say that who can not be suspended is deactivated at once', async () => {
  const connector = okta.connect({}, { unsuspendable: 'deactivate' })
  const id = okta.add('alice', { status: 'PASSWORD_EXPIRED' })
  expect(await connector.disable(id, memoryContext())).toMatchObject({ readBack: 'verified', already: false })
  expect(okta.status(id)).toBe('DEPROVISIONED')
})

it('an answer may be empty or an empty object', async () => {
  const id = okta.add('alice', {})
  okta.org.settings.emptyAnswer = 'object'
  expect(await okta.connector.disable(id, memoryContext())).toMatchObject({ readBack: 'verified' })
})

it('a failure tells nobody who it was about', async () => {
  const id = okta.add('alice', { status: 'RECOVERY' })
  const seen: ConnectorError[] = [await failure(okta.connector.disable(id, memoryContext()))]
  okta.org.faults.whenever(lifecycle('suspend'), { kind: 'error', errorCode: 'E0000080' })
  const other = okta.add('bob', { status: 'ACTIVE' })
  seen.push(await failure(okta.connector.disable(other, memoryContext())))
  for (const { message, facts } of seen)
    expect(`${message} ${JSON.stringify(facts)}`).not.toMatch(/alice|bob|corp\.example/)
})
