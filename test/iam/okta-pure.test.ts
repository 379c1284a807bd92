import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { refusalOf, retryAtOf } from '#src/iam/okta/errors.ts'
import { evidenceFor } from '#src/iam/okta/find.ts'
import { oktaRights } from '#src/iam/okta/permissions.ts'
import { isDisabled, planDisable, planEnable, type Plan } from '#src/iam/okta/plan.ts'
import { equalsAny, isReadableByLogin, quotedValue } from '#src/iam/okta/search.ts'
import { readUser, type OktaUser } from '#src/iam/okta/user.ts'

type Status = OktaUser['status']

function user(status: Status, providerType = 'OKTA', transitioningToStatus?: string): OktaUser {
  return readUser({
    id: '00uAliceAliceAlice01',
    status,
    ...(transitioningToStatus !== undefined && { transitioningToStatus }),
    profile: { login: 'alice@corp.example', email: 'alice@corp.example', secondEmail: null },
    credentials: { provider: { type: providerType, name: providerType } },
  })
}

const words = (plan: Plan): string => {
  switch (plan.kind) {
    case 'steps':
      return plan.steps.join(', ')
    case 'refused':
      return plan.detail
    case 'wait':
    case 'already':
    case 'stays':
      return plan.kind
  }
}

describe('Disable, by the status that is found', () => {
  test.each([
    ['STAGED', 'already', 'already'],
    ['PROVISIONED', 'unsuspendable', 'deactivate'],
    ['ACTIVE', 'suspend', 'suspend'],
    ['RECOVERY', 'unsuspendable', 'deactivate'],
    ['PASSWORD_EXPIRED', 'unsuspendable', 'deactivate'],
    ['LOCKED_OUT', 'unlock, suspend', 'unlock, suspend'],
    ['SUSPENDED', 'already', 'already'],
    ['DEPROVISIONED', 'already', 'already'],
  ] as const)('%s: %s, and where deactivating is allowed: %s', (status, usually, allowed) => {
    expect(words(planDisable(user(status), false))).toBe(usually)
    expect(words(planDisable(user(status), true))).toBe(allowed)
    expect(words(planDisable(user(status, 'OKTA', 'ACTIVE'), true))).toBe('wait')
  })

  it('cannot unlock who is locked by a directory', () => {
    expect(words(planDisable(user('LOCKED_OUT', 'ACTIVE_DIRECTORY'), true))).toBe('locked_in_directory')
    expect(words(planDisable(user('LOCKED_OUT', 'LDAP'), true))).toBe('locked_in_directory')
  })
})

describe('Enable, by the status that is found', () => {
  const before = (status: Status, means: 'suspend' | 'deactivate' | 'nothing') => ({ status, means })
  test.each([
    ['SUSPENDED', before('ACTIVE', 'suspend'), 'unsuspend'],
    ['SUSPENDED', before('LOCKED_OUT', 'suspend'), 'unsuspend'],
    ['SUSPENDED', undefined, 'unsuspend'],
    ['SUSPENDED', before('SUSPENDED', 'nothing'), 'stays'],
    ['SUSPENDED', before('STAGED', 'nothing'), 'account_changed_meanwhile'],
    ['DEPROVISIONED', before('RECOVERY', 'deactivate'), 'activate'],
    ['DEPROVISIONED', before('ACTIVE', 'suspend'), 'account_changed_meanwhile'],
    ['DEPROVISIONED', before('DEPROVISIONED', 'nothing'), 'stays'],
    ['DEPROVISIONED', undefined, 'deactivated_elsewhere'],
    ['STAGED', before('STAGED', 'nothing'), 'stays'],
    ['STAGED', undefined, 'deactivated_elsewhere'],
    ['ACTIVE', before('ACTIVE', 'suspend'), 'already'],
    ['LOCKED_OUT', before('ACTIVE', 'suspend'), 'already'],
    ['PASSWORD_EXPIRED', before('ACTIVE', 'suspend'), 'already'],
    ['RECOVERY', undefined, 'already'],
    ['PROVISIONED', before('PROVISIONED', 'deactivate'), 'already'],
  ] as const)('%s after %j: %s', (status, undo, expected) => {
    expect(words(planEnable(user(status), undo))).toBe(expected)
    expect(words(planEnable(user(status, 'OKTA', 'ACTIVE'), undo))).toBe('wait')
  })
})

