import { describe, expect, it } from 'vitest'
import { leadersFirst, mustWait, willBeUndone } from '#src/tasks/order.ts'
import type { EnforcementStatus } from '#src/tasks/task.ts'

const ad = (status: EnforcementStatus, systemId = 'corp-ad') => ({ systemId, status, follows: null })
const entra = (follows: readonly string[] | null) => ({
  systemId: 'entra',
  status: 'waiting' as const,
  follows,
})
const okta = { systemId: 'okta', status: 'running', follows: null } as const

describe('An Entra account', () => {
  it.each([
    ['waits while its Active Directory account waits', entra(['corp-ad']), [ad('waiting')], true],
    ['waits while its Active Directory account is changed', entra(['corp-ad']), [ad('running')], true],
    ['goes once that is disabled', entra(['corp-ad']), [ad('successful')], false],
    ['goes once that failed', entra(['corp-ad']), [ad('unsuccessful')], false],
    ['goes once nobody was found there', entra(['corp-ad']), [ad('skipped')], false],
    ['goes at once when the task has no account there', entra(['corp-ad']), [okta], false],
    ['goes at once when no Active Directory is configured', entra([]), [ad('running')], false],
    ['goes at once when nothing masters it', entra(null), [ad('running')], false],
    ['waits for none but the system that masters it', entra(['corp-ad']), [ad('running', 'lab-ad')], false],
    [
      'waits for the last of two systems that may master it',
      entra(['corp-ad', 'lab-ad']),
      [ad('successful'), ad('running', 'lab-ad')],
      true,
    ],
  ])('%s', (_, one, others, waits) => {
    expect(mustWait('disable_account', one, [one, ...others])).toBe(waits)
    expect(mustWait('enable_account', one, [one, ...others])).toBe(waits)
    expect(mustWait('force_password_reset', one, [one, ...others])).toBe(false)
    expect(mustWait('force_sign_out', one, [one, ...others])).toBe(false)
  })

  it.each([
    [
      'is changed back when its Active Directory account failed',
      entra(['corp-ad']),
      [ad('unsuccessful')],
      true,
    ],
    ['is changed back when nobody was found there', entra(['corp-ad']), [ad('skipped')], true],
    ['is changed back when no Active Directory is configured', entra([]), [okta], true],
    ['is changed back while that one has not answered', entra(['corp-ad']), [ad('running')], true],
    ['stays when its Active Directory account was changed', entra(['corp-ad']), [ad('successful')], false],
    ['stays when nothing masters it', entra(null), [ad('unsuccessful')], false],
    [
      'stays when one of two that may master it was changed',
      entra(['corp-ad', 'lab-ad']),
      [ad('skipped'), ad('successful', 'lab-ad')],
      false,
    ],
  ])('%s', (_, one, others, undone) => {
    expect(willBeUndone('disable_account', one, [one, ...others])).toBe(undone)
    expect(willBeUndone('force_sign_out', one, [one, ...others])).toBe(false)
  })

  it('comes after everything that follows nothing, which keeps its order', () => {
    const one = entra(['corp-ad'])
    const leader = ad('waiting')
    expect(leadersFirst([one, okta, leader])).toEqual([okta, leader, one])
  })
})
