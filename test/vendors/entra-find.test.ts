import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { PersonQuery } from '#src/iam/connector.ts'
import { failure } from '#test/helpers/connector-failure.ts'
import { type EntraFixture, startEntra } from '#test/vendors/entra-fixture.ts'

const never = new AbortController().signal
let entra: EntraFixture

beforeEach(async () => {
  entra = await startEntra()
})

afterEach(async () => {
  await entra.ended()
})

const find = (value: string, kind: PersonQuery['kind'] = 'address', connector = entra.connector) =>
  connector.find(kind === 'domain_login' ? { kind, domain: 'CORP', value } : { kind, value }, never)
const filters = () =>
  entra.tenant.calls
    .map(({ query }) => new URLSearchParams(query.replaceAll('+', '%2B')).get('$filter'))
    .filter((filter) => filter !== null)

describe('an address', () => {
  it.each([
    ['an apostrophe', "o'brien@corp.example"],
    ['a plus sign', 'al+ice@corp.example'],
    ['an ampersand', 'r&d@corp.example'],
    ['a percent sign', '100%25@corp.example'],
    ['letters of another script', 'žofie@corp.example'],
  ])('with %s finds exactly that person', async (_, address) => {
    const { id } = entra.tenant.addPerson({ userPrincipalName: address })
    entra.add('obrien')
    entra.add('al ice')
    expect((await find(address)).map((one) => one.id)).toEqual([id])
    expect((await find(address.toUpperCase())).map((one) => one.id)).toEqual([id])
  })

  it.each([
    "' or accountEnabled eq true or mail eq '",
    "x@corp.example' or startsWith(mail,'a') or mail eq 'y",
    "''",
    'alice@corp.example&$filter=accountEnabled eq true',
    'alice@corp.example%27 or 1 eq 1',
    '"alice@corp.example"',
    'alice@corp.example#',
    '../users',
  ])('that is %j finds nobody, and means nothing else', async (address) => {
    entra.add('alice')
    expect(await find(address)).toEqual([])
    expect(filters().some((one) => one.includes(`'${address.replaceAll("'", "''")}'`))).toBe(true)
  })

  it.each(['', 'alice\u0000@corp.example', 'alice\n@corp.example', 'a'.repeat(257), '\ud800@corp.example'])(
    'that nobody can have (%j) is not even asked for',
    async (address) => {
      entra.add('alice')
      expect(await find(address)).toEqual([])
      expect(entra.tenant.calls).toEqual([])
    },
  )

  it('finds a guest by the outside address and by the name with #EXT#', async () => {
    const { id, properties } = entra.tenant.addPerson({ userType: 'Guest', mail: 'gina@partner.example' })
    expect(properties.userPrincipalName).toContain('#EXT#')
    expect(await find('gina@partner.example')).toMatchObject([{ id, foundBy: 'email', notes: ['guest'] }])
    expect(await find(properties.userPrincipalName)).toMatchObject([{ id, foundBy: 'user_principal_name' }])
    expect(await find(properties.userPrincipalName, 'login')).toEqual([])
  })

  it('finds a person whose mail differs from the name, by either and by an alias, without case', async () => {
    const id = entra.add('alice', {
      mail: 'Alice.Nguyen@corp.example',
      proxyAddresses: ['SMTP:Alice.Nguyen@corp.example', 'smtp:al@corp.example', 'X500:/o=al2@corp.example'],
    })
    expect(await find('alice@corp.example')).toMatchObject([{ id, foundBy: 'user_principal_name' }])
    expect(await find('ALICE.nguyen@corp.example')).toMatchObject([{ id, foundBy: 'email' }])
    expect(await find('AL@corp.example')).toMatchObject([{ id, foundBy: 'email' }])
    const [found] = await find('alice@corp.example')
    expect(found?.emails).toEqual(['alice.nguyen@corp.example', 'al@corp.example'])
    expect(found?.primaryEmail).toBe('Alice.Nguyen@corp.example')
  })

  it('that two people share as another mail finds both, weakly', async () => {
    const ids = ['ann', 'bea'].map((name) => entra.add(name, { otherMails: ['Twins@home.example'] }))
    const found = await find('twins@home.example')
    expect(found.map((one) => one.id).toSorted()).toEqual(ids.toSorted())
    expect(found.map(({ foundBy }) => foundBy)).toEqual(['secondary_email', 'secondary_email'])
  })
})

describe('where Entra takes fewer filters', () => {
  it.each([
    ['joined ones', { joinedFilterRefused: true }],
    ['addresses without the advanced parameters', { addressesNeedAdvanced: true }],
    ['both', { joinedFilterRefused: true, addressesNeedAdvanced: true }],
  ])('and refuses %s, people are found all the same, each once', async (_, settings) => {
    Object.assign(entra.tenant.settings, settings)
    const proxyAddresses = ['SMTP:alice@corp.example', 'smtp:al@corp.example']
    const id = entra.add('alice', { proxyAddresses, otherMails: ['ali@home.example'] })
    expect(await find('alice@corp.example')).toMatchObject([{ id, foundBy: 'user_principal_name' }])
    expect(await find('al@corp.example')).toMatchObject([{ id, foundBy: 'email' }])
    expect(await find('ali@home.example')).toMatchObject([{ id, foundBy: 'secondary_email' }])
    expect(await find('nobody@corp.example')).toEqual([])
  })

  it('nothing that only the late index says is believed', async () => {
    entra.tenant.settings.addressesNeedAdvanced = true
    entra.add('alice', { otherMails: ['ali@home.example'] })
    entra.add('gone', { otherMails: ['ali@home.example'] })
    entra.tenant.holdIndex()
    entra.tenant.changePerson('alice@corp.example', {
      properties: { accountEnabled: false, otherMails: ['ali@home.example', 'new@home.example'] },
    })
    entra.tenant.removePerson('gone@corp.example')
    const found = await find('ali@home.example')
    expect(found.map(({ login, state }) => [login, state])).toEqual([['alice@corp.example', 'disabled']])
  })
})

