import { describe, expect, it } from 'vitest'
import { ConnectorError } from '#src/errors.ts'
import { isWithin, parentDn, parseDn, sameDn } from '#src/iam/ldap/dn.ts'
import { windowsCodes } from '#src/iam/ldap/failures.ts'
import { createFrameCheck } from '#src/iam/ldap/frames.ts'
import { writeAndSettle } from '#src/iam/ldap/settle.ts'
import { parseFileTime, parseGeneralizedTime } from '#src/iam/ldap/time.ts'

describe('distinguished names', () => {
  it.each([
    ['uid=a,dc=x', 'UID=A, DC=X', true],
    ['cn=a\\,b,dc=x', 'cn=a\\2cb,dc=x', true],
    ['cn=Zo\\c3\\ab,dc=x', 'cn=zoë,dc=x', true],
    ['cn=two  spaces,dc=x', 'cn=two spaces,dc=x', true],
    ['cn=a,b=c', 'cn=a\\,b=c', false],
    ['uid=a,dc=x', 'uid=b,dc=x', false],
    ['nonsense', 'nonsense', false],
  ])('%s and %s: the same is %s', (one, other, same) => {
    expect(sameDn(one, other)).toBe(same)
  })

  it('know what lies below what', () => {
    expect(isWithin('uid=a,ou=p,dc=x', 'OU=p,DC=x')).toBe(true)
    expect(isWithin('ou=p,dc=x', 'ou=p,dc=x')).toBe(true)
    expect(isWithin('uid=a,ou=other,dc=x', 'ou=p,dc=x')).toBe(false)
    expect(isWithin('ou=evilou=p,dc=x', 'ou=p,dc=x')).toBe(false)
  })

  it('know the entry above, also behind an escaped comma', () => {
    expect(parentDn('cn=Doe\\, Jane,ou=Staff,dc=x')).toBe('ou=Staff,dc=x')
    expect(parentDn('dc=x')).toBe('dc=x')
    expect(parseDn('cn=Doe\\, Jane,dc=x')).toEqual(['cn=doe, jane', 'dc=x'])
  })
})

describe('times of directories', () => {
  it('are read in both notations', () => {
    expect(parseGeneralizedTime('20260131093000Z')).toBe(Date.UTC(2026, 0, 31, 9, 30))
    expect(parseGeneralizedTime('20260131093000.123456Z')).toBe(Date.UTC(2026, 0, 31, 9, 30))
    expect(parseGeneralizedTime('yesterday')).toBeUndefined()
    expect(parseFileTime('133485408000000000')).toBe(Date.UTC(2024, 0, 1))
  })

  it.each(['0', '9223372036854775807', undefined, '-1', 'x'])('%s means never', (text) => {
    expect(parseFileTime(text)).toBeUndefined()
  })
})

describe("Active Directory's diagnostic messages", () => {
  it('are read by their numbers', () => {
    expect(windowsCodes('80090308: LdapErr: DSID-0C0903A9, comment: whatever, data 533, v1db1')).toEqual({
      code: '80090308',
      data: '533',
    })
    expect(windowsCodes('00002098: Object has no write property access')).toMatchObject({ code: '00002098' })
    expect(windowsCodes('no such thing')).toEqual({ code: undefined, data: undefined })
  })
})

describe('the check of what comes from the wire', () => {
  const message = Buffer.from('300c02010161070a010004000400', 'hex')
  const long = Buffer.concat([Buffer.from('30820100', 'hex'), Buffer.alloc(256, 7)])

  it('accepts messages however they are cut', () => {
    const stream = Buffer.concat([message, long, message])
    for (let size = 1; size <= stream.length; size += 1) {
      const accepts = createFrameCheck()
      for (let at = 0; at < stream.length; at += size)
        expect(accepts(stream.subarray(at, at + size))).toBe(true)
    }
  })

  it('waits for the rest of a head', () => {
    expect(createFrameCheck()(Buffer.from('308400', 'hex'))).toBe(true)
  })

  it.each([
    ['a web server', Buffer.from('HTTP/1.1 400')],
    ['a message of 4 GB', Buffer.from('3084ffffffff', 'hex')],
    ['a message without a length', Buffer.from('3080', 'hex')],
    ['rubbish after a message', Buffer.concat([message, Buffer.from('x')])],
  ])('refuses %s', (_, bytes) => {
    expect(createFrameCheck()(bytes)).toBe(false)
  })
})

describe('a write that got no answer', () => {
  const unknown = new ConnectorError('unknown_outcome', 'lost')
  const scripted = (outcomes: ('ok' | 'lost')[], looks: (boolean | 'away')[]) => {
    const done: string[] = []
    const run = writeAndSettle(
      async () => {
        done.push('write')
        if (outcomes.shift() === 'lost') throw unknown
      },
      async () => {
        done.push('look')
        const seen = looks.shift()
        if (seen === 'away') throw new ConnectorError('unavailable', 'away')
        return seen === true
      },
    )
    return run.then(
      () => ({ done, end: 'settled' }),
      (error: unknown) => ({ done, end: error instanceof ConnectorError ? error.code : 'other' }),
    )
  }

  it.each([
    [['ok'], [], ['write'], 'settled'],
    [['lost'], [true], ['write', 'look'], 'settled'],
    [['lost', 'ok'], [false], ['write', 'look', 'write'], 'settled'],
    [['lost', 'lost'], [false, true], ['write', 'look', 'write', 'look'], 'settled'],
    [['lost', 'lost'], [false, false], ['write', 'look', 'write', 'look'], 'unavailable'],
    [['lost'], ['away'], ['write', 'look'], 'unknown_outcome'],
  ] as const)('with answers %j and looks %j does %j and ends %s', async (outcomes, looks, done, end) => {
    expect(await scripted([...outcomes], [...looks])).toEqual({ done, end })
  })
})
