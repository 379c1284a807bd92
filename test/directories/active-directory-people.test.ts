import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FoundAccount, IamConnector, PersonQuery } from '#src/iam/connector.ts'
import { createActiveDirectoryConnector } from '#src/iam/active-directory/index.ts'
import { canBind, modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { type DomainPerson, domainGroupDn, domainPersonDn } from '#src/sandbox/directories/samba-data.ts'
import { type Samba, startSamba } from '#src/sandbox/directories/samba.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { activeDirectorySettings } from '#test/helpers/directory-settings.ts'
import { startFaultProxy } from '#test/helpers/fault-proxy.ts'

const describeSamba = await describeWithDirectory('samba')

const signal = new AbortController().signal
const password = 'Correct-Horse-1'
const domain = 'DC=example,DC=test'

function person(login: string, more: Partial<DomainPerson> = {}): DomainPerson {
  return { login, displayName: `Person ${login}`, emails: [`${login}@corp.example`], password, ...more }
}

const awkward = ['Doe, Jane + "JD" (ext)*', 'back\\slash, #x=<y>;', 'Zoë Müller 漢字']
const people = {
  plain: person('plain'),
  noExpiry: person('noexpiry', { userAccountControl: 66_048 }),
  smartCard: person('smartcard', { userAccountControl: 262_656 }),
  noPassword: person('nopassword', { userAccountControl: 544 }),
  mustChange: person('mustchange', { mustChangePassword: true }),
  mustNeverChange: person('never', { mustChangePassword: true, userAccountControl: 66_048 }),
  expired: person('expired', { accountExpires: '133485408000000000' }),
  noHours: person('nohours', { noLogonHours: true }),
  victim: person('victim'),
  // Her principal name begins with another person's login, her mail is nobody's.
  trap: person('trapper', { userPrincipalName: 'victim@partner.example', emails: [] }),
  alias: person('alias', { proxyAddresses: ['SMTP:main@corp.example', 'smtp:old@corp.example'], emails: [] }),
  noPrincipal: person('noprincipal', { userPrincipalName: null }),
  stale: person('stale', { adminProtected: true }),
  primary: person('primary', { primaryGroupId: 512 }),
  nested: person('nested', { adminProtected: true }),
  guarded: person('guarded'),
  listed: person('listed'),
  sync: person('MSOL_abc123'),
  locking: person('locking'),
  racing: person('racing'),
  ...Object.fromEntries(awkward.map((name, index) => [name, person(`odd${index}`, { displayName: name })])),
}
const groups = [
  { name: 'Tier 0', members: [domainPersonDn(people.nested)] },
  {
    name: 'Domain Admins',
    builtIn: true,
    members: [domainPersonDn(people.primary), domainGroupDn({ name: 'Tier 0' })],
  },
  { name: 'Protected Users', builtIn: true, members: [domainPersonDn(people.guarded)] },
  { name: 'Sub List', distribution: true, members: [domainPersonDn(people.listed)] },
  { name: 'List', distribution: true, members: [domainGroupDn({ name: 'Sub List' })] },
]

describeSamba('people in Active Directory', () => {
  let server: Samba
  let connector: IamConnector
  beforeAll(async () => {
    server = await startSamba({ people: Object.values(people), groups, computers: ['PC1'] })
    connector = connect()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  function connect(changes: object = {}, protectedGroups: readonly string[] = []): IamConnector {
    const settings = activeDirectorySettings(server, changes)
    return createActiveDirectoryConnector(settings, { callTimeoutMs: 10_000, protectedGroups })
  }
  const find = (query: PersonQuery, from = connector) => from.find(query, signal)
  const one = async (who: DomainPerson, from = connector): Promise<FoundAccount> =>
    (await find({ kind: 'login', value: who.login }, from))[0]!
  const raw = async (who: DomainPerson, name = 'userAccountControl') =>
    (await readAsAdmin(server.admin, domainPersonDn(who), [name]))[name]
  const set = (who: DomainPerson, name: string, value: string) =>
    modifyAsAdmin(server.admin, domainPersonDn(who), [{ name, values: [value] }])

  describe('flags', () => {
    it.each([
      ['plain', '512', '514'],
      ['noExpiry', '66048', '66050'],
      ['smartCard', '262656', '262658'],
      ['noPassword', '544', '546'],
    ] as const)('of %s go from %s to %s and back, bit for bit', async (name, before, disabled) => {
      const who = people[name]
      const account = await one(who)
      const context = memoryContext()
      expect(await raw(who)).toEqual([before])
      const result = await connector.disable(account.id, context)
      expect(result).toEqual({
        readBack: 'verified',
        already: false,
        remarks: ['sessions_live_on', 'other_domain_controllers_later'],
      })
      expect(await raw(who)).toEqual([disabled])
      expect(await canBind(server.admin, domainPersonDn(who), password)).toBe(false)
      expect(await connector.enable(account.id, memoryContext(context.kept()))).toMatchObject({
        readBack: 'verified',
      })
      expect(await raw(who)).toEqual([before])
    })

    it('that somebody changes while we disable are kept', async () => {
      const account = await one(people.racing)
      const context = memoryContext()
      context.afterStep = () => set(people.racing, 'userAccountControl', '66048')
      expect(await connector.disable(account.id, context)).toMatchObject({ readBack: 'verified' })
      expect(await raw(people.racing)).toEqual(['66050'])
      const enabled = await connector.enable(account.id, memoryContext(context.kept()))
      expect(enabled.remarks).toContain('flags_changed_meanwhile')
      expect(await raw(people.racing)).toEqual(['66048'])
    })

    it('that somebody changes between our look and our write are not overwritten', async () => {
      await using open = await startSamba({ people: [people.racing], allowPlain: true })
      await using proxy = await startFaultProxy({ host: open.address, port: 389 })
      const settings = activeDirectorySettings(open, {
        url: `ldap://127.0.0.1:${proxy.port}`,
        ca_file: undefined,
      })
      const raced = createActiveDirectoryConnector(settings, { callTimeoutMs: 10_000, protectedGroups: [] })
      const account = await one(people.racing, raced)
      const control = async () =>
        (await readAsAdmin(open.admin, domainPersonDn(people.racing), ['userAccountControl']))[
          'userAccountControl'
        ]
      const change = (value: string) => async () =>
        modifyAsAdmin(open.admin, domainPersonDn(people.racing), [
          { name: 'userAccountControl', values: [value] },
        ])
      proxy.fail({ kind: 'hold_up', at: 'modify', times: 1, meanwhile: change('66048') })
      const context = memoryContext()
      expect(await raced.disable(account.id, context)).toMatchObject({ readBack: 'verified', already: false })
      expect(await control()).toEqual(['66050'])
      proxy.fail({ kind: 'hold_up', at: 'modify', times: 1, meanwhile: change('514') })
      await raced.enable(account.id, memoryContext(context.kept()))
      expect(await control()).toEqual(['512'])
      let flips = 0
      const restless = () => change((flips += 1) % 2 === 0 ? '512' : '66048')()
      proxy.fail({ kind: 'hold_up', at: 'modify', meanwhile: restless })
      await expect(raced.disable(account.id, memoryContext())).rejects.toMatchObject({
        code: 'unavailable',
        facts: { detail: 'account_changed_meanwhile' },
      })
    })

    it('are cleared of nothing but the one bit when the before-image is missing', async () => {
      const account = await one(people.noExpiry)
      await connector.disable(account.id, memoryContext())
      expect((await connector.enable(account.id, memoryContext())).remarks).toContain('before_image_missing')
      expect(await raw(people.noExpiry)).toEqual(['66048'])
    })

    it('of a lock by failures are told apart, and a lock that was there is said not to come back', async () => {
      for (let attempt = 0; attempt < 5; attempt += 1)
        await canBind(server.admin, domainPersonDn(people.locking), 'wrong')
      const account = await one(people.locking)
      expect(account).toMatchObject({ state: 'enabled', notes: ['locked_by_failures'] })
      const context = memoryContext()
      await connector.disable(account.id, context)
      const enabled = await connector.enable(account.id, memoryContext(context.kept()))
      expect(enabled.remarks).toContain('lockout_not_restored')
      expect(await raw(people.locking)).toEqual(['512'])
    })
  })

  describe('notes', () => {
    it.each([
      ['mustChange', ['must_change_password']],
      // With DONT_EXPIRE_PASSWORD the demand has no effect.
      ['mustNeverChange', []],
      ['expired', ['expired']],
      ['noHours', ['no_logon_hours']],
      ['plain', []],
    ] as const)('of %s are %j, and the account counts as enabled', async (name, notes) => {
      expect(await one(people[name])).toMatchObject({ state: 'enabled', notes })
    })
  })

  describe('finding', () => {
    it('never takes the part before the @ for a login', async () => {
      const hits = await find({ kind: 'address', value: 'victim@partner.example' })
      expect(hits).toMatchObject([
        { logins: expect.arrayContaining(['trapper']), foundBy: 'user_principal_name' },
      ])
      expect(await find({ kind: 'address', value: 'victim@elsewhere.example' })).toEqual([])
    })

    it('finds by mail, by the primary address and, weakly, by an alias', async () => {
      expect(await find({ kind: 'address', value: 'PLAIN@corp.example' })).toMatchObject([
        { foundBy: 'email' },
      ])
      expect(await find({ kind: 'address', value: 'main@corp.example' })).toMatchObject([
        { foundBy: 'email' },
      ])
      expect(await find({ kind: 'address', value: 'old@corp.example' })).toMatchObject([
        { foundBy: 'secondary_email', emails: ['main@corp.example', 'old@corp.example'] },
      ])
    })

    it('finds by login with this domain in front, and nobody with another', async () => {
      const query = (name: string) => ({ kind: 'domain_login', domain: name, value: 'plain' }) as const
      expect(await find(query('example'))).toMatchObject([{ login: 'EXAMPLE\\plain', foundBy: 'login' }])
      expect(await find(query('example.test'))).toHaveLength(1)
      expect(await find(query('partner'))).toEqual([])
    })

    it('finds the same person by GUID, SID and distinguished name', async () => {
      const account = await one(people.plain)
      const { objectGuid, objectSid } = account.sharedIds
      expect(objectGuid).toBe(account.id)
      for (const [query, foundBy] of [
        [{ kind: 'id', value: objectGuid! }, 'id'],
        [{ kind: 'sid', value: objectSid! }, 'sid'],
        [{ kind: 'dn', value: domainPersonDn(people.plain) }, 'dn'],
      ] as const)
        expect(await find(query)).toMatchObject([{ id: account.id, foundBy }])
    })

    it.each(awkward)('finds, disables and enables %s', async (name) => {
      const [account] = await find({ kind: 'dn', value: domainPersonDn({ displayName: name }) })
      expect(account).toMatchObject({ displayName: name })
      const context = memoryContext()
      expect(await connector.disable(account!.id, context)).toMatchObject({ readBack: 'verified' })
      await connector.enable(account!.id, memoryContext(context.kept()))
    })

    it('finds a person without a principal name', async () => {
      expect((await one(people.noPrincipal)).logins).toEqual(['noprincipal', 'EXAMPLE\\noprincipal'])
    })

    it('keeps to the configured base', async () => {
      const staff = connect({ base_dn: `OU=Staff,${domain}` })
      const service = await find({ kind: 'login', value: 'svc-drawbridge' })
      expect(service).toHaveLength(1)
      expect(await find({ kind: 'login', value: 'svc-drawbridge' }, staff)).toEqual([])
      expect(await find({ kind: 'id', value: service[0]!.id }, staff)).toEqual([])
      await expect(
        find({ kind: 'login', value: 'x' }, connect({ base_dn: `OU=No,${domain}` })),
      ).rejects.toMatchObject({
        code: 'misconfigured',
        facts: { detail: 'base_dn_not_found' },
      })
    })

    it('never finds a computer', async () => {
      expect(await find({ kind: 'login', value: 'PC1$' })).toEqual([])
      expect(await find({ kind: 'dn', value: `CN=PC1,CN=Computers,${domain}` })).toEqual([])
    })
  })

  describe('protection', () => {
    it.each([
      ['nested', ['Domain Admins']],
      ['primary', ['Domain Admins']],
      ['guarded', ['Protected Users']],
      ['stale', ['adminCount']],
    ] as const)('sees that %s holds %j', async (name, privileged) => {
      const account = await one(people[name])
      expect(account.privileged).toEqual(expect.arrayContaining([...privileged]))
      expect(account.privilegeKnown).toBe(true)
    })

    it('tells a mark that is left over from a membership that is there', async () => {
      expect((await one(people.stale)).privileged).toEqual(['adminCount'])
      expect((await one(people.nested)).privileged).not.toContain('adminCount')
      expect((await one(people.plain)).privileged).toEqual([])
    })

    it('names configured groups, by name or SID, distribution lists too', async () => {
      const list = domainGroupDn({ name: 'List' })
      const sid = (await one(people.plain)).sharedIds.objectSid!.replace(/\d+$/, '525')
      const strict = connect({ protected_group_dns: [list] }, [list, sid])
      expect(await one(people.listed, strict)).toMatchObject({ privileged: [list], protectedGroups: [list] })
      expect(await one(people.guarded, strict)).toMatchObject({ protectedGroups: [sid] })
    })

    it('does not know who is protected when a configured group is not there', async () => {
      const blind = connect({ protected_group_dns: [`CN=Gone,${domain}`] })
      expect((await one(people.plain, blind)).privilegeKnown).toBe(false)
    })

    it.each([
      ['Administrator', 'built_in_account'],
      ['krbtgt', 'built_in_account'],
      ['Guest', 'built_in_account'],
      ['MSOL_abc123', 'synchronization_account'],
      ['svc-drawbridge', 'own_account'],
    ])('never touches %s', async (login, detail) => {
      const [account] = await find({ kind: 'login', value: login })
      expect(account).toBeDefined()
      await expect(connector.disable(account!.id, memoryContext())).rejects.toMatchObject({
        code: 'not_supported',
        facts: { detail },
      })
    })

    it('says that an administrator is out of reach of the delegation', async () => {
      const account = await one(people.stale)
      expect(account.writable).toBe(false)
      await expect(connector.disable(account.id, memoryContext())).rejects.toMatchObject({
        code: 'not_permitted',
        facts: {
          permission: 'write userAccountControl',
          where: `on OU=Staff,${domain}`,
          grantedBy: 'a domain administrator',
          detail: 'guarded_by_adminsdholder',
        },
      })
      expect(await raw(people.stale)).toEqual(['512'])
    })
  })

  it('is refused by a domain controller without TLS before any password is accepted', async () => {
    await expect(
      find({ kind: 'login', value: 'plain' }, connect({ url: `ldap://${server.address}` })),
    ).rejects.toMatchObject({
      code: 'misconfigured',
      facts: { detail: 'tls_required' },
    })
  })

  it('works by StartTLS', async () => {
    const plain = connect({ url: `ldap://${server.address}`, start_tls: true })
    expect(await one(people.plain, plain)).toMatchObject({ login: 'EXAMPLE\\plain' })
  })

  it('says what is wrong with its own account', async () => {
    const admin = server.admin
    await modifyAsAdmin(admin, server.service.dn, [{ name: 'userAccountControl', values: ['66050'] }])
    await expect(find({ kind: 'login', value: 'plain' })).rejects.toMatchObject({
      code: 'bad_credentials',
      facts: { detail: 'account_disabled' },
    })
    await modifyAsAdmin(admin, server.service.dn, [{ name: 'userAccountControl', values: ['66048'] }])
    await expect(
      find({ kind: 'login', value: 'plain' }, connect({ bind_password: 'no' })),
    ).rejects.toMatchObject({
      facts: { detail: 'wrong_password' },
    })
  })
})
