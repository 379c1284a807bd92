import { describe, expect, it } from 'vitest'
import { decideProtection, type ProtectionRules } from '#src/people/protection.ts'
import { foundAccount } from '#test/helpers/found-accounts.ts'

const none: ProtectionRules = { deny: [], twoApprovers: [], detected: 'deny' }
const kindOf = (account: Parameters<typeof foundAccount>[0], rules: Partial<ProtectionRules>) =>
  decideProtection(foundAccount(account), 'corp-ad', { ...none, ...rules }).kind

describe('whether an account is protected', () => {
  it.each([
    ['an ordinary account', {}, {}, 'none'],
    ['its e-mail on the list, ignoring case', {}, { deny: ['ALICE@corp.example'] }, 'deny'],
    [
      'a second e-mail on the list',
      { emails: ['a@x.example', 'b@x.example'] },
      { deny: ['b@x.example'] },
      'deny',
    ],
    ['being the last owner', {}, { lastOwner: ['Alice@corp.example'] }, 'deny'],
    ['its login on the list', {}, { deny: ['ANguyen'] }, 'deny'],
    ['its id on the list', {}, { deny: ['ID-1'] }, 'deny'],
    ['part of its login on the list', {}, { deny: ['nguyen'] }, 'none'],
    ['a name that only looks like an administrator', { logins: ['administrator'] }, {}, 'none'],
    [
      'a group on the list',
      { protectedGroups: ['CN=A,DC=b'] },
      { deny: ['group:corp-ad:cn=a,dc=b'] },
      'deny',
    ],
    [
      'the same group of another system',
      { protectedGroups: ['CN=A,DC=b'] },
      { deny: ['group:other:CN=A,DC=b'] },
      'none',
    ],
    [
      'a group of that name as a login',
      { logins: ['group:corp-ad:x'] },
      { deny: ['group:corp-ad:x'] },
      'none',
    ],
    ['two approvers by list', {}, { twoApprovers: ['anguyen'] }, 'two_approvers'],
    ['both lists: the stricter one', {}, { deny: ['anguyen'], twoApprovers: ['anguyen'] }, 'deny'],
    ['an administrative role', { privileged: ['Domain Admins'] }, {}, 'deny'],
    [
      'an administrative role where two may decide',
      { privileged: ['x'] },
      { detected: 'two_approvers' },
      'two_approvers',
    ],
    ['roles that could not be read', { privilegeKnown: false }, {}, 'deny'],
    [
      'roles that could not be read where two may decide',
      { privilegeKnown: false },
      { detected: 'two_approvers' },
      'two_approvers',
    ],
    [
      'a role, denied by default, on the milder list',
      { privileged: ['x'] },
      { twoApprovers: ['anguyen'] },
      'deny',
    ],
    [
      "Drawbridge's own account, whatever else",
      { own: true },
      { twoApprovers: ['anguyen'], detected: 'two_approvers' },
      'deny',
    ],
  ] as const)('%s', (_, account, rules, kind) => {
    expect(kindOf(account, rules)).toBe(kind)
  })

  it('says why, naming the roles', () => {
    const account = foundAccount({ privileged: ['Domain Admins', 'Protected Users'] })
    expect(decideProtection(account, 'corp-ad', none)).toEqual({
      kind: 'deny',
      why: 'it holds an administrative role (Domain Admins, Protected Users)',
    })
  })
})
