import { afterAll, beforeAll, expect, it } from 'vitest'
import { createActiveDirectoryConnector } from '#src/iam/active-directory/index.ts'
import type { IamConnector } from '#src/iam/connector.ts'
import { trySignIn } from '#src/iam/ldap.ts'
import { createOpenLdapConnector } from '#src/iam/openldap/index.ts'
import { canBind, modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { domainPersonDn } from '#src/sandbox/directories/samba-data.ts'
import { type Samba, startSamba } from '#src/sandbox/directories/samba.ts'
import { slapdTree } from '#src/sandbox/directories/slapd-config.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import type { Slapd } from '#src/sandbox/directories/slapd.ts'
import { secret } from '#src/secrets.ts'
import { password, startPeopledSlapd } from '#test/directories/openldap-fixture.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { activeDirectorySettings, openLdapSettings } from '#test/helpers/directory-settings.ts'
import { startFaultProxy } from '#test/helpers/fault-proxy.ts'

const describeSlapd = await describeWithDirectory('slapd')
const describeSamba = await describeWithDirectory('samba')

const signal = new AbortController().signal
const options = { callTimeoutMs: 10_000, protectedGroups: [] }

async function reset(connector: IamConnector, login: string, context = memoryContext()) {
  const [account] = await connector.find({ kind: 'login', value: login }, signal)
  return await connector.resetPassword!(account?.id ?? '', context)
}

describeSlapd('a password reset on OpenLDAP', () => {
  const alice = personDn('anguyen')
  const canary = { canary_dn: personDn('svc-person'), canary_password: password }
  const connect = (server: Slapd, changes: object = {}) =>
    createOpenLdapConnector(openLdapSettings(server, changes), options)
  const mark = async (server: Slapd, dn = alice) =>
    (await readAsAdmin(server.admin, dn, ['pwdReset']))['pwdReset'] ?? []
  const askedForNew = async (server: Slapd) => {
    const { servers } = openLdapSettings(server)
    const access = { servers, bindDn: alice, bindPassword: secret(password), callTimeoutMs: 10_000 }
    const as = { dn: alice, password: secret(password) }
    return (await trySignIn(access, servers.addresses[0]!, as, signal)).policy
  }

  it('is accepted without a test account: the person is told to choose a new one, and can do nothing else', async () => {
    await using server = await startPeopledSlapd()
    const result = await reset(connect(server), 'anguyen')
    expect(result).toMatchObject({ readBack: 'accepted', already: false })
    expect(result).toMatchObject({ remarks: ['plain_signins_go_on', 'sessions_live_on'] })
    expect(await mark(server)).toEqual(['TRUE'])
    expect(await askedForNew(server)).toBe('must_change')
    expect(await reset(connect(server), 'anguyen')).toMatchObject({ readBack: 'accepted', already: true })
  })

  it('is proven on the test account, which is left free', async () => {
    await using server = await startPeopledSlapd()
    expect(await reset(connect(server, canary), 'anguyen')).toMatchObject({ readBack: 'verified' })
    expect(await mark(server, canary.canary_dn)).toEqual([])
    expect(await canBind(server.admin, canary.canary_dn, password)).toBe(true)
  })

  it('is refused, with nothing written, where the test account shows that nobody would be asked', async () => {
    await using server = await startPeopledSlapd({ policy: 'module_only' })
    await expect(reset(connect(server, canary), 'anguyen')).rejects.toMatchObject({
      code: 'misconfigured',
      facts: { detail: 'reset_not_enforced', grantedBy: expect.any(String) },
    })
    expect(await mark(server)).toEqual([])
    await expect(reset(connect(server), 'anguyen')).rejects.toMatchObject({
      facts: { detail: 'ppolicy_missing' },
    })
  })

  it('is refused where the test account shows that the policy for everybody demands nothing', async () => {
    await using server = await startPeopledSlapd({ mustChange: false })
    await expect(reset(connect(server, canary), 'anguyen')).rejects.toMatchObject({
      code: 'misconfigured',
      facts: { detail: 'reset_not_enforced' },
    })
    expect(await mark(server)).toEqual([])
    expect(await mark(server, canary.canary_dn)).toEqual([])
  })

  it("is refused where the person's own policy demands nothing", async () => {
    await using server = await startPeopledSlapd({ mustChange: false })
    await modifyAsAdmin(server.admin, alice, [{ name: 'pwdPolicySubentry', values: [slapdTree.policy] }])
    await expect(reset(connect(server), 'anguyen')).rejects.toMatchObject({
      code: 'misconfigured',
      facts: { detail: 'policy_without_must_change', where: slapdTree.policy },
    })
    expect(await mark(server)).toEqual([])
  })

  it('names the right that is missing, and is never done to our own or the test account', async () => {
    await using server = await startPeopledSlapd({ hidden: ['pwdReset'] })
    await expect(reset(connect(server), 'anguyen')).rejects.toMatchObject({
      code: 'not_permitted',
      facts: { permission: 'write pwdReset', grantedBy: expect.any(String), where: expect.any(String) },
    })
    await expect(reset(connect(server, canary), 'svc-person')).rejects.toMatchObject({
      code: 'not_supported',
      facts: { detail: 'own_account' },
    })
  })

  it('looks before it writes again what got no answer', async () => {
    await using server = await startPeopledSlapd()
    await using proxy = await startFaultProxy({ host: '127.0.0.1', port: server.port })
    const flaky = connect(server, { url: `ldap://127.0.0.1:${proxy.port}`, ca_file: undefined })
    const [account] = await flaky.find({ kind: 'login', value: 'anguyen' }, signal)
    proxy.fail({ kind: 'cut_after', at: 'modify', times: 1 })
    const result = await flaky.resetPassword!(account!.id, memoryContext())
    expect(result).toMatchObject({ readBack: 'accepted', already: false })
  })

  it('does not exist where the site has a rule of its own instead of a policy', async () => {
    await using server = await startPeopledSlapd({ policy: 'no_module' })
    const rule = { disable_attribute: { name: 'employeeType', disabled: 'inactive', enabled: 'active' } }
    expect(connect(server, rule)).not.toHaveProperty('resetPassword')
    expect(connect(server)).not.toHaveProperty('signOut')
  })
})

describeSamba('a password reset in Active Directory', () => {
  const strong = 'Correct-Horse-1'
  const person = (login: string, userAccountControl = 512) => ({
    login,
    displayName: `Person ${login}`,
    emails: [`${login}@corp.example`],
    password: strong,
    userAccountControl,
  })
  const people = {
    plain: person('plain'),
    noExpiry: person('noexpiry', 66_048),
    smartCard: person('smartcard', 262_656),
    lost: person('lost'),
  }
  let server: Samba
  beforeAll(async () => {
    server = await startSamba({ people: Object.values(people), allowPlain: true })
  })
  afterAll(() => server[Symbol.asyncDispose]())
  const connect = (changes: object = {}) =>
    createActiveDirectoryConnector(activeDirectorySettings(server, changes), options)
  const setAt = async (who: (typeof people)['plain']) =>
    (await readAsAdmin(server.admin, domainPersonDn(who), ['pwdLastSet']))['pwdLastSet']?.[0]

  it('takes the time of the last password away, so that the old one lets nobody in', async () => {
    expect(await canBind(server.admin, domainPersonDn(people.plain), strong)).toBe(true)
    const context = memoryContext()
    const result = await reset(connect(), 'plain', context)
    expect(result).toMatchObject({ readBack: 'verified', already: false })
    expect(result).toMatchObject({
      remarks: ['plain_signins_fail', 'sessions_live_on', 'other_domain_controllers_later'],
    })
    expect(await setAt(people.plain)).toBe('0')
    expect(await canBind(server.admin, domainPersonDn(people.plain), strong)).toBe(false)
    expect(await reset(connect(), 'plain')).toMatchObject({ readBack: 'verified', already: true })
    // Run again after a crash: what this very task did is not called "already so".
    expect(await reset(connect(), 'plain', context)).toMatchObject({ readBack: 'verified', already: false })
  })

  it('is refused where the password never expires, since it would do nothing', async () => {
    const before = await setAt(people.noExpiry)
    await expect(reset(connect(), 'noexpiry')).rejects.toMatchObject({
      code: 'not_supported',
      facts: { detail: 'password_never_expires' },
    })
    expect(await setAt(people.noExpiry)).toBe(before)
  })

  it('is skipped for somebody who signs in with a smart card', async () => {
    const before = await setAt(people.smartCard)
    expect(await reset(connect(), 'smartcard')).toEqual({ skipped: 'smart_card' })
    expect(await setAt(people.smartCard)).toBe(before)
  })

  it('looks before it writes again what got no answer', async () => {
    await using proxy = await startFaultProxy({ host: server.address, port: 389 })
    proxy.fail({ kind: 'cut_after', at: 'modify', times: 1 })
    const flaky = connect({ url: `ldap://127.0.0.1:${proxy.port}`, ca_file: undefined })
    expect(await reset(flaky, 'lost')).toMatchObject({ readBack: 'verified', already: false })
  })

  it('is never done to our own account, and there is no sign-out', async () => {
    await expect(reset(connect(), 'svc-drawbridge')).rejects.toMatchObject({
      code: 'not_supported',
      facts: { detail: 'own_account' },
    })
    expect(connect()).not.toHaveProperty('signOut')
  })
})
