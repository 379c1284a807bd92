import { describe, expect, it } from 'vitest'
import { approvalsNeeded, assertMayDecide, isTarget } from '#src/approvals/policy.ts'
import type { Protection } from '#src/people/protection.ts'

const rule = (approvers: number) => ({ approvers, expiresAfterMs: 1, remindAfterMs: 1, escalateAfterMs: 1 })
const two: Protection = { kind: 'two_approvers', why: 'x' }

describe('how many approvers a task needs', () => {
  it.each([
    [0, [], 0],
    [1, [{ kind: 'none' }], 1],
    [3, [{ kind: 'none' }], 3],
    [0, [two], 2],
    [1, [{ kind: 'none' }, two], 2],
    [3, [two], 3],
  ] as const)('%d by the policy, with protections %j', (approvers, protections, needed) => {
    expect(approvalsNeeded(rule(approvers), protections)).toBe(needed)
  })
})

describe('who may not decide', () => {
  const about = { requesterId: 'U1', targetEmails: ['Alice@corp.example', 'a@x.example'] }

  it.each([
    ['the requester', { userId: 'U1', email: undefined }, 'You asked for this'],
    [
      'the target, by any address and ignoring case',
      { userId: 'U2', email: 'A@X.example' },
      'your own account',
    ],
    ['the target', { userId: 'U2', email: 'alice@corp.example' }, 'your own account'],
  ])('%s', (_, decider, sentence) => {
    expect(() => assertMayDecide(decider, about)).toThrow(sentence)
  })

  it('lets everybody else decide, also without a known address', () => {
    expect(() => assertMayDecide({ userId: 'U2', email: undefined }, about)).not.toThrow()
    expect(() => assertMayDecide({ userId: 'U2', email: 'bob@corp.example' }, about)).not.toThrow()
  })

  it('takes nobody for the target of a task without addresses', () => {
    expect(isTarget([], 'alice@corp.example')).toBe(false)
    expect(isTarget(['alice@corp.example'], undefined)).toBe(false)
  })
})
