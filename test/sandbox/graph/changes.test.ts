import { expect, test } from 'vitest'
import { eventual, startTenant } from '#test/sandbox/graph/tenant.ts'

const ada = { id: 'aaaaaaaa-0000-4000-8000-000000000001', userPrincipalName: 'ada@corp.example' }
const url = `/v1.0/users/${ada.id}`

test('disabling ends sign-ins and sessions, enabling brings back those that were not revoked', async () => {
  await using tenant = await startTenant({ people: [{ ...ada, password: 'Long-Enough-1' }] })
  const { entra, graph } = tenant
  const session = entra.openSession(ada.id)
  expect(entra.signIn(ada.userPrincipalName, 'Long-Enough-1').kind).toBe('signed_in')

  expect((await graph.send('PATCH', url, { accountEnabled: false })).status).toBe(204)
  expect(entra.signIn(ada.userPrincipalName, 'Long-Enough-1')).toEqual({ kind: 'refused', code: 50057 })
  expect([session.works(), session.accessTokenWorks()]).toEqual([false, true])

  expect((await graph.send('PATCH', url, { accountEnabled: true })).status).toBe(204)
  expect(session.works()).toBe(true)

  const revoked = await graph.send('POST', `${url}/revokeSignInSessions`)
  expect([revoked.status, revoked.body.value]).toEqual([200, true])
  expect(session.works()).toBe(false)
  expect(entra.openSession(ada.id).works()).toBe(true)
  expect(entra.complaints).toEqual([])
})

test('the time before which sessions count no more is moved, and can be read', async () => {
  await using tenant = await startTenant({ people: [ada], now: () => Date.parse('2026-11-21T10:00:00.700Z') })
  const { graph } = tenant
  const select = '?$select=id,signInSessionsValidFromDateTime'
  expect((await graph.get(url + select)).body.signInSessionsValidFromDateTime).toBe('2024-03-01T08:00:00Z')
  await graph.send('POST', `${url}/revokeSignInSessions`)
  expect((await graph.get(url + select)).body.signInSessionsValidFromDateTime).toBe('2026-11-21T10:00:00Z')
})

test('sessions of guests live on: they sign in at home', async () => {
  await using tenant = await startTenant({ people: [{ ...ada, userType: 'Guest' }] })
  const session = tenant.entra.openSession(ada.id)
  await tenant.graph.send('POST', `${url}/revokeSignInSessions`)
  expect(session.works()).toBe(true)
  expect(tenant.entra.signIn(ada.userPrincipalName, 'x').kind).toBe('home_tenant')
})

test('a forced password change needs no new password and shows at the next sign-in', async () => {
  await using tenant = await startTenant({ people: [{ ...ada, password: 'Long-Enough-1' }] })
  const { entra, graph } = tenant
  const body = { passwordProfile: { forceChangePasswordNextSignInWithMfa: true } }
  expect((await graph.send('PATCH', url, body)).status).toBe(204)
  expect(entra.signIn(ada.userPrincipalName, 'Long-Enough-1')).toEqual({
    kind: 'must_change_password',
    withMfa: true,
  })
  expect((await graph.get(`${url}?$select=passwordProfile`)).body.passwordProfile).toBeNull()
  entra.choosePassword(ada.id, 'Another-One-2')
  expect(entra.signIn(ada.userPrincipalName, 'Another-One-2').kind).toBe('signed_in')
})

test('the password of somebody synchronized belongs to the on-premises directory', async () => {
  await using tenant = await startTenant({ people: [{ ...ada, onPremisesSyncEnabled: true }] })
  const { entra, graph } = tenant
  const refused = await graph.send('PATCH', url, { passwordProfile: { forceChangePasswordNextSignIn: true } })
  expect([refused.status, refused.body.error.code]).toEqual([400, 'Request_BadRequest'])
  expect(refused.body.error.message).toContain('on-premises mastered')
  expect(entra.complaints).toEqual([])
})

test('the next synchronization writes the on-premises state back', async () => {
  await using tenant = await startTenant({ people: [{ ...ada, onPremisesSyncEnabled: true }] })
  await tenant.graph.send('PATCH', url, { accountEnabled: false })
  expect(tenant.entra.person(ada.id).properties.accountEnabled).toBe(false)
  tenant.entra.synchronize()
  expect(tenant.entra.person(ada.id).properties.accountEnabled).toBe(true)
})

test('for some reads after a change a replica shows what was', async () => {
  await using tenant = await startTenant({ people: [ada], settings: { replicaLag: { reads: 2, ms: 0 } } })
  const { entra, graph } = tenant
  await graph.send('PATCH', url, { accountEnabled: false })
  expect(entra.person(ada.id).properties.accountEnabled).toBe(false)
  const seen: boolean[] = []
  for (let i = 0; i < 3; i += 1)
    seen.push((await graph.get(`${url}?$select=accountEnabled`)).body.accountEnabled)
  expect(seen).toEqual([true, true, false])
})

test('a replica lags for a while by the clock', async () => {
  let now = Date.parse('2026-11-21T10:00:00Z')
  await using tenant = await startTenant({
    people: [ada],
    now: () => now,
    settings: { replicaLag: { reads: 0, ms: 3000 } },
  })
  const read = async () => (await tenant.graph.get(`${url}?$select=accountEnabled`)).body.accountEnabled
  await tenant.graph.send('PATCH', url, { accountEnabled: false })
  now += 2999
  expect(await read()).toBe(true)
  now += 1
  expect(await read()).toBe(false)
})

test('the index of advanced queries lags on its own', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const { entra, graph } = tenant
  entra.holdIndex()
  entra.giveRole(ada.id, 'User Administrator')
  const roles = `${url}/transitiveMemberOf/microsoft.graph.directoryRole?$count=true`
  expect((await graph.get(roles, eventual)).body.value).toEqual([])
  entra.releaseIndex()
  expect((await graph.get(roles, eventual)).body.value).toMatchObject([{ displayName: 'User Administrator' }])
})

test.each([
  ['a text for a boolean', { accountEnabled: 'false' }],
  ['nothing', {}],
  ['another property', { accountEnabled: false, displayName: 'X' }],
  ['no object', [1]],
  ['an unknown flag', { passwordProfile: { force: true } }],
])('a change with %s is refused as malformed, changes nothing and is complained about', async (_, body) => {
  const tenant = await startTenant({ people: [ada] })
  const answer = await tenant.graph.send('PATCH', url, body)
  expect([answer.status, answer.body.error.code]).toEqual([400, 'Request_BadRequest'])
  expect(tenant.entra.person(ada.id).properties.accountEnabled).toBe(true)
  expect(tenant.entra.complaints).toHaveLength(1)
  await tenant.entra.close()
})

test('a change by name works, and is complained about', async () => {
  await using tenant = await startTenant({ people: [ada] })
  const answer = await tenant.graph.send('PATCH', '/v1.0/users/ADA@corp.example', { accountEnabled: false })
  expect(answer.status).toBe(204)
  expect(tenant.entra.complaints).toEqual(['A change names ADA@corp.example, not an object id'])
})

test.each(['no_content', 'without_value'] as const)('revoking may answer %s', async (revokeAnswer) => {
  await using tenant = await startTenant({ people: [ada], settings: { revokeAnswer } })
  const answer = await tenant.graph.send('POST', `${url}/revokeSignInSessions`)
  expect(answer.status).toBe(revokeAnswer === 'no_content' ? 204 : 200)
  expect(answer.body?.value).toBeUndefined()
})
