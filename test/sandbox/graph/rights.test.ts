import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import type { Permission } from '#src/sandbox/graph/permissions.ts'
import type { RoleName } from '#src/sandbox/graph/roles.ts'
import { askToken, eventual, secretForm, startTenant } from '#test/sandbox/graph/tenant.ts'

const ada = { id: 'aaaaaaaa-0000-4000-8000-000000000001', userPrincipalName: 'ada@corp.example' }
const url = `/v1.0/users/${ada.id}`

const requests = {
  read: ['GET', url],
  list: ['GET', '/v1.0/users'],
  disable: ['PATCH', url, { accountEnabled: false }],
  reset: ['PATCH', url, { passwordProfile: { forceChangePasswordNextSignIn: true } }],
  revoke: ['POST', `${url}/revokeSignInSessions`],
  assignments: ['GET', `/v1.0/roleManagement/directory/roleAssignments?$filter=principalId eq '${ada.id}'`],
  eligible: [
    'GET',
    `/v1.0/roleManagement/directory/roleEligibilitySchedules?$filter=principalId eq '${ada.id}'`,
  ],
  principals: ['GET', '/v1.0/servicePrincipals'],
  organization: ['GET', '/v1.0/organization'],
  groups: ['GET', '/v1.0/groups'],
  signIns: ['GET', `${url}?$select=signInActivity`],
} as const

async function statuses(permissions: readonly Permission[]): Promise<Record<string, number>> {
  await using tenant = await startTenant({ people: [ada], permissions })
  const found: Record<string, number> = {}
  const codes = new Set<string | undefined>()
  for (const [name, [method, path, body]] of Object.entries(requests)) {
    const answer = await tenant.graph.send(method, path, body)
    found[name] = answer.status
    codes.add(answer.body?.error?.code)
  }
  codes.delete(undefined)
  expect([...codes]).toEqual(['Authorization_RequestDenied'])
  return found
}

const nothing = Object.fromEntries(Object.keys(requests).map((name) => [name, 403]))
test.each<[readonly Permission[], Record<string, number>]>([
  [[], {}],
  [['User.Read.All'], { read: 200, list: 200 }],
  [['User.EnableDisableAccount.All'], {}],
  [['User.EnableDisableAccount.All', 'User.Read.All'], { read: 200, list: 200, disable: 204 }],
  [['User.RevokeSessions.All'], { revoke: 200 }],
  [['User-PasswordProfile.ReadWrite.All'], { reset: 204 }],
  [['User.ReadWrite.All'], { read: 200, list: 200, disable: 204, revoke: 200 }],
  [['RoleManagement.Read.Directory'], { assignments: 200, eligible: 200 }],
  [['RoleEligibilitySchedule.Read.Directory'], { eligible: 200 }],
  [['Application.Read.All'], { principals: 200 }],
  [['Organization.Read.All'], { organization: 200 }],
  [['GroupMember.Read.All'], { groups: 200 }],
  [['AuditLog.Read.All', 'User.Read.All'], { read: 200, list: 200, signIns: 200 }],
])('with %j the app may do just that', async (permissions, expected) => {
  expect(await statuses(permissions)).toEqual({ ...nothing, ...expected })
})

test('consent shows in the next token only', async () => {
  await using tenant = await startTenant({ people: [ada], permissions: ['User.Read.All'] })
  const { entra, graph } = tenant
  const disable = async () => (await graph.send('PATCH', url, { accountEnabled: false })).status
  expect(await disable()).toBe(403)
  entra.rights.grant('User.EnableDisableAccount.All')
  expect(await disable()).toBe(403)
  await graph.renew()
  expect(await disable()).toBe(204)
  entra.rights.revoke('User.EnableDisableAccount.All')
  await graph.renew()
  expect(await disable()).toBe(403)
})

test('directory roles of the app count at once and stand in the next token', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  entra.giveRole(ada.id, 'Global Administrator')
  const disable = async () => (await graph.send('PATCH', url, { accountEnabled: false })).status
  expect(await disable()).toBe(403)
  entra.rights.grantRole('Privileged Authentication Administrator')
  expect(await disable()).toBe(204)
  const { body } = await askToken(entra, secretForm(entra))
  expect(decodeJwt(body.access_token)['wids']).toContain('7be44c8a-adaf-4e2a-84d6-ab2649e08a13')
  entra.rights.revokeRole('Privileged Authentication Administrator')
  expect(await disable()).toBe(403)
})

