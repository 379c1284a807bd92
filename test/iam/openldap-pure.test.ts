import { describe, expect, it } from 'vitest'
import type { OpenLdapAccount } from '#src/iam/openldap/account.ts'
import { harmless } from '#src/iam/openldap/find.ts'
import { type OpenLdapBefore, enablePlan } from '#src/iam/openldap/lock.ts'
import { type CanaryResult, type ProbeResult, judgeLock } from '#src/iam/openldap/probe.ts'
import { OpenLdapSettings } from '#src/iam/openldap/settings.ts'

const account: OpenLdapAccount = {
  dn: 'uid=a,dc=x',
  id: '00000000-0000-4000-8000-000000000000',
  mustChange: false,
  failures: [],
  marker: [],
  logins: ['a'],
  primaryEmails: [],
  otherEmails: [],
}
const nothing: OpenLdapBefore = {
  v: 1,
  lock: null,
  endTime: null,
  marker: [],
  wasDisabled: false,
  probe: null,
}
const locked = { lock: '000001010000Z', endTime: '20200101000000Z' }
const rule = { name: 'employeeType', disabled: 'off', enabled: 'on' }

describe('the judgement about a lock', () => {
  it.each<[ProbeResult | undefined, ProbeResult, CanaryResult, string]>([
    ['counted', 'said_locked', 'not_configured', 'verified'],
    [undefined, 'said_locked', 'not_configured', 'verified'],
    ['counted', 'silent', 'not_configured', 'verified'],
    ['silent', 'silent', 'not_configured', 'unproven'],
    [undefined, 'silent', 'not_configured', 'unproven'],
    ['silent', 'silent', 'enforced', 'verified'],
    ['silent', 'silent', 'not_enforced', 'not_enforced'],
    ['silent', 'silent', 'inconclusive', 'unproven'],
    ['counted', 'counted', 'not_configured', 'not_enforced'],
    ['silent', 'counted', 'enforced', 'not_enforced'],
    ['silent', 'let_in', 'enforced', 'not_enforced'],
    ['no_overlay', 'no_overlay', 'not_configured', 'not_enforced'],
    ['no_overlay', 'no_overlay', 'enforced', 'verified'],
    ['held', 'silent', 'not_configured', 'verified'],
    ['said_locked', 'silent', 'not_configured', 'unproven'],
  ])('from %s before, %s after and the test account %s is %s', (before, after, canary, verdict) => {
    expect(judgeLock(before, after, canary)).toBe(verdict)
  })
})

describe('the plan of an Enable', () => {
  const lines = (changes: ReturnType<typeof enablePlan>['changes']) =>
    changes.map((change) => `${change.operation} ${change.attribute} ${change.values.join()}`.trim())

  it.each<[string, Partial<OpenLdapAccount>, OpenLdapBefore | undefined, string[], string[]]>([
    ['ours, nothing before', locked, nothing, ['replace pwdAccountLockedTime', 'replace pwdEndTime'], []],
    [
      'ours, a lock by failures before',
      locked,
      { ...nothing, lock: '20260101000000Z' },
      ['replace pwdAccountLockedTime 20260101000000Z', 'replace pwdEndTime'],
      ['lock_restored'],
    ],
    ['an administrator was there first', locked, { ...nothing, wasDisabled: true }, [], ['lock_restored']],
    ['nothing of ours any more', {}, nothing, [], []],
    ['only the end date is left', { endTime: locked.endTime }, nothing, ['replace pwdEndTime'], []],
    [
      'a new lock by failures instead of ours',
      { lock: '20260202000000Z', endTime: locked.endTime },
      nothing,
      ['replace pwdEndTime'],
      ['flags_changed_meanwhile'],
    ],
    [
      'nobody knows what was before',
      locked,
      undefined,
      ['replace pwdAccountLockedTime', 'replace pwdEndTime'],
      ['before_image_missing'],
    ],
  ])('with %s', (_, now, before, changes, remarks) => {
    const plan = enablePlan({ ...account, ...now }, before, undefined)
    expect(lines(plan.changes)).toEqual(changes)
    expect(plan.remarks).toEqual(remarks)
  })

  it("restores the site's own attribute, several values too", () => {
    const plan = enablePlan({ ...account, marker: ['OFF'] }, { ...nothing, marker: ['a', 'b'] }, rule)
    expect(lines(plan.changes)).toEqual(['replace employeeType a,b'])
    expect(enablePlan({ ...account, marker: ['on'] }, nothing, rule).changes).toEqual([])
  })
})

describe('the question whether we may write', () => {
  const settings = OpenLdapSettings.parse({
    id: 'x',
    kind: 'openldap',
    url: 'ldaps://x',
    bind_dn: 'cn=x',
    bind_password: 'x',
    base_dn: 'dc=x',
  })

  it('would change nothing even if it were taken for an order', () => {
    const apply = (values: string[], changes: ReturnType<typeof harmless>, name: string): string[] => {
      let now = values
      for (const { operation, attribute, values: given } of changes) {
        if (attribute !== name) continue
        if (operation === 'replace') now = [...given]
        if (operation === 'add') now = [...now, ...given]
        if (operation === 'delete') now = now.filter((value) => !given.includes(value))
      }
      return now
    }
    for (const lock of [[], ['20260101000000Z'], ['000001010000Z']]) {
      const changes = harmless({ ...account, ...(lock[0] === undefined ? {} : { lock: lock[0] }) }, settings)
      expect(changes.some((change) => change.attribute === 'pwdAccountLockedTime')).toBe(true)
      expect(apply(lock, changes, 'pwdAccountLockedTime')).toEqual(lock)
      expect(apply([], changes, 'pwdEndTime')).toEqual([])
    }
  })
})
