import { describe, expect, test } from 'vitest'
import type { FoundTarget, MatchedAccount } from '#src/iam/target.ts'
import { judgePerson, namedTwice } from '#src/tasks/people/judge-person.ts'
import { leastSuccessful, statusByPerson } from '#src/tasks/people/status.ts'

const account = (id: string, changes: Partial<MatchedAccount> = {}): MatchedAccount => ({
  systemId: 'okta',
  systemKind: 'okta',
  accountId: id,
  login: `${id}@corp.example`,
  emails: [`${id}@corp.example`],
  state: 'enabled',
  notes: [],
  evidence: { by: 'email' },
  confident: true,
  privileged: [],
  protection: { kind: 'none' },
  ...changes,
})
const found = (accounts: readonly MatchedAccount[], unasked = 0): FoundTarget => ({
  accounts: [...accounts],
  asked: ['okta'],
  unasked: Array.from({ length: unasked }, () => ({
    systemId: 'corp-ad',
    systemKind: 'active-directory' as const,
    code: 'timed_out',
  })),
})
const sure = account('a')
const doubtful = account('b', { confident: false })
const guarded = account('c', { protection: { kind: 'deny', why: 'it is on the list' } })
const special = account('d', { protection: { kind: 'two_approvers', why: 'it is on the list' } })
const disabled = account('e', { state: 'disabled' })

describe('somebody on a list whose accounts are to be disabled', () => {
  const judge = (of: FoundTarget) =>
    judgePerson({ action: 'disable_account', found: of, disabledHere: undefined, requesterEmail: undefined })

  test.each([
    ['nobody is there', found([]), 'unknown'],
    ['only a doubtful account is there', found([doubtful]), 'ambiguous'],
    ['only doubtful accounts are there and a system is away', found([doubtful], 1), 'ambiguous'],
    ['one of the accounts is protected', found([sure, guarded]), 'protected'],
  ])('is left out when %s', (_, of, kind) => {
    expect(judge(of)).toMatchObject({ kind: 'out', why: { kind } })
  })

  test.each([
    ['a sure account', found([sure]), ['a'], 0],
    ['a sure account, and others that are left alone', found([sure, doubtful]), ['a'], 1],
    ['an account that needs two approvers', found([special]), ['d'], 0],
    ['an account that is disabled already', found([disabled]), ['e'], 0],
    ['nobody yet, because a system is away: it is asked again', found([], 1), [], 0],
  ])('is in with %s', (_, of, chosen, others) => {
    const judged = judge(of)
    expect(judged).toMatchObject({ kind: 'in', others })
    expect(judged.kind === 'in' && judged.chosen.map((one) => one.accountId)).toEqual(chosen)
  })

  test('is not kept from it by a doubtful account that is protected and perhaps somebody else’s', () => {
    expect(judge(found([sure, { ...guarded, confident: false }]))).toMatchObject({ kind: 'in', others: 1 })
  })
})

describe('somebody on a list whose accounts are to be enabled', () => {
  const judge = (of: FoundTarget, ours?: readonly string[], requesterEmail?: string) =>
    judgePerson({
      action: 'enable_account',
      found: of,
      disabledHere: ours === undefined ? undefined : new Set(ours),
      requesterEmail,
    })

  test.each([
    ['nobody is there', judge(found([])), 'unknown'],
    ['no system could be asked', judge(found([], 1)), 'not_asked'],
    ['the accounts are enabled', judge(found([sure]), ['okta/a']), 'enabled_already'],
    ['no task disabled them', judge(found([disabled]), []), 'not_disabled_here'],
    ['they are the requester’s own', judge(found([disabled]), ['okta/e'], 'E@corp.example'), 'about_you'],
  ])('is left out when %s', (_, judged, kind) => {
    expect(judged).toMatchObject({ kind: 'out', why: { kind } })
  })

  test('is in with what a task disabled; what somebody else disabled stays', () => {
    const other = account('f', { state: 'disabled' })
    expect(judge(found([disabled, other]), ['okta/e'])).toEqual({
      kind: 'in',
      chosen: [disabled],
      others: 1,
    })
    expect(judge(found([disabled, other]))).toMatchObject({ chosen: [disabled, other], others: 0 })
  })
})

test('an account is changed once, for the line that names it first', () => {
  const placed = (position: number, ...keys: readonly string[]) => ({ position, line: position * 10, keys })
  const twice = namedTwice([
    placed(1, 'x', 'y'),
    placed(2, 'y'),
    placed(3, 'z', 'x'),
    placed(4, 'z'),
    placed(5),
  ])
  expect([...twice]).toEqual([
    [2, { kind: 'same_as', line: 10 }],
    [3, { kind: 'shares_account', line: 10 }],
  ])
})

test.each([
  ['in_progress', ['successful', 'in_progress', 'unsuccessful']],
  ['unsuccessful', ['successful', 'unsuccessful', 'partially_successful']],
  ['partially_successful', ['successful', 'partially_successful']],
  ['successful', ['successful', 'successful']],
  ['unsuccessful', []],
] as const)('a task is %s when its people are %j', (status, people) => {
  expect(leastSuccessful(people)).toBe(status)
})

test('the status of each person follows from their own enforcements', () => {
  const counts = [
    { person: 1, status: 'successful', n: 2 },
    { person: 2, status: 'successful', n: 1 },
    { person: 2, status: 'unsuccessful', n: 1 },
    { person: 3, status: 'skipped', n: 3 },
    { person: 4, status: 'waiting', n: 1 },
    { person: 4, status: 'unsuccessful', n: 1 },
    { person: 5, status: 'successful', n: 1 },
    { person: 5, status: 'skipped', n: 1 },
  ]
  expect(Object.fromEntries(statusByPerson(counts))).toEqual({
    1: 'successful',
    2: 'partially_successful',
    3: 'unsuccessful',
    4: 'in_progress',
    5: 'successful',
  })
})
