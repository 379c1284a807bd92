import { expect, it } from 'vitest'
import type { ChangeResult, IamConnector } from '#src/iam/connector.ts'
import { createOpenLdapConnector } from '#src/iam/openldap/index.ts'
import { canBind, modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { slapdTree } from '#src/sandbox/directories/slapd-config.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import type { Slapd, SlapdOptions } from '#src/sandbox/directories/slapd.ts'
import { password, startPeopledSlapd } from '#test/directories/openldap-fixture.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { startFaultProxy } from '#test/helpers/fault-proxy.ts'
import { openLdapSettings } from '#test/helpers/directory-settings.ts'

const describeSlapd = await describeWithDirectory('slapd')

const signal = new AbortController().signal
const alice = personDn('anguyen')

function connectorFor(server: Slapd, changes: object = {}): IamConnector {
  return createOpenLdapConnector(openLdapSettings(server, changes), {
    callTimeoutMs: 10_000,
    protectedGroups: [],
  })
}

async function idOf(connector: IamConnector, login: string): Promise<string> {
  const [account] = await connector.find({ kind: 'login', value: login }, signal)
  return account?.id ?? ''
}

interface Outcome {
  readonly result: ChangeResult
  readonly canSignIn: boolean
  readonly server: Slapd
  readonly connector: IamConnector
}

/** Disables Alice on a server of that kind and looks whether her password still opens a session. */
async function disableOn(
  options: SlapdOptions,
  changes: object,
  then: (outcome: Outcome) => Promise<void> | void,
  prepare?: (server: Slapd) => Promise<void>,
): Promise<void> {
  await using server = await startPeopledSlapd(options)
  await prepare?.(server)
  const connector = connectorFor(server, changes)
  const result = await connector.disable(await idOf(connector, 'anguyen'), memoryContext())
  await then({ result, canSignIn: await canBind(server.admin, alice, password), server, connector })
}

async function lockOf(server: Slapd): Promise<readonly string[]> {
  return (await readAsAdmin(server.admin, alice, ['pwdAccountLockedTime']))['pwdAccountLockedTime'] ?? []
}

/** Puts an access rule before all others, as an administrator of the server would. */
async function firstRule(server: Slapd, rule: string): Promise<void> {
  const config = { ...server.admin, dn: slapdTree.configAdmin }
  const database = 'olcDatabase={1}mdb,cn=config'
  const { olcAccess = [] } = await readAsAdmin(config, database, ['olcAccess'])
  const rules = [rule, ...olcAccess.map((one) => one.replace(/^\{\d+\}/u, ''))]
  const values = rules.map((one, index) => `{${index}}${one}`)
  await modifyAsAdmin(config, database, [{ name: 'olcAccess', values }])
}

const canary = { canary_dn: personDn('svc-person'), canary_password: password }

describeSlapd('how a lock is proven on OpenLDAP', () => {
  it('is proven by a directory that says the account is locked', async () => {
    await disableOn({ policy: 'enforced', saysLocked: true }, {}, ({ result, canSignIn }) => {
      expect(result.readBack).toBe('verified')
      expect(canSignIn).toBe(false)
    })
  })

  it('is proven by failures that are counted before and no longer after', async () => {
    await disableOn({ policy: 'enforced', saysLocked: false }, {}, ({ result, canSignIn }) => {
      expect(result.readBack).toBe('verified')
      expect(canSignIn).toBe(false)
    })
  })

  it('is not proven when failures can not be read and the directory is silent', async () => {
    await disableOn({ saysLocked: false, rights: 'no_failures' }, {}, ({ result, canSignIn }) => {
      expect(result.readBack).toBe('unproven')
      expect(canSignIn).toBe(false)
    })
  })

  it('is proven on the test account where nothing else proves it, and leaves the test account open', async () => {
    await disableOn(
      { saysLocked: false, rights: 'no_failures' },
      canary,
      async ({ result, canSignIn, server }) => {
        expect(result.readBack).toBe('verified')
        expect(canSignIn).toBe(false)
        expect(await canBind(server.admin, canary.canary_dn, password)).toBe(true)
      },
    )
  })

  it('is not proven, but told to stand, when the test account may not be locked', async () => {
    const rule = `to dn.exact="${canary.canary_dn}" attrs=pwdAccountLockedTime,pwdEndTime by * read`
    await disableOn(
      { saysLocked: false, rights: 'no_failures' },
      canary,
      async ({ result, canSignIn, server }) => {
        expect(result).toMatchObject({ readBack: 'unproven', already: false })
        expect(canSignIn).toBe(false)
        expect(await canBind(server.admin, canary.canary_dn, password)).toBe(true)
      },
      (server) => firstRule(server, rule),
    )
  })

  it('is not called refused when the account can no longer be read once it is locked', async () => {
    await using server = await startPeopledSlapd()
    await using proxy = await startFaultProxy({ host: '127.0.0.1', port: server.port })
    const connector = connectorFor(server, { url: `ldap://127.0.0.1:${proxy.port}`, ca_file: undefined })
    const id = await idOf(connector, 'anguyen')
    let hidden = false
    // As soon as the lock stands, somebody takes our right to read the person away.
    const meanwhile = async () => {
      if (hidden || (await lockOf(server)).length === 0) return
      hidden = true
      await firstRule(server, `to dn.exact="${alice}" by * none`)
    }
    proxy.fail({ kind: 'hold_up', at: 'search', meanwhile })
    const result = await connector.disable(id, memoryContext())
    expect(result.readBack).toBe('unreachable')
  })

  it('holds by the end date where the policy does not lock', async () => {
    await disableOn({ policy: 'lockout_off', saysLocked: false }, {}, ({ result, canSignIn }) => {
      expect(result.readBack).toBe('verified')
      expect(canSignIn).toBe(false)
    })
  })

  it('is unproven where no policy applies, and indeed nothing is locked', async () => {
    await disableOn({ policy: 'no_policy' }, {}, ({ result, canSignIn }) => {
      expect(result.readBack).toBe('unproven')
      expect(canSignIn).toBe(true)
    })
  })

  it('is shown not to be enforced by the test account where no policy applies', async () => {
    await disableOn({ policy: 'no_policy' }, canary, ({ result, canSignIn }) => {
      expect(result.readBack).toBe('not_enforced')
      expect(canSignIn).toBe(true)
    })
  })

  it('is seen not to be enforced where the overlay is not on the database', async () => {
    await disableOn({ policy: 'module_only' }, {}, async ({ result, canSignIn, connector, server }) => {
      expect(result.readBack).toBe('not_enforced')
      expect(canSignIn).toBe(true)
      const id = await idOf(connector, 'anguyen')
      expect((await connector.read(id, signal)).notes).toContain('lock_not_proven')
      const checks = await connector.checkRights(signal)
      expect(checks.find((check) => check.right.includes('overlay'))?.status).toBe('missing')
      expect(await readAsAdmin(server.admin, alice, ['pwdAccountLockedTime'])).toEqual({
        pwdAccountLockedTime: ['000001010000Z'],
      })
    })
  })

  it('says that the overlay is missing where the schema has no lock, and changes nothing', async () => {
    await using server = await startPeopledSlapd({ policy: 'no_module' })
    const connector = connectorFor(server)
    const id = await idOf(connector, 'anguyen')
    await expect(connector.disable(id, memoryContext())).rejects.toMatchObject({
      code: 'misconfigured',
      facts: { detail: 'ppolicy_missing' },
    })
    expect((await connector.read(id, signal)).state).toBe('enabled')
    const checks = await connector.checkRights(signal)
    expect(checks.find((check) => check.right.startsWith('write pwdAccountLockedTime'))?.status).toBe(
      'not_provable',
    )
  })

  it('uses the first probe again after a restart', async () => {
    await using server = await startPeopledSlapd({ saysLocked: false })
    const connector = connectorFor(server)
    const id = await idOf(connector, 'anguyen')
    const context = memoryContext()
    expect((await connector.disable(id, context)).readBack).toBe('verified')
    // A second run alone could prove nothing: the lock is there already when it first looks.
    expect((await connector.disable(id, context)).readBack).toBe('verified')
    expect((await connector.disable(id, memoryContext())).readBack).toBe('unproven')
  })

  it('lets many tasks prove their locks on one test account at the same time', async () => {
    await using server = await startPeopledSlapd({ saysLocked: false, rights: 'no_failures' })
    const replicas = [connectorFor(server, canary), connectorFor(server, canary)]
    const logins = ['anguyen', 'bob', 'twin1', 'twin2', 'locked', 'vip']
    const ids = await Promise.all(logins.map((login) => idOf(replicas[0]!, login)))
    const results = await Promise.all(
      ids.map((id, index) => replicas[index % 2]!.disable(id, memoryContext())),
    )
    expect(results.filter((result) => result.readBack === 'not_enforced')).toEqual([])
    expect(results.some((result) => result.readBack === 'verified')).toBe(true)
    expect(await canBind(server.admin, canary.canary_dn, password)).toBe(true)
  })

  it('opens a test account that a cycle cut short has left locked', async () => {
    await using server = await startPeopledSlapd({ saysLocked: false, rights: 'no_failures' })
    const locked = [{ name: 'pwdAccountLockedTime', values: ['000001010000Z'] }]
    await modifyAsAdmin(server.admin, canary.canary_dn, locked)
    const connector = connectorFor(server, canary)
    const result = await connector.disable(await idOf(connector, 'anguyen'), memoryContext())
    expect(result.readBack).toBe('verified')
    expect(await canBind(server.admin, canary.canary_dn, password)).toBe(true)
  })
})

describeSlapd('a site with an attribute of its own instead of a policy', () => {
  const attribute = { name: 'employeeType', disabled: 'inactive', enabled: 'active' }
  const people = slapdTree.people
  const keepOut = `to dn.subtree="${people}" filter=(employeeType=inactive) attrs=userPassword by * none`
  const mayWrite = `to dn.subtree="${people}" attrs=employeeType by dn.exact="${slapdTree.service}" write by * none`

  function startSite(): Promise<Slapd> {
    return startPeopledSlapd({ policy: 'no_module', ownRules: [keepOut, mayWrite] })
  }

  it('disables through it, proven on the test account, and puts back the very value that stood there', async () => {
    await using server = await startSite()
    await modifyAsAdmin(server.admin, alice, [{ name: 'employeeType', values: ['contractor'] }])
    const connector = connectorFor(server, { ...canary, disable_attribute: attribute })
    const id = await idOf(connector, 'anguyen')
    const context = memoryContext()
    expect(await connector.disable(id, context)).toMatchObject({ readBack: 'verified', already: false })
    expect(await canBind(server.admin, alice, password)).toBe(false)
    expect((await connector.read(id, signal)).state).toBe('disabled')
    expect(await connector.enable(id, memoryContext(context.kept()))).toMatchObject({ readBack: 'verified' })
    expect(await canBind(server.admin, alice, password)).toBe(true)
    expect(await readAsAdmin(server.admin, alice, ['employeeType'])).toEqual({ employeeType: ['contractor'] })
  })

  it('is unproven without a test account, and not enforced where the site has no such rule', async () => {
    await using server = await startSite()
    const without = connectorFor(server, { disable_attribute: attribute })
    expect(await without.disable(await idOf(without, 'anguyen'), memoryContext())).toMatchObject({
      readBack: 'unproven',
    })
    await using lax = await startPeopledSlapd({ policy: 'no_module', ownRules: [mayWrite] })
    const withCanary = connectorFor(lax, { ...canary, disable_attribute: attribute })
    expect(await withCanary.disable(await idOf(withCanary, 'anguyen'), memoryContext())).toMatchObject({
      readBack: 'not_enforced',
    })
  })

  it('writes the configured word when nobody knows what stood there', async () => {
    await using server = await startSite()
    await modifyAsAdmin(server.admin, alice, [{ name: 'employeeType', values: ['inactive'] }])
    const connector = connectorFor(server, { disable_attribute: attribute })
    const id = await idOf(connector, 'anguyen')
    const result = await connector.enable(id, memoryContext())
    expect(result).toMatchObject({ readBack: 'verified', remarks: ['before_image_missing'] })
    expect(await readAsAdmin(server.admin, alice, ['employeeType'])).toEqual({ employeeType: ['active'] })
  })
})
