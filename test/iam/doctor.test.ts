import { describe, expect, it } from 'vitest'
import { systemClock } from '#src/clock.ts'
import { ConnectorError, connectorErrorCodes } from '#src/errors.ts'
import type { ConnectionReport, IamConnector } from '#src/iam/connector.ts'
import { examineSystems, exitStatusOf, type SystemHealth, warningsOf } from '#src/iam/doctor.ts'
import { healthWords, type Pen } from '#src/iam/doctor-words.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'

const now = new Date('2026-03-02T12:00:00.000Z')
const day = 24 * 60 * 60_000
const inDays = (days: number) => new Date(now.getTime() + days * day)
const fine: ConnectionReport = {
  address: 'ldaps://dc1.corp.example',
  latencyMs: 12.3,
  clockSkewMs: 400,
  certificateEndsAt: inDays(300),
  credentialEndsAt: undefined,
}
const well: SystemHealth = {
  system: { id: 'corp-ad', kind: 'active-directory' },
  state: 'well',
  connection: fine,
  rights: [{ right: 'read people', status: 'granted', grantedBy: undefined }],
  trouble: undefined,
  warnings: [],
}
const pen: Pen = { moment: (at) => at.toISOString().slice(0, 10), foreign: (text) => `<${text}>` }

describe('what will stop working', () => {
  it.each([
    ['nothing', {}, []],
    ['a certificate a day before the last month', { certificateEndsAt: inDays(31) }, []],
    ['a certificate in its last month', { certificateEndsAt: inDays(29) }, ['certificate_ends']],
    ['a password two weeks before its end', { credentialEndsAt: inDays(13) }, ['credential_ends']],
    ['a password that is good for longer', { credentialEndsAt: inDays(15) }, []],
    ['a clock that is behind', { clockSkewMs: -180_000 }, ['clock_differs']],
    ['a clock that is ahead', { clockSkewMs: 120_000 }, ['clock_differs']],
    ['a server that tells nothing', { clockSkewMs: undefined, certificateEndsAt: undefined }, []],
  ] as const)('is seen in %s', (_, changes, kinds) => {
    expect(warningsOf('active-directory', { ...fine, ...changes }, now).map(({ kind }) => kind)).toEqual(
      kinds,
    )
  })

  it.each([
    [29, ['credential_ends']],
    [31, []],
  ])('is seen in the certificate of an app that ends in %i days: %j', (days, kinds) => {
    const ends = { ...fine, credentialEndsAt: inDays(days) }
    expect(warningsOf('entra', ends, now).map(({ kind }) => kind)).toEqual(kinds)
  })
})

describe('the exit status', () => {
  it.each([
    [[], 0],
    [['well', 'well'], 0],
    [['well', 'missing'], 1],
    [['refused'], 1],
    [['missing', 'away', 'well'], 69],
  ] as const)('of %j is %i', (states, status) => {
    expect(exitStatusOf(states.map((state) => ({ ...well, state })))).toBe(status)
  })
})

describe('the words about a system', () => {
  it('say in whole sentences what is missing, where and who grants it, the worst first', () => {
    const words = healthWords(
      {
        ...well,
        state: 'missing',
        rights: [
          ...well.rights,
          { right: 'write pwdReset', status: 'not_provable', grantedBy: undefined, where: 'below ou=x' },
          { right: 'write pwdLastSet on OU=A', status: 'missing', grantedBy: 'a domain administrator' },
        ],
        warnings: [{ kind: 'credential_ends', endsAt: inDays(3) }],
      },
      pen,
    )
    expect(words).toMatchObject({ mark: '◐', summary: '1 right missing', granted: ['<read people>'] })
    expect(words.toDo[0]).toBe('Missing: <write pwdLastSet on OU=A>. <a domain administrator> can grant it.')
    expect(words.toDo[1]).toContain('ends 2026-03-05')
    expect(words.toDo[2]).toContain('<write pwdReset (below ou=x)>')
    expect(words.connection).toEqual([
      '<ldaps://dc1.corp.example>',
      'answered in 12 ms',
      'clocks agree',
      'certificate until 2026-12-27',
    ])
  })

  it.each(connectorErrorCodes)('say what to do about %s, and pass foreign words through the pen', (code) => {
    const facts = {
      detail: 'wrong_name',
      vendorCode: '49',
      permission: 'read',
      where: 'on x',
      grantedBy: 'y',
    }
    const words = healthWords(
      { ...well, state: 'refused', connection: undefined, rights: [], trouble: { code, facts } },
      pen,
    )
    const [sentence = ''] = words.toDo
    expect(sentence).toMatch(/^[A-Z].*\. .*\.$/u)
    expect(sentence.replaceAll(/<[^>]*>/gu, '')).not.toMatch(/wrong name|on x|\by\b/u)
    expect(sentence.toLowerCase()).not.toContain('invalid')
  })
})

describe('the look at all systems', () => {
  const system = (id: string, checkConnection: IamConnector['checkConnection']): IamConnector => {
    const never = () => Promise.reject(new Error('not part of this test'))
    return {
      system: { id, kind: 'okta' },
      find: never,
      read: never,
      disable: never,
      enable: never,
      checkConnection,
      checkRights: async () => [],
    }
  }

  it('tells about each of them, whatever happens in one', async () => {
    const log = createKeptLog()
    const healths = await examineSystems(
      [
        system('well', async () => fine),
        system('hangs', () => new Promise(() => {})),
        system('refuses', () => Promise.reject(new ConnectorError('bad_credentials', 'no'))),
        system('broken', () => Promise.reject(new TypeError('a mistake of ours'))),
      ],
      { clock: systemClock, log, limitMs: 50 },
      new AbortController().signal,
    )
    expect(healths.map(({ system: { id }, state }) => `${id} ${state}`)).toEqual([
      'well well',
      'hangs away',
      'refuses refused',
      'broken refused',
    ])
    expect(log.lines.map(({ facts }) => facts)).toMatchObject([{ system: 'broken' }])
  })
})
