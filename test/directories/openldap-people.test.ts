import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FoundAccount, IamConnector, PersonQuery } from '#src/iam/connector.ts'
import { createOpenLdapConnector } from '#src/iam/openldap/index.ts'
import { addAsAdmin, canBind, modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { groupDn, personDn } from '#src/sandbox/directories/slapd-data.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { openLdapSettings } from '#test/helpers/directory-settings.ts'

const describeSlapd = await describeWithDirectory('slapd')

const signal = new AbortController().signal
const password = 'Correct-Horse-1'
const nowAt = new Date('2026-06-01T12:00:00Z')

const awkwardNames = [
  'Doe, Jane + "JD" (ext)*',
  'back\\slash, #x=<y>;',
  'Zoë Müller 漢字',
  'jane*doe',
  ' #leading and trailing ',
]

const people = [
  { login: 'jane.doe', displayName: 'Jane Doe', emails: ['jane@corp.example', 'jd@corp.example'], password },
  { login: 'janeXdoe', displayName: 'Jane X', emails: ['jane.o(doe)@corp.example'], password },
  { login: 'odd@corp.example', displayName: 'Odd Login', emails: ['odd.mail@corp.example'], password },
  { login: 'failing', displayName: 'Fay Failing', emails: ['fay@corp.example'], password },
  { login: 'changing', displayName: 'Cha Changing', emails: ['cha@corp.example'], password },
  ...awkwardNames.map((name, index) => ({
    login: name,
    displayName: `Awkward ${index}`,
    emails: [],
    password,
  })),
]
const groups = [
  { name: 'protected', members: [personDn(awkwardNames[0]!)] },
  { name: 'loop-a', members: [groupDn('loop-b'), personDn('jane.doe')] },
  { name: 'loop-b', members: [groupDn('loop-a')] },
]

describeSlapd('people in OpenLDAP', () => {
  let server: Slapd
  let connector: IamConnector
  beforeAll(async () => {
    server = await startSlapd({ people, groups, saysLocked: true })
    connector = connect()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  function connect(changes: object = {}, protectedGroups: readonly string[] = []): IamConnector {
    const options = { callTimeoutMs: 10_000, protectedGroups, clock: { now: () => nowAt } }
    return createOpenLdapConnector(openLdapSettings(server, changes), options)
  }
  const find = (query: PersonQuery, from = connector) => from.find(query, signal)
  const one = async (login: string): Promise<FoundAccount> =>
    (await find({ kind: 'login', value: login }))[0]!
  const set = (login: string, name: string, ...values: string[]) =>
    modifyAsAdmin(server.admin, personDn(login), [{ name, values }])
  const raw = (login: string, ...names: string[]) => readAsAdmin(server.admin, personDn(login), names)

  describe('finding', () => {
    it.each(awkwardNames)('finds %j by login and by distinguished name', async (name) => {
      const byLogin = await find({ kind: 'login', value: name })
      expect(byLogin).toMatchObject([{ logins: [name], foundBy: 'login' }])
      expect(await find({ kind: 'dn', value: personDn(name) })).toMatchObject([
        { id: byLogin[0]!.id, foundBy: 'dn' },
      ])
    })

    it('disables and enables a person with an awkward name', async () => {
      const account = await one(awkwardNames[0]!)
      const context = memoryContext()
      expect((await connector.disable(account.id, context)).readBack).toBe('verified')
      expect(await canBind(server.admin, personDn(awkwardNames[0]!), password)).toBe(false)
      await connector.enable(account.id, memoryContext(context.kept()))
      expect(await canBind(server.admin, personDn(awkwardNames[0]!), password)).toBe(true)
    })

    it('does not take a star in a login for a wildcard', async () => {
      expect((await find({ kind: 'login', value: 'jane*doe' })).map((hit) => hit.logins)).toEqual([
        ['jane*doe'],
      ])
    })

    it('finds an address with brackets in it', async () => {
      const hits = await find({ kind: 'address', value: 'Jane.O(Doe)@corp.example' })
      expect(hits).toMatchObject([{ logins: ['janeXdoe'], foundBy: 'email' }])
    })

    it('compares an address that is a login as a whole, and says so', async () => {
      const hits = await find({ kind: 'address', value: 'odd@corp.example' })
      expect(hits).toMatchObject([{ login: 'uid=odd@corp.example', foundBy: 'login' }])
    })

    it('calls only the first configured attribute a primary address', async () => {
      const both = connect({ email_attributes: ['displayName', 'mail'] })
      expect(await find({ kind: 'address', value: 'jane@corp.example' }, both)).toMatchObject([
        { foundBy: 'secondary_email' },
      ])
    })

    it('knows neither SIDs nor domains', async () => {
      expect(await find({ kind: 'sid', value: 'S-1-5-21-1-2-3-4' })).toEqual([])
      expect(await find({ kind: 'domain_login', domain: 'CORP', value: 'jane.doe' })).toEqual([])
    })

    it('takes a name outside the configured base for nobody', async () => {
      expect(await find({ kind: 'dn', value: server.service.dn })).toEqual([])
      expect(await find({ kind: 'dn', value: 'uid=nobody,ou=people,dc=example,dc=com' })).toEqual([])
    })

    it('says that a configured base which is not there is a mistake of the configuration', async () => {
      const lost = connect({ base_dn: 'ou=nowhere,dc=example,dc=com' })
      await expect(find({ kind: 'login', value: 'jane.doe' }, lost)).rejects.toMatchObject({
        code: 'misconfigured',
        facts: { detail: 'base_dn_not_found' },
      })
    })

    it('follows groups that hold each other to an end', async () => {
      const guarded = connect({}, [groupDn('loop-b'), groupDn('protected')])
      const [jane] = await find({ kind: 'login', value: 'jane.doe' }, guarded)
      expect(jane).toMatchObject({ privilegeKnown: true, protectedGroups: [groupDn('loop-b')] })
      const [awkward] = await find({ kind: 'login', value: awkwardNames[0]! }, guarded)
      expect(awkward).toMatchObject({ protectedGroups: [groupDn('protected')] })
    })

    it('knows the test account for its own', async () => {
      const canary = { canary_dn: personDn('failing').toUpperCase(), canary_password: password }
      expect(await find({ kind: 'login', value: 'failing' }, connect(canary))).toMatchObject([{ own: true }])
    })
  })

  describe('state', () => {
    it('tells a lock by failures from the lock of an administrator, and puts it back when it enables', async () => {
      for (let attempt = 0; attempt < 5; attempt += 1)
        await canBind(server.admin, personDn('failing'), 'wrong')
      const { pwdAccountLockedTime: before } = await raw('failing', 'pwdAccountLockedTime')
      expect(before).toHaveLength(1)
      const account = await one('failing')
      expect(account).toMatchObject({ state: 'enabled', notes: ['locked_by_failures'] })
      const context = memoryContext()
      expect(await connector.disable(account.id, context)).toMatchObject({
        readBack: 'verified',
        already: false,
      })
      expect((await connector.read(account.id, signal)).state).toBe('disabled')
      const enabled = await connector.enable(account.id, memoryContext(context.kept()))
      expect(enabled).toMatchObject({ readBack: 'verified', remarks: ['lock_restored'] })
      expect(await raw('failing', 'pwdAccountLockedTime', 'pwdEndTime')).toEqual({
        pwdAccountLockedTime: before,
        pwdEndTime: [],
      })
    })

    it('does not call an account locked whose lock by failures is over', async () => {
      const policy = 'cn=default,ou=policies,dc=example,dc=com'
      await set('jane.doe', 'pwdPolicySubentry', policy)
      await set('jane.doe', 'pwdAccountLockedTime', '20260601113100Z')
      expect((await one('jane.doe')).notes).toContain('locked_by_failures')
      await set('jane.doe', 'pwdAccountLockedTime', '20260601112900Z')
      expect((await one('jane.doe')).notes).toEqual([])
      await set('jane.doe', 'pwdAccountLockedTime')
      await set('jane.doe', 'pwdPolicySubentry')
    })

    it('shows an end date that has passed, counts the account as enabled, and puts the date back', async () => {
      await set('jane.doe', 'pwdEndTime', '20260301000000Z')
      const account = await one('jane.doe')
      expect(account).toMatchObject({ state: 'enabled', notes: ['expired'] })
      const context = memoryContext()
      await connector.disable(account.id, context)
      await connector.enable(account.id, memoryContext(context.kept()))
      expect(await raw('jane.doe', 'pwdEndTime', 'pwdAccountLockedTime')).toEqual({
        pwdEndTime: ['20260301000000Z'],
        pwdAccountLockedTime: [],
      })
      await set('jane.doe', 'pwdEndTime')
    })

    it('stays disabled when the password is changed while it is locked, which lifts the lock itself', async () => {
      const account = await one('changing')
      const context = memoryContext()
      await connector.disable(account.id, context)
      await set('changing', 'userPassword', 'Another-Horse-2')
      expect(await raw('changing', 'pwdAccountLockedTime')).toEqual({ pwdAccountLockedTime: [] })
      expect((await connector.read(account.id, signal)).state).toBe('disabled')
      expect(await canBind(server.admin, personDn('changing'), 'Another-Horse-2')).toBe(false)
      await connector.enable(account.id, memoryContext(context.kept()))
      expect(await canBind(server.admin, personDn('changing'), 'Another-Horse-2')).toBe(true)
    })

    it('shows a password that must be changed, and keeps that over disable and enable', async () => {
      await set('jane.doe', 'pwdReset', 'TRUE')
      const account = await one('jane.doe')
      expect(account.notes).toEqual(['must_change_password'])
      const context = memoryContext()
      await connector.disable(account.id, context)
      expect(await connector.read(account.id, signal)).toMatchObject({ state: 'disabled' })
      await connector.enable(account.id, memoryContext(context.kept()))
      expect(await raw('jane.doe', 'pwdReset')).toEqual({ pwdReset: ['TRUE'] })
      await set('jane.doe', 'pwdReset')
    })

    it('leaves alone what somebody else set after the account was disabled, and says so', async () => {
      const account = await one('changing')
      const context = memoryContext()
      await connector.disable(account.id, context)
      await set('changing', 'pwdEndTime', '20991231000000Z')
      const enabled = await connector.enable(account.id, memoryContext(context.kept()))
      expect(enabled).toMatchObject({ readBack: 'verified', remarks: ['flags_changed_meanwhile'] })
      expect(await raw('changing', 'pwdEndTime')).toEqual({ pwdEndTime: ['20991231000000Z'] })
      await set('changing', 'pwdEndTime')
    })

    it('removes its own lock also when the before-image is missing, and says that', async () => {
      const account = await one('changing')
      await connector.disable(account.id, memoryContext())
      const enabled = await connector.enable(account.id, memoryContext())
      expect(enabled).toMatchObject({ readBack: 'verified', remarks: ['before_image_missing'] })
      expect(await raw('changing', 'pwdAccountLockedTime', 'pwdEndTime')).toEqual({
        pwdAccountLockedTime: [],
        pwdEndTime: [],
      })
    })

    it('proves its lock on an account that was locked by failures, without being told that it is locked', async () => {
      await using silent = await startSlapd({ people, saysLocked: false })
      const onSilent = createOpenLdapConnector(openLdapSettings(silent), {
        callTimeoutMs: 10_000,
        protectedGroups: [],
      })
      for (let attempt = 0; attempt < 5; attempt += 1)
        await canBind(silent.admin, personDn('failing'), 'wrong')
      const [account] = await find({ kind: 'login', value: 'failing' }, onSilent)
      const context = memoryContext()
      expect(await onSilent.disable(account!.id, context)).toMatchObject({ readBack: 'verified' })
      expect(context.kept()).toMatchObject({ probe: 'held' })
    })

    it('says that a part of the tree is elsewhere, and does not go there', async () => {
      await using split = await startSlapd({ people, saysLocked: true })
      await addAsAdmin(split.admin, 'ou=abroad,ou=people,dc=example,dc=com', {
        objectClass: ['referral', 'extensibleObject'],
        ou: ['abroad'],
        ref: ['ldap://127.0.0.1:1/ou=abroad,dc=example,dc=com'],
      })
      const onSplit = createOpenLdapConnector(openLdapSettings(split), {
        callTimeoutMs: 10_000,
        protectedGroups: [],
      })
      expect(await find({ kind: 'login', value: 'nobody' }, onSplit)).toEqual([])
      expect(await find({ kind: 'login', value: 'failing' }, onSplit)).toHaveLength(1)
      const missing = (await onSplit.checkRights(signal)).filter((check) => check.status === 'missing')
      expect(missing.map((check) => check.right)).toEqual([
        'all of ou=people,dc=example,dc=com on this server',
      ])
    })

    it('says that certificates and Kerberos are not covered where the server offers them', async () => {
      expect((await one('jane.doe')).notes).not.toContain('certificate_signins_not_covered')
      await using other = await startSlapd({ people, saysLocked: true, offers: ['GSSAPI'] })
      const offering = createOpenLdapConnector(openLdapSettings(other), {
        callTimeoutMs: 10_000,
        protectedGroups: [],
      })
      const [account] = await find({ kind: 'login', value: 'jane.doe' }, offering)
      expect(account?.notes).toContain('certificate_signins_not_covered')
      const result = await offering.disable(account!.id, memoryContext())
      expect(result.remarks).toContain('certificate_signins_not_covered')
    })

    it('sees without a change whether it may write, and leaves the entry as it is', async () => {
      const before = await raw('jane.doe', 'pwdAccountLockedTime', 'pwdEndTime', 'entryCSN')
      expect((await one('jane.doe')).writable).toBe(true)
      expect(await raw('jane.doe', 'pwdAccountLockedTime', 'pwdEndTime', 'entryCSN')).toEqual(before)
    })
  })
})