describe('a short name', () => {
  it('is the name in the on-premises directory', async () => {
    const id = entra.add('alice.nguyen', { onPremisesSyncEnabled: true, onPremisesSamAccountName: 'ANguyen' })
    entra.add('anguyen2', { onPremisesSamAccountName: 'anguyen2' })
    expect(await find('anguyen', 'login')).toMatchObject([{ id, foundBy: 'login', synchronized: true }])
  })

  it('is a personnel number, weakly, and an object id', async () => {
    const id = entra.add('alice', { employeeId: '4711' })
    expect(await find('4711', 'login')).toMatchObject([{ id, foundBy: 'employee_id', employeeId: '4711' }])
    expect(await find(id, 'login')).toMatchObject([{ id, foundBy: 'id' }])
    expect(await find(id.toUpperCase(), 'id')).toMatchObject([{ id, foundBy: 'id' }])
  })

  it.each(['a/b', '$count', '..', '.', "o'neil", 'delta', '%2e%2e', 'alice/memberOf'])(
    'that is %j reaches nothing but people',
    async (name) => {
      entra.add('alice')
      expect(await find(name, 'login')).toEqual([])
      const paths = entra.tenant.calls.map(({ path }) => path)
      expect(new Set(paths)).toEqual(new Set(['/v1.0/users']))
      expect(entra.tenant.complaints).toEqual([])
    },
  )

  it('of another directory asks nothing here', async () => {
    for (const kind of ['domain_login', 'dn', 'sid'] as const) expect(await find('alice', kind)).toEqual([])
    expect(entra.tenant.calls).toEqual([])
  })
})

describe('a synchronized person', () => {
  it('carries what ties them to the Active Directory account', async () => {
    // From mS-DS-ConsistencyGuid: its raw bytes, whatever objectGUID is.
    const onPremisesImmutableId = Buffer.from('00112233445566778899aabbccddeeff', 'hex').toString('base64')
    const onPremisesSecurityIdentifier = 'S-1-5-21-1-2-3-1104'
    entra.add('sync', { onPremisesSyncEnabled: true, onPremisesImmutableId, onPremisesSecurityIdentifier })
    const [found] = await find('sync@corp.example')
    expect(found).toMatchObject({
      synchronized: true,
      notes: ['synchronized'],
      sharedIds: { sourceAnchor: onPremisesImmutableId, objectSid: onPremisesSecurityIdentifier },
    })
  })

  it('of former times counts as not synchronized', async () => {
    entra.add('former', { onPremisesSyncEnabled: false })
    expect(await find('former@corp.example')).toMatchObject([{ synchronized: false, notes: [] }])
  })
})

describe('reading by id', () => {
  it('takes nobody who is merely called so', async () => {
    expect((await failure(entra.connector.read('alice@corp.example', never))).code).toBe('not_found')
    expect((await failure(entra.connector.read('../groups', never))).code).toBe('not_found')
    expect(entra.tenant.calls).toEqual([])
  })
})

describe('groups and roles on several pages', () => {
  beforeEach(() => {
    entra.tenant.settings.pageSize = 2
    entra.add('alice')
    for (let number = 1; number <= 5; number += 1)
      entra.tenant.addGroup({ displayName: `G${number}`, members: ['alice@corp.example'] })
  })

  it('are all read', async () => {
    const connector = entra.connect({ protectedGroups: ['g5'] })
    expect(await find('alice@corp.example', 'address', connector)).toMatchObject([
      { protectedGroups: ['g5'], privilegeKnown: true },
    ])
  })

  it('are refused when the next page is somewhere else, which never sees our token', async () => {
    const other = await startEntra()
    onTestFinished(() => other.ended())
    entra.tenant.settings.nextLinkOrigin = other.tenant.graphUrl
    const { code, facts } = await failure(find('alice@corp.example'))
    expect([code, facts.detail]).toEqual(['bad_response', 'foreign_link'])
    expect(other.tenant.calls).toEqual([])
  })

  it('are refused when they have no end', async () => {
    const id = entra.tenant.person('alice@corp.example').id
    const next = `${entra.tenant.graphUrl}/v1.0/users/${id}/transitiveMemberOf/microsoft.graph.group?$count=true`
    entra.tenant.faults.whenever(
      { path: /microsoft\.graph\.group$/ },
      { kind: 'body', status: 200, body: { value: [], '@odata.nextLink': next } },
    )
    const { code, facts } = await failure(find('alice@corp.example'))
    expect([code, facts.detail]).toEqual(['bad_response', 'endless_list'])
  })
})
