import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FoundAccount, PersonQuery } from '#src/iam/connector.ts'
import { failure } from '#test/helpers/connector-failure.ts'
import { type OktaFixture, startOkta } from '#test/vendors/okta-fixture.ts'

const never = new AbortController().signal
let okta: OktaFixture

beforeEach(async () => {
  okta = await startOkta()
})

afterEach(async () => {
  await okta.ended()
})

async function find(kind: PersonQuery['kind'], value: string): Promise<readonly FoundAccount[]> {
  const query: PersonQuery = kind === 'domain_login' ? { kind, domain: 'CORP', value } : { kind, value }
  return await okta.connector.find(query, never)
}

describe('a person', () => {
  it('is described with what people and rules need', async () => {
    const id = okta.add('alice', {
      status: 'ACTIVE',
      profile: {
        firstName: 'Alice',
        lastName: 'Nguyen',
        secondEmail: 'alice@home.example',
        department: 'Finance',
        employeeNumber: '4711',
      },
    })
    expect(await find('login', 'ALICE@corp.example')).toEqual([
      {
        id,
        login: 'alice@corp.example',
        logins: ['alice@corp.example'],
        displayName: 'Alice Nguyen',
        department: 'Finance',
        emails: ['alice@corp.example', 'alice@home.example'],
        primaryEmail: 'alice@corp.example',
        foundBy: 'login',
        sharedIds: {},
        employeeId: '4711',
        state: 'enabled',
        notes: [],
        privileged: [],
        privilegeKnown: true,
        protectedGroups: [],
        own: false,
        writable: true,
      },
    ])
  })

  it.each([
    ['STAGED', 'disabled', ['never_activated']],
    ['PROVISIONED', 'enabled', ['activation_pending']],
    ['ACTIVE', 'enabled', []],
    ['RECOVERY', 'enabled', ['in_recovery']],
    ['PASSWORD_EXPIRED', 'enabled', ['password_expired']],
    ['LOCKED_OUT', 'enabled', ['locked_by_failures']],
    ['SUSPENDED', 'disabled', []],
    ['DEPROVISIONED', 'disabled', ['deactivated']],
  ] as const)('who is %s is found by address and counts as %s', async (status, state, notes) => {
    okta.add('alice', { status })
    expect(await find('address', 'alice@corp.example')).toMatchObject([{ state, notes, foundBy: 'email' }])
  })

  it('is found by id, typed as an id or as a login', async () => {
    const id = okta.add('alice', { status: 'ACTIVE' })
    expect(await find('id', id)).toMatchObject([{ id, foundBy: 'id' }])
    expect(await find('login', id)).toMatchObject([{ id, foundBy: 'id' }])
    expect(await find('id', id.toLowerCase())).toEqual([])
  })

  it('is read by id only, although Okta would take a login, or a part of one, for it', async () => {
    okta.add('alice', { status: 'ACTIVE' })
    expect(await failure(okta.connector.read('alice', never))).toMatchObject({ code: 'not_found' })
    expect(await find('id', 'alice')).toEqual([])
  })

  it('of a directory is marked, because its import may undo things', async () => {
    okta.add('alice', { status: 'ACTIVE', provider: { type: 'ACTIVE_DIRECTORY', name: 'corp.example' } })
    expect(await find('login', 'alice@corp.example')).toMatchObject([{ notes: ['synchronized'] }])
  })
})

describe('a name', () => {
  it('that Okta would complete is not taken for a login', async () => {
    okta.add('alice', { status: 'ACTIVE' })
    expect(await find('login', 'alice')).toEqual([])
    expect(await find('address', 'alice@elsewhere.example')).toEqual([])
  })

  it('that names the caller in a path names nobody', async () => {
    expect(await find('login', 'me')).toEqual([])
    expect(await find('login', '.')).toEqual([])
    expect(await find('login', '..')).toEqual([])
  })

  it.each([
    'a/b@corp.example',
    'a+b@corp.example',
    'al"ice',
    'al\\ice',
    'al%2Fice',
    'al ice',
    'al?ice#x',
    "o'hara@corp.example",
    'zoëzoë',
  ])('like %s is found as a whole, by login and by address', async (login) => {
    const id = okta.add('odd', { status: 'ACTIVE', login, email: 'odd@corp.example' })
    okta.add('al', { status: 'ACTIVE' })
    expect(await find('login', login)).toMatchObject([{ id, login, foundBy: 'login' }])
    expect(await find('address', login)).toMatchObject([{ id, login, foundBy: 'login' }])
  })

  it.each([
    '*',
    '" or profile.login pr or profile.login eq "',
    '\\" or id pr',
    'x\u0000y',
    '\ud800',
    'a'.repeat(512),
  ])('like %j never becomes part of the question', async (value) => {
    okta.add('alice', { status: 'ACTIVE' })
    for (const kind of ['address', 'login', 'id', 'dn', 'sid', 'domain_login'] as const)
      expect(await find(kind, value), kind).toEqual([])
  })
})

