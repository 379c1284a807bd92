import { describe, expect, it } from 'vitest'
import type { DomainAccount } from '#src/iam/active-directory/account.ts'
import { disabledControl, enabledControl, isDisabled } from '#src/iam/active-directory/control.ts'
import { guidBytes, guidText, ridOf, sidText } from '#src/iam/active-directory/ids.ts'
import { neverATarget, privilegesOf } from '#src/iam/active-directory/privileged.ts'

describe('ids of Active Directory', () => {
  it('print the first three fields of a GUID in reverse', () => {
    const bytes = Buffer.from('f1bd8099439e664c86d9b605a7dbc615', 'hex')
    const text = '9980bdf1-9e43-4c66-86d9-b605a7dbc615'
    expect(guidText(bytes)).toBe(text)
    expect(guidBytes(text.toUpperCase())).toEqual(bytes)
    expect(guidText(bytes.subarray(1))).toBeUndefined()
    expect(guidBytes('*')).toBeUndefined()
  })

  it('print SIDs of accounts, groups and the world', () => {
    expect(sidText(Buffer.from('010500000000000515000000c3cf6106f66211204b920f8955040000', 'hex'))).toBe(
      'S-1-5-21-107073475-538010358-2299499083-1109',
    )
    expect(sidText(Buffer.from('010100000000000100000000', 'hex'))).toBe('S-1-1-0')
    expect(sidText(Buffer.from('0105', 'hex'))).toBeUndefined()
    expect(ridOf('S-1-5-21-1-2-3-500')).toBe(500)
    expect(ridOf('S-1-5-32-544')).toBeUndefined()
  })
})

describe('userAccountControl', () => {
  it.each([512, 66_048, 262_656, 544, 1_049_088, 0x0400_0200 + 0x8_0000])(
    '%i keeps every bit but one',
    (control) => {
      const disabled = disabledControl(control)
      expect(disabled ^ control).toBe(2)
      expect(isDisabled(disabled)).toBe(true)
      expect(enabledControl(disabled)).toBe(control)
      expect(enabledControl(control)).toBe(control)
    },
  )
})

const account: DomainAccount = {
  dn: 'CN=a,DC=x',
  id: '00000000-0000-4000-8000-000000000000',
  sid: 'S-1-5-21-1-2-3-1100',
  sourceAnchor: 'AAECAwQFBgcICQoLDA0ODw==',
  samName: 'administration',
  proxyAddresses: [],
  control: 512,
  noLogonHours: false,
  primaryGroupId: 513,
  groupSids: ['S-1-5-21-1-2-3-513', 'S-1-5-32-545'],
  writable: [],
}

describe('privileges', () => {
  it.each<[string, Partial<DomainAccount>, string[]]>([
    ['a name that only looks like one', {}, []],
    ['Domain Admins', { groupSids: ['S-1-5-21-1-2-3-512'] }, ['Domain Admins']],
    [
      'a group of another domain with the same number',
      { groupSids: ['S-1-5-21-9-9-9-519'] },
      ['Enterprise Admins'],
    ],
    ['the primary group', { primaryGroupId: 512, groupSids: [] }, ['Domain Admins']],
    ['a built-in group', { groupSids: ['S-1-5-32-551'] }, ['Backup Operators']],
    ['a mark left over', { adminCount: '1' }, ['adminCount']],
    ['a mark and a group', { adminCount: '1', groupSids: ['S-1-5-32-544'] }, ['Administrators']],
    ['a mark taken back', { adminCount: '0' }, []],
    ['the built-in Administrator, renamed', { sid: 'S-1-5-21-1-2-3-500' }, ['built-in Administrator']],
  ])('of %s', (_, change, names) => {
    expect(privilegesOf({ ...account, ...change })).toEqual(names)
  })
})

describe('accounts that are never a target', () => {
  it.each<[string, Partial<DomainAccount>, string | undefined]>([
    ['a person', {}, undefined],
    ['a disabled person', { control: 514 }, undefined],
    ['krbtgt', { sid: 'S-1-5-21-1-2-3-502' }, 'built_in_account'],
    ['a workstation', { control: 4096 }, 'not_a_person'],
    ['a domain controller', { control: 532_480 }, 'not_a_person'],
    ['a trust', { control: 2080 }, 'not_a_person'],
    ['Entra Connect', { samName: 'MSOL_1a2b' }, 'synchronization_account'],
  ])('%s', (_, change, reason) => {
    expect(neverATarget({ ...account, ...change })).toBe(reason)
  })
})