test('only who can not come back without an administrator counts as disabled', () => {
  const disabled = (
    ['STAGED', 'PROVISIONED', 'ACTIVE', 'RECOVERY', 'PASSWORD_EXPIRED', 'LOCKED_OUT', 'SUSPENDED'] as const
  ).filter((status) => isDisabled(user(status)))
  expect(disabled).toEqual(['STAGED', 'SUSPENDED'])
  expect(isDisabled(user('DEPROVISIONED'))).toBe(true)
  expect(isDisabled(user('DEPROVISIONED', 'OKTA', 'ACTIVE'))).toBe(false)
  expect(isDisabled(user('ACTIVE', 'OKTA', 'DEPROVISIONED'))).toBe(false)
})

test('a status that is not known is no account that we can judge', () => {
  expect(() => readUser({ id: 'x', status: 'FROZEN', profile: { login: 'a' } })).toThrow('status')
})

describe('the search expression', () => {
  const awkward = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc
      .array(fc.constantFrom('"', '\\', ' or ', ' eq ', '(', ')', 'profile.login pr', 'a', '%22', '+', '*'))
      .map((parts) => parts.join('')),
  )

  it('holds what was typed as one value, whatever it is', () => {
    fc.assert(
      fc.property(awkward, (value) => {
        const quoted = quotedValue(value)
        if (quoted === undefined) return
        // The escapes of the language are those of JSON: what is read from the quotes is what was typed, and nothing is left.
        expect(JSON.parse(quoted)).toBe(value)
        expect(equalsAny(['email', 'login'], value)).toBe(
          `profile.email eq ${quoted} or profile.login eq ${quoted}`,
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    [
      'a" or profile.login pr or profile.email eq "',
      String.raw`"a\" or profile.login pr or profile.email eq \""`,
    ],
    [String.raw`a\" or id pr`, String.raw`"a\\\" or id pr"`],
    [String.raw`trailing\ `.trim(), String.raw`"trailing\\"`],
    ['+*%(/)', '"+*%(/)"'],
  ])('escapes %j', (value, quoted) => {
    expect(quotedValue(value)).toBe(quoted)
  })

  it.each([[''], ['x\u0000y'], ['line\nbreak'], ['\u007f'], ['half \ud800'], ['a'.repeat(257)]])(
    'is not made for %j, which nobody is called',
    (value) => {
      expect(equalsAny(['email'], value)).toBeUndefined()
    },
  )

  it('stands in for a read by login where that would mean something else', () => {
    for (const value of ['.', '..', '../..', 'a/b', 'a b', 'a%2fb', 'a?b', 'a#b', 'a\\b', '', '*'])
      expect(isReadableByLogin(value), value).toBe(false)
    for (const value of ['alice@corp.example', 'a+b@corp.example', 'josé', 'a_b-c', '00uAlice'])
      expect(isReadableByLogin(value), value).toBe(true)
  })
})

describe('the evidence of a hit', () => {
  const { id, profile } = user('ACTIVE')
  const alice = { id, profile: { ...profile, secondEmail: 'alice@home.example' } }
  it('is what the account itself says, compared as a whole and ignoring case', () => {
    expect(evidenceFor(alice, { kind: 'login', value: 'ALICE@corp.example' })).toBe('login')
    expect(evidenceFor(alice, { kind: 'login', value: id })).toBe('id')
    expect(evidenceFor(alice, { kind: 'address', value: 'Alice@Corp.example' })).toBe('email')
    expect(evidenceFor(alice, { kind: 'address', value: 'alice@home.example' })).toBe('secondary_email')
    const renamed = { id, profile: { ...profile, login: 'a.nguyen@corp.example' } }
    expect(evidenceFor(renamed, { kind: 'address', value: 'a.nguyen@corp.example' })).toBe('login')
  })
  it('is none for the part before the @, although Okta answers to it', () => {
    expect(evidenceFor(alice, { kind: 'login', value: 'alice' })).toBeUndefined()
    expect(evidenceFor(alice, { kind: 'address', value: 'alice@elsewhere.example' })).toBeUndefined()
  })
})

describe('a refusal', () => {
  const now = new Date('2026-11-21T10:00:00.000Z')
  const answer = (status: number, headers: Record<string, string>, body?: unknown) => ({
    status,
    headers: new Headers(headers),
    body,
    durationMs: 1,
  })

  it.each([
    ['in three seconds by their clock, which is an hour ahead', 3_603, '2026-11-21T10:00:03.000Z'],
    ['in the past', 3_000, '2026-11-21T10:00:01.000Z'],
    ['in a year', 31_536_000, '2026-11-21T10:10:00.000Z'],
  ])('of the rate limit with a reset %s is not repeated before', (_, afterS, expected) => {
    const reset = String(now.getTime() / 1_000 + afterS)
    const theirs = 'Sat, 21 Nov 2026 11:00:00 GMT'
    expect(retryAtOf(answer(429, { 'x-rate-limit-reset': reset, date: theirs }), now)).toBe(expected)
  })

  it('of the rate limit without a reset waits for the next minute', () => {
    expect(retryAtOf(answer(429, {}), now)).toBe('2026-11-21T10:01:00.000Z')
    expect(retryAtOf(answer(429, { 'retry-after': '7' }), now)).toBe('2026-11-21T10:00:07.000Z')
  })

  const asked = { right: oktaRights.suspend, changes: true }
  it.each([
    [400, 'E0000001', 'refused_by_vendor', 'not_in_this_status'],
    [401, 'E0000011', 'bad_credentials', 'token_refused'],
    [403, 'E0000006', 'not_permitted', undefined],
    [403, 'E0000038', 'refused_by_vendor', 'not_in_this_status'],
    [403, 'E0000023', 'refused_by_vendor', 'mastered_elsewhere'],
    [404, 'E0000007', 'not_found', undefined],
    [404, 'E0000008', 'misconfigured', 'path_not_found'],
    [404, undefined, 'bad_response', 'not_okta'],
    [302, undefined, 'misconfigured', 'redirected'],
    [429, undefined, 'rate_limited', undefined],
    [500, 'E0000009', 'unknown_outcome', undefined],
    [502, 'E0000236', 'unavailable', 'no_directory_agent'],
    [503, undefined, 'unavailable', undefined],
    [504, 'E0000237', 'unknown_outcome', 'directory_agent_silent'],
  ] as const)('%i %s of a change means %s %s', (status, errorCode, code, detail) => {
    const body = errorCode && { errorCode, errorSummary: 'alice@corp.example', errorId: 'oae1' }
    const error = refusalOf(answer(status, {}, body), asked, now)
    expect(error).toMatchObject({ code })
    expect(error.facts.detail).toBe(detail)
    expect(JSON.stringify([error.message, error.facts])).not.toContain('alice')
  })

  it('names the right, where it is missing and who grants it', () => {
    const body = { errorCode: 'E0000006', errorId: 'oae1' }
    const role = refusalOf(answer(403, { 'x-okta-request-id': 'r1' }, body), asked, now).facts
    expect(role).toMatchObject({ permission: 'okta.users.lifecycle.suspend', requestId: 'r1' })
    expect(role.where).toContain('Administrators')
    expect(role.grantedBy).toContain('super administrator')
    const headers = { 'www-authenticate': 'Bearer scope="x", error="insufficient_scope"' }
    const scope = refusalOf(answer(403, headers, body), asked, now).facts
    expect(scope).toMatchObject({ permission: 'okta.users.manage' })
    expect(scope.where).toContain('Scopes')
  })
})