describe('a number of the personnel system', () => {
  it('finds people and proves nothing; a login counts before it', async () => {
    const profile = { employeeNumber: '4711' }
    const alice = okta.add('alice', { profile })
    okta.add('bob', { profile: { employeeNumber: '47110' } })
    expect(await find('login', '4711')).toMatchObject([{ id: alice, foundBy: 'employee_id' }])
    okta.add('carol', { login: '4711@corp.example', profile })
    expect(await find('login', '4711@corp.example')).toMatchObject([{ foundBy: 'login' }])
    // Okta completes the number to Carol's login, which nobody asked for.
    expect((await find('login', '4711')).map(({ foundBy }) => foundBy)).toEqual([
      'employee_id',
      'employee_id',
    ])
  })
})

describe('an address', () => {
  it('that is only the second one of two people proves nothing about either', async () => {
    for (const name of ['alice', 'bob'])
      okta.add(name, { status: 'ACTIVE', profile: { secondEmail: 'family@home.example' } })
    expect(await find('address', 'family@home.example')).toMatchObject([
      { foundBy: 'secondary_email' },
      { foundBy: 'secondary_email' },
    ])
  })

  it('finds ten people at most', async () => {
    for (let i = 0; i < 12; i += 1)
      okta.add(`one${i}`, { status: 'ACTIVE', profile: { secondEmail: 'all@home.example' } })
    okta.add('all', { status: 'ACTIVE', login: 'all@home.example' })
    expect(await find('address', 'all@home.example')).toHaveLength(10)
  })
})

describe('the search index is late', () => {
  it('so who came a moment ago is found by login all the same', async () => {
    okta.org.holdIndex()
    okta.add('alice', { status: 'ACTIVE' })
    expect(await find('address', 'alice@corp.example')).toHaveLength(1)
  })

  it('so its word about a state, or about who has an address, is not taken', async () => {
    const alice = okta.add('alice', { status: 'ACTIVE', email: 'sales@corp.example' })
    const bob = okta.add('bob', { status: 'ACTIVE' })
    okta.org.holdIndex()
    okta.org.changePerson(alice, { status: 'SUSPENDED', profile: { email: 'alice@corp.example' } })
    expect(await find('address', 'sales@corp.example')).toEqual([])
    okta.setStatus(bob, 'SUSPENDED')
    expect(await find('address', 'bob@corp.example')).toMatchObject([{ state: 'disabled' }])
  })
})

describe('protection', () => {
  it('comes with each role that may change something, own or through a group', async () => {
    const group = okta.org.addGroup('Helpers', ['HELP_DESK_ADMIN']).id
    okta.add('own', { status: 'ACTIVE', roles: ['SUPER_ADMIN'] })
    okta.add('inherited', { status: 'ACTIVE', groups: [group] })
    okta.add('reader', { status: 'ACTIVE', roles: ['READ_ONLY_ADMIN', 'REPORT_ADMIN'] })
    okta.add('former', { status: 'ACTIVE', inactiveRoles: ['SUPER_ADMIN'] })
    const privileged = async (name: string) => (await find('login', `${name}@corp.example`))[0]?.privileged
    expect(await privileged('own')).toHaveLength(1)
    expect(await privileged('inherited')).toHaveLength(1)
    expect(await privileged('reader')).toEqual([])
    expect(await privileged('former')).toEqual([])
  })

  it('is unknown where roles can not be read', async () => {
    okta.add('alice', { status: 'ACTIVE' })
    okta.org.app.permissions.delete('okta.iam.read')
    expect(await find('login', 'alice@corp.example')).toMatchObject([{ privilegeKnown: false }])
  })

  it('comes with groups by id and by name', async () => {
    const id = okta.org.addGroup('Board').id
    const other = okta.org.addGroup('Staff').id
    okta.add('alice', { status: 'ACTIVE', groups: [id, other] })
    okta.add('bob', { status: 'ACTIVE', groups: [other] })
    const connector = okta.connect({ protectedGroups: [id, 'BOARD', 'Boards'] })
    const groupsOf = async (name: string) =>
      (await connector.find({ kind: 'login', value: `${name}@corp.example` }, never))[0]?.protectedGroups
    expect(await groupsOf('alice')).toEqual([id, 'BOARD'])
    expect(await groupsOf('bob')).toEqual([])
  })
})
