import { expect, test } from 'vitest'
import { directoryRoles } from '#src/sandbox/graph/roles.ts'
import { eventual, startTenant } from '#test/sandbox/graph/tenant.ts'

const ada = { id: 'aaaaaaaa-0000-4000-8000-000000000001', userPrincipalName: 'ada@corp.example' }
const url = `/v1.0/users/${ada.id}`
const roles = `${url}/transitiveMemberOf/microsoft.graph.directoryRole`
const groups = `${url}/transitiveMemberOf/microsoft.graph.group`
const assignments = (id: string) =>
  `/v1.0/roleManagement/directory/roleAssignments?$filter=${encodeURIComponent(`principalId eq '${id}'`)}`

const names = (body: { value: { displayName: string }[] }) =>
  body.value.map((one) => one.displayName).toSorted()

test('casts of memberships need the advanced parameters', async () => {
  await using tenant = await startTenant({ people: [ada] })
  for (const [path, headers] of [
    [roles, {}],
    [roles, eventual],
    [`${groups}?$select=id`, eventual],
  ] as const) {
    const { status, body } = await tenant.graph.get(path, headers)
    expect([status, body.error.code]).toEqual([400, 'Request_UnsupportedQuery'])
  }
})

test('roles are seen directly and through role-assignable groups, nested groups as groups', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  const inner = entra.addGroup({ displayName: 'Inner', members: [ada.userPrincipalName] })
  entra.addGroup({ displayName: 'Outer', members: [inner.id] })
  const admins = { displayName: 'Admins', isAssignableToRole: true, members: [ada.id] }
  entra.addGroup({ ...admins, roles: ['Exchange Administrator'] })
  entra.giveRole(ada.id, 'User Administrator')

  const held = await graph.get(`${roles}?$select=id,displayName,roleTemplateId&$count=true`, eventual)
  expect(names(held.body)).toEqual(['Exchange Administrator', 'User Administrator'])
  expect(held.body.value[0]).not.toHaveProperty('@odata.type')
  expect(held.body.value.map((one: { roleTemplateId: string }) => one.roleTemplateId)).toContain(
    directoryRoles['User Administrator'],
  )
  expect(held.body['@odata.count']).toBe(2)

  const within = await graph.get(`${groups}?$select=id,displayName,isAssignableToRole&$count=true`, eventual)
  expect(names(within.body)).toEqual(['Admins', 'Inner', 'Outer'])
  const flags = within.body.value.map((one: { isAssignableToRole: boolean | null }) => one.isAssignableToRole)
  expect(flags.toSorted()).toEqual([null, null, true])

  const direct = await graph.get(`${url}/memberOf`)
  expect(names(direct.body)).toEqual(['Admins', 'Inner', 'User Administrator'])
})

test('roles at the scope of a unit, and custom ones, stand in the assignments only', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  const unit = entra.addUnit({ displayName: 'Berlin' })
  entra.giveRole(ada.id, 'Helpdesk Administrator', { scope: `/administrativeUnits/${unit.id}` })
  const custom = { id: '11111111-2222-4333-8444-555555555555', displayName: 'Printer Keeper' }
  entra.giveRole(ada.id, custom)
  expect((await graph.get(`${roles}?$count=true`, eventual)).body.value).toEqual([])
  const { body } = await graph.get(`${assignments(ada.id)}&$expand=roleDefinition`)
  expect(body.value).toMatchObject([
    {
      directoryScopeId: `/administrativeUnits/${unit.id}`,
      roleDefinition: { displayName: 'Helpdesk Administrator', isBuiltIn: true },
    },
    { directoryScopeId: '/', roleDefinitionId: custom.id, roleDefinition: { isBuiltIn: false } },
  ])
  const plain = await graph.get(assignments(ada.id))
  expect(plain.body.value[0]).not.toHaveProperty('roleDefinition')
  const one = await graph.get(`/v1.0/roleManagement/directory/roleDefinitions/${custom.id}`)
  expect(one.body.displayName).toBe('Printer Keeper')
})

