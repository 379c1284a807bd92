import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '#src/clock.ts'
import { createActiveDirectoryConnector } from '#src/iam/active-directory/index.ts'
import type { IamConnector } from '#src/iam/connector.ts'
import { examineSystems, type SystemHealth } from '#src/iam/doctor.ts'
import { createOpenLdapConnector } from '#src/iam/openldap/index.ts'
import { modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { domainPersonDn } from '#src/sandbox/directories/samba-data.ts'
import { startSamba } from '#src/sandbox/directories/samba.ts'
import { groupDn, personDn } from '#src/sandbox/directories/slapd-data.ts'
import { slapdTree } from '#src/sandbox/directories/slapd-config.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { activeDirectorySettings, openLdapSettings } from '#test/helpers/directory-settings.ts'
import { startFaultProxy } from '#test/helpers/fault-proxy.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'

const describeSlapd = await describeWithDirectory('slapd')
const describeSamba = await describeWithDirectory('samba')

const person = {
  login: 'anguyen',
  displayName: 'Alice Nguyen',
  emails: ['alice@corp.example'],
  password: 'Correct-Horse-1',
}
const options = { callTimeoutMs: 10_000, protectedGroups: [] }

async function examine(connector: IamConnector, limitMs = 30_000): Promise<SystemHealth> {
  const log = createKeptLog()
  const deps = { clock: systemClock, log, limitMs }
  const [health] = await examineSystems([connector], deps, new AbortController().signal)
  expect(log.lines).toEqual([])
  return health!
}

/** The rights that are missing, without the folder of the people. */
const missing = ({ rights }: SystemHealth) =>
  rights
    .filter(({ status }) => status === 'missing')
    .map(({ right }) => right.replace(/ (?:below|on) ou=.*$/iu, ''))

describeSlapd('the doctor at an OpenLDAP server', () => {
  const connect = (server: Slapd, changes: object = {}, protectedGroups: readonly string[] = []) =>
    createOpenLdapConnector(openLdapSettings(server, changes), { ...options, protectedGroups })

  it('finds all well with the documented rights, and changes nothing', async () => {
    await using server = await startSlapd({ people: [person] })
    const all = ['*', '+']
    const before = await readAsAdmin(server.admin, personDn('anguyen'), all)
    const health = await examine(connect(server))
    expect(health).toMatchObject({ state: 'well', trouble: undefined })
    expect(health.connection?.address).toBe(server.ldapsUrl)
    expect(missing(health)).toEqual([])
    expect(await readAsAdmin(server.admin, personDn('anguyen'), all)).toEqual(before)
  })

  it.each(['pwdAccountLockedTime', 'pwdEndTime', 'pwdReset'])(
    'names the one right that was taken away, and who grants it: %s',
    async (attribute) => {
      await using server = await startSlapd({ people: [person], hidden: [attribute] })
      const health = await examine(connect(server))
      expect(health.state).toBe('missing')
      expect(missing(health)).toEqual([`write ${attribute}`])
      const [right] = health.rights.filter(({ status }) => status === 'missing')
      expect(right?.grantedBy).toEqual(expect.any(String))
    },
  )

  it.each([
    ['entry', 'refused', []],
    ['entryUUID', 'refused', []],
    ['uid', 'missing', ['read uid']],
    ['mail', 'missing', ['read mail']],
  ] as const)('sees that people can not be found where %s is hidden', async (attribute, state, wanted) => {
    await using server = await startSlapd({ people: [person], hidden: [attribute] })
    const health = await examine(connect(server))
    expect(health.state).toBe(state)
    expect(missing(health)).toEqual(wanted)
  })

  it('sees a protected group that is not there, or whose members are hidden', async () => {
    const groups = [{ name: 'guarded', members: [personDn('anguyen')] }]
    await using open = await startSlapd({ people: [person], groups })
    await using shut = await startSlapd({ people: [person], groups, hidden: ['member'] })
    const guarded = [groupDn('guarded'), groupDn('gone')]
    expect(missing(await examine(connect(open, {}, guarded)))).toEqual([`read the members of ${guarded[1]}`])
    expect(missing(await examine(connect(shut, {}, guarded)))).toHaveLength(2)
  })

  it.each(['pwdFailureTime', 'pwdPolicySubentry', 'pwdStartTime'])(
    'names what may not be read also where nobody has one: %s',
    async (attribute) => {
      await using server = await startSlapd({ people: [person], hidden: [attribute] })
      const health = await examine(connect(server))
      expect(health.state).toBe('missing')
      expect(missing(health)).toEqual([`read ${attribute}`])
    },
  )

  it.each(['pwdLockoutDuration', 'pwdMustChange', 'pwdAllowUserChange'])(
    'names what may not be read of the policy that somebody has: %s',
    async (attribute) => {
      await using server = await startSlapd({ people: [person], hidden: [attribute] })
      const policy = slapdTree.policy
      const own = [{ name: 'pwdPolicySubentry', values: [policy] }]
      await modifyAsAdmin(server.admin, personDn('anguyen'), own)
      const health = await examine(connect(server))
      expect(health.state).toBe('missing')
      expect(missing(health)).toEqual([`read ${attribute} of ${policy}`])
    },
  )

  describe('that is not as it should be', () => {
    let server: Slapd
    beforeAll(async () => {
      server = await startSlapd({ people: [person] })
    })
    afterAll(() => server[Symbol.asyncDispose]())

    it.each([
      ['with a wrong password', { bind_password: 'wrong' }, 'refused', 'bad_credentials'],
      ['where nobody listens', { url: 'ldaps://127.0.0.1:1' }, 'away', 'unavailable'],
      ['with another authority', { ca_file: undefined }, 'refused', 'misconfigured'],
      ['under a base that is not there', { base_dn: 'dc=nowhere' }, 'refused', 'misconfigured'],
    ] as const)('says so %s', async (_, changes, state, code) => {
      expect(await examine(connect(server, changes))).toMatchObject({ state, trouble: { code }, rights: [] })
    })

    it('is away when it never answers', async () => {
      await using proxy = await startFaultProxy({ host: '127.0.0.1', port: server.port })
      proxy.fail({ kind: 'black_hole', at: 'bind' })
      const silent = connect(server, { url: `ldap://127.0.0.1:${proxy.port}`, ca_file: undefined })
      expect(await examine(silent, 200)).toMatchObject({ state: 'away', trouble: { code: 'timed_out' } })
    })
  })
})

describeSamba('the doctor at a domain controller', () => {
  it('sees a protected group that is not there', async () => {
    await using server = await startSamba({ people: [person] })
    const gone = 'CN=Gone,CN=Users,DC=example,DC=test'
    const there = 'CN=Domain Admins,CN=Users,DC=example,DC=test'
    const settings = activeDirectorySettings(server, { protected_group_dns: [there, gone] })
    const protectedGroups = ['S-1-5-32-544', gone]
    const health = await examine(createActiveDirectoryConnector(settings, { ...options, protectedGroups }))
    expect(missing(health)).toEqual([`read the group ${gone}`])
  })

  it.each([
    [['userAccountControl', 'pwdLastSet'], []],
    [['pwdLastSet'], ['write userAccountControl']],
    [['userAccountControl'], ['write pwdLastSet']],
    [[], ['write userAccountControl', 'write pwdLastSet']],
  ])(
    'names what is missing where %j is granted',
    async (delegated, wanted) => {
      await using server = await startSamba({ people: [person], delegated })
      const before = await readAsAdmin(server.admin, domainPersonDn(person), ['*'])
      const health = await examine(createActiveDirectoryConnector(activeDirectorySettings(server), options))
      expect(missing(health)).toEqual(wanted)
      expect(health.state).toBe(wanted.length === 0 ? 'well' : 'missing')
      for (const right of health.rights.filter(({ status }) => status === 'missing'))
        expect(right).toMatchObject({
          right: expect.stringContaining('on OU='),
          grantedBy: expect.stringContaining('administrator'),
        })
      expect(await readAsAdmin(server.admin, domainPersonDn(person), ['*'])).toEqual(before)
    },
    60_000,
  )
})
