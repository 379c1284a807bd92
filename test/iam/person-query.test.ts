import { describe, expect, it } from 'vitest'
import { longestPersonText, readPersonQuery } from '#src/iam/person-query.ts'

const guid = '0a1b2c3d-0000-4000-8000-0123456789ab'

describe('what somebody typed is sorted by its shape alone', () => {
  it.each([
    ['alice@corp.example', { kind: 'address', value: 'alice@corp.example' }],
    ['  alice@corp.example\n', { kind: 'address', value: 'alice@corp.example' }],
    ['Alice@Corp.Example', { kind: 'address', value: 'Alice@Corp.Example' }],
    ['@', { kind: 'address', value: '@' }],
    ['anguyen', { kind: 'login', value: 'anguyen' }],
    ['Alice Nguyen', { kind: 'login', value: 'Alice Nguyen' }],
    ['*)(uid=*', { kind: 'login', value: '*)(uid=*' }],
    ['CORP\\anguyen', { kind: 'domain_login', domain: 'CORP', value: 'anguyen' }],
    ['a\\b\\c', { kind: 'login', value: 'a\\b\\c' }],
    ['\\anguyen', { kind: 'login', value: '\\anguyen' }],
    ['CORP\\', { kind: 'login', value: 'CORP\\' }],
    ['CN=Alice,OU=Staff,DC=corp', { kind: 'dn', value: 'CN=Alice,OU=Staff,DC=corp' }],
    ['uid=a@b.example,dc=corp', { kind: 'dn', value: 'uid=a@b.example,dc=corp' }],
    ['cn=alice', { kind: 'login', value: 'cn=alice' }],
    ['s-1-5-21-1-2-3-500', { kind: 'sid', value: 'S-1-5-21-1-2-3-500' }],
    ['S-1-5', { kind: 'login', value: 'S-1-5' }],
    [guid.toUpperCase(), { kind: 'id', value: guid }],
    [`{${guid}}`, { kind: 'id', value: guid }],
    ['<!channel>', { kind: 'login', value: '<!channel>' }],
    ['🦊', { kind: 'login', value: '🦊' }],
  ])('%j', (typed, expected) => {
    expect(readPersonQuery(typed)).toEqual(expected)
  })

  it.each([
    ['nothing', ''],
    ['blanks', ' \t\n '],
    ['a NUL', 'a\0b'],
    ['a line break inside', 'alice\nbob'],
    ['a control character', 'a\u0007'],
    ['DEL', 'a\u007F'],
    ['too much', 'x'.repeat(longestPersonText + 1)],
  ])('names nobody: %s', (_, typed) => {
    expect(readPersonQuery(typed)).toBeUndefined()
  })

  it('takes the longest name that is looked up', () => {
    const value = 'x'.repeat(longestPersonText)
    expect(readPersonQuery(value)).toEqual({ kind: 'login', value })
  })
})