// Rows of "Privileged roles and permissions in Microsoft Entra ID": what the app's role is, whom it acts on, what it may.
test.each<[RoleName, RoleName, string]>([
  ['Privileged Authentication Administrator', 'Global Administrator', 'disable, reset'],
  ['Global Administrator', 'Security Administrator', 'disable, reset'],
  ['User Administrator', 'Global Administrator', ''],
  ['User Administrator', 'User Administrator', 'disable, reset'],
  ['User Administrator', 'Helpdesk Administrator', 'disable, reset'],
  ['User Administrator', 'Authentication Administrator', ''],
  ['User Administrator', 'Security Administrator', ''],
  ['Authentication Administrator', 'Authentication Administrator', 'disable, reset'],
  ['Authentication Administrator', 'Reports Reader', 'disable, reset'],
  ['Authentication Administrator', 'Groups Administrator', ''],
  ['Helpdesk Administrator', 'Helpdesk Administrator', 'reset'],
  ['Helpdesk Administrator', 'Password Administrator', 'reset'],
  ['Password Administrator', 'Password Administrator', 'reset'],
  ['Password Administrator', 'Reports Reader', ''],
  ['Security Administrator', 'Helpdesk Administrator', ''],
  ['Directory Readers', 'Directory Readers', 'disable, reset'],
])('%s acts on %s: %s', async (actor, target, expected) => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  entra.giveRole(ada.id, target)
  entra.rights.grantRole(actor)
  const may: string[] = []
  for (const name of ['disable', 'reset'] as const) {
    const [method, path, body] = requests[name]
    if ((await graph.send(method, path, body)).status === 204) may.push(name)
  }
  expect(may.join(', ')).toBe(expected)
})

test('a custom role, a role-assignable group and owning one make somebody privileged', async () => {
  await using tenant = await startTenant({
    people: [ada, { userPrincipalName: 'b@corp.example' }, { userPrincipalName: 'c@corp.example' }],
  })
  const { entra, graph } = tenant
  entra.rights.grantRole('User Administrator')
  entra.giveRole(ada.id, { id: '11111111-2222-4333-8444-555555555555', displayName: 'Printer Keeper' })
  const inner = entra.addGroup({ displayName: 'Inner', members: ['b@corp.example'] })
  const group = {
    displayName: 'Tier 0',
    isAssignableToRole: true,
    members: [inner.id],
    owners: ['c@corp.example'],
  }
  entra.addGroup(group)
  for (const name of [ada.userPrincipalName, 'b@corp.example', 'c@corp.example']) {
    const answer = await graph.send('PATCH', `/v1.0/users/${entra.person(name).id}`, {
      accountEnabled: false,
    })
    expect(answer.status).toBe(403)
  }
})

test('the other refusal that was seen for privileged people is a read-only property', async () => {
  await using tenant = await startTenant({
    people: [ada],
    settings: { privilegedRefusal: 'read_only_property' },
  })
  tenant.entra.giveRole(ada.id, 'Global Administrator')
  const { status, body } = await tenant.graph.send('PATCH', url, { accountEnabled: false })
  expect([status, body.error.code]).toEqual([400, 'Request_BadRequest'])
  expect(body.error.message).toContain('read-only')
  expect(tenant.entra.complaints).toEqual([])
})

test('members of a restricted unit are out of reach without a role at its scope', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  const unit = entra.addUnit({ displayName: 'Board', isMemberManagementRestricted: true, members: [ada.id] })
  entra.rights.grantRole('Privileged Authentication Administrator')
  const disable = async () => (await graph.send('PATCH', url, { accountEnabled: false })).status
  expect((await graph.get(`${url}?$select=isManagementRestricted`)).body.isManagementRestricted).toBe(true)
  expect(await disable()).toBe(403)
  entra.rights.grantRole('User Administrator', { scope: `/administrativeUnits/${unit.id}` })
  expect(await disable()).toBe(204)
  entra.giveRole(ada.id, 'Global Administrator')
  expect(await disable()).toBe(403)
})

test('revoking the sessions of administrators needs a role where the tenant is strict about it', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  entra.giveRole(ada.id, 'Security Administrator')
  const revoke = async () => (await graph.send('POST', `${url}/revokeSignInSessions`)).status
  expect(await revoke()).toBe(200)
  entra.settings.revokingAdminsNeedsRole = true
  expect(await revoke()).toBe(403)
})

test('roles and groups without the right to name them come as type and id', async () => {
  await using tenant = await startTenant({ people: [ada], permissions: ['User.Read.All'] })
  const { entra, graph } = tenant
  entra.giveRole(ada.id, 'User Administrator')
  const group = entra.addGroup({ displayName: 'Staff', members: [ada.id] })
  const roles = await graph.get(
    `${url}/transitiveMemberOf/microsoft.graph.directoryRole?$count=true`,
    eventual,
  )
  expect(roles.body.value).toMatchObject([{ displayName: null, roleTemplateId: null }])
  expect(roles.body.value[0].id).toMatch(/^[\da-f-]{36}$/)
  const all = await graph.get(`${url}/memberOf`)
  expect(all.body.value.find((one: { id: string }) => one.id === group.id)).toMatchObject({
    '@odata.type': '#microsoft.graph.group',
    displayName: null,
  })
})