test('assignments show nothing that comes through a group, and need a filter', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  const group = { displayName: 'Admins', isAssignableToRole: true, members: [ada.id] }
  const { id } = entra.addGroup({ ...group, roles: ['Exchange Administrator'] })
  expect((await graph.get(assignments(ada.id))).body.value).toEqual([])
  expect((await graph.get(assignments(id))).body.value).toHaveLength(1)
  expect((await graph.get('/v1.0/roleManagement/directory/roleAssignments')).status).toBe(400)
})

test('roles that somebody may take at will are no assignments', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  entra.giveRole(ada.id, 'Global Administrator', { isEligible: true })
  expect((await graph.get(`${roles}?$count=true`, eventual)).body.value).toEqual([])
  expect((await graph.get(assignments(ada.id))).body.value).toEqual([])
  for (const name of ['roleEligibilitySchedules', 'roleEligibilityScheduleInstances']) {
    const path = assignments(ada.id).replace('roleAssignments', name)
    const { body } = await graph.get(`${path}&$expand=roleDefinition`)
    expect(body.value).toMatchObject([{ roleDefinition: { displayName: 'Global Administrator' } }])
  }
  expect((await graph.send('PATCH', url, { accountEnabled: false })).status).toBe(204)
})

test('the app can look up itself: its permissions, its roles, the end of its secret', async () => {
  await using tenant = await startTenant({ permissions: ['Application.Read.All', 'User.Read.All'] })
  const { entra, graph } = tenant
  entra.rights.grantRole('User Administrator')
  const find = async (appId: string) => {
    const { body } = await graph.get(
      `/v1.0/servicePrincipals?$filter=${encodeURIComponent(`appId eq '${appId}'`)}`,
    )
    expect(body.value).toHaveLength(1)
    return body.value[0]
  }
  const own = await find(entra.app.clientId)
  expect(own.id).toBe(entra.app.principalId)
  expect(Date.parse(own.passwordCredentials[0].endDateTime)).toBeGreaterThan(Date.now())
  const vendor = await find('00000003-0000-0000-c000-000000000000')
  const granted = await graph.get(`/v1.0/servicePrincipals/${own.id}/appRoleAssignments`)
  const known: { id: string; value: string }[] = vendor.appRoles
  const value = (id: string) => known.find((one) => one.id === id)?.value
  const given = granted.body.value.map((one: { appRoleId: string }) => value(one.appRoleId))
  expect(given.toSorted()).toEqual(['Application.Read.All', 'User.Read.All'])
  const path = `/v1.0/servicePrincipals/${own.id}/transitiveMemberOf/microsoft.graph.directoryRole?$count=true`
  expect((await graph.get(path, eventual)).body.value).toMatchObject([{ displayName: null }])
})

test('the tenant says when it was last synchronized', async () => {
  await using tenant = await startTenant({
    permissions: ['Organization.Read.All'],
    settings: { organization: { onPremisesSyncEnabled: true, onPremisesLastSyncDateTime: null } },
    now: () => Date.parse('2026-11-21T10:00:00Z'),
  })
  const read = async () =>
    (await tenant.graph.get('/v1.0/organization?$select=id,onPremisesSyncEnabled,onPremisesLastSyncDateTime'))
      .body
  expect((await read()).value[0].onPremisesLastSyncDateTime).toBeNull()
  tenant.entra.synchronize()
  expect((await read()).value).toEqual([
    {
      id: tenant.entra.tenantId,
      onPremisesSyncEnabled: true,
      onPremisesLastSyncDateTime: '2026-11-21T10:00:00Z',
    },
  ])
})

test('groups are found by id', async () => {
  await using tenant = await startTenant()
  const { id } = tenant.entra.addGroup({ displayName: 'Staff' })
  tenant.entra.addGroup({ displayName: 'Others' })
  const filter = encodeURIComponent(`id eq '${id}'`)
  const { body } = await tenant.graph.get(`/v1.0/groups?$filter=${filter}&$select=id,displayName`)
  expect(body.value).toEqual([{ id, displayName: 'Staff' }])
})
