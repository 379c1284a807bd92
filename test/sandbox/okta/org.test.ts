import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Okta, startOkta } from '#src/sandbox/okta/start.ts'
import { type OktaStatus, oktaStatuses } from '#src/sandbox/okta/world.ts'
import { checkCalls, hasVendorSchemas } from '#test/helpers/vendor-schemas.ts'
import { askForToken, call, type Claims } from '#test/sandbox/okta/org.ts'

// What Okta's documentation says; a stand-in that is kinder proves nothing.
let okta: Okta

beforeEach(async () => {
  okta = await startOkta()
})

afterEach(async () => {
  await okta.close()
})

const person = (status: OktaStatus = 'ACTIVE', more: object = {}): string =>
  okta.addPerson({ login: `${status.toLowerCase()}@corp.example`, status, ...more }).id

describe('the lifecycle', () => {
  const allowed: Readonly<Record<string, readonly OktaStatus[]>> = {
    suspend: ['ACTIVE'],
    unsuspend: ['SUSPENDED'],
    unlock: ['LOCKED_OUT'],
    activate: ['STAGED', 'DEPROVISIONED'],
    reactivate: ['PROVISIONED', 'RECOVERY'],
    deactivate: oktaStatuses.filter((status) => status !== 'DEPROVISIONED'),
    expire_password: ['ACTIVE'],
  }
  it.each(Object.entries(allowed))('takes %s only from %j', async (step, statuses) => {
    for (const status of oktaStatuses) {
      const id = person(status)
      const query = step === 'reactivate' ? '?sendEmail=false' : ''
      const { status: answered } = await call(okta, 'POST', `/api/v1/users/${id}/lifecycle/${step}${query}`)
      const isAllowed = statuses.includes(status)
      expect([status, answered < 300]).toEqual([status, isAllowed])
      // What is refused changes nothing; `reactivate` sends the link anew and changes no status either.
      expect(okta.person(id).status === status, status).toBe(!isAllowed || step === 'reactivate')
    }
  })

  it('refuses the same twice', async () => {
    const path = `/api/v1/users/${person()}/lifecycle/suspend`
    expect((await call(okta, 'POST', path)).status).toBe(200)
    expect(await call(okta, 'POST', path)).toMatchObject({ status: 400, body: { errorCode: 'E0000001' } })
  })

  it('carries a deactivation out by and by', async () => {
    okta.settings.transitions = 'one_read'
    const id = person()
    await call(okta, 'POST', `/api/v1/users/${id}/lifecycle/deactivate`)
    const read = () => call(okta, 'GET', `/api/v1/users/${id}`)
    expect((await read()).body).toMatchObject({ status: 'ACTIVE', transitioningToStatus: 'DEPROVISIONED' })
    expect((await read()).body).toMatchObject({ status: 'DEPROVISIONED' })
    expect(okta.person(id)).toMatchObject({ applications: [], sessions: [] })
  })

  it('unlocks nobody whom a directory locked', async () => {
    const id = person('LOCKED_OUT', { provider: { type: 'LDAP', name: 'unix' } })
    expect((await call(okta, 'POST', `/api/v1/users/${id}/lifecycle/unlock`)).status).toBe(403)
  })
})

describe('sessions', () => {
  it('end by id only, tokens and remembered devices with them', async () => {
    const id = person()
    const path = (name: string) => `/api/v1/users/${name}/sessions?oauthTokens=true&forgetDevices=true`
    expect((await call(okta, 'DELETE', path('active@corp.example'))).status).toBe(404)
    expect((await call(okta, 'DELETE', path(id))).status).toBe(204)
    expect(okta.person(id)).toMatchObject({ sessions: [], oauthTokens: [], devicesRemembered: false })
    expect(okta.person(id).appSessions).toHaveLength(1)
  })

  it('can not be looked at, and tokens have no such path', async () => {
    const id = person()
    expect((await call(okta, 'GET', `/api/v1/users/${id}/sessions`)).status).toBe(405)
    expect((await call(okta, 'DELETE', `/api/v1/users/${id}/oauth/tokens`)).status).toBe(404)
  })
})

describe('reading', () => {
  it('completes a short name when it fits one person', async () => {
    const id = person()
    expect((await call(okta, 'GET', '/api/v1/users/active')).body).toMatchObject({ id })
    okta.addPerson({ login: 'active@other.example' })
    expect((await call(okta, 'GET', '/api/v1/users/active')).status).toBe(404)
  })

  it('finds those who are gone by search, ignoring case, and not in the plain list', async () => {
    const id = person('DEPROVISIONED')
    const search = (text: string) => call(okta, 'GET', `/api/v1/users?search=${encodeURIComponent(text)}`)
    expect((await search('profile.login eq "DEPROVISIONED@corp.example"')).body).toMatchObject([{ id }])
    expect(JSON.stringify((await call(okta, 'GET', '/api/v1/users')).body)).not.toContain(id)
    for (const wrong of [
      'profile.login ne "x"',
      'profile.Login eq "x"',
      'profile.login eq x',
      'profile.login eq "x',
    ])
      expect((await search(wrong)).status, wrong).toBe(400)
  })

  it('searches an index that may be behind', async () => {
    const id = person()
    okta.holdIndex()
    okta.changePerson(id, { status: 'SUSPENDED' })
    const search = () => call(okta, 'GET', `/api/v1/users?search=${encodeURIComponent(`id eq "${id}"`)}`)
    expect((await search()).body).toMatchObject([{ status: 'ACTIVE' }])
    okta.releaseIndex()
    expect((await search()).body).toMatchObject([{ status: 'SUSPENDED' }])
  })

  it('links what status and rights allow, of single people only', async () => {
    const id = person()
    const links = async (path: string) => JSON.stringify((await call(okta, 'GET', path)).body)
    expect(await links(`/api/v1/users/${id}`)).toContain('lifecycle/suspend')
    expect(await links('/api/v1/users')).not.toContain('lifecycle')
    okta.apiToken.permissions.delete('okta.users.lifecycle.suspend')
    expect(await links(`/api/v1/users/${id}`)).not.toContain('lifecycle/suspend')
  })
})

describe('the token endpoint', () => {
  const wrong: readonly (readonly [what: string, claims: Claims])[] = [
    ['another audience', { audience: 'https://elsewhere.example/oauth2/v1/token' }],
    ['another issuer', { issuer: '0oaSomebodyElse' }],
    ['a key that is not registered', { keyId: 'other' }],
    ['a life of two hours', { livesS: 7_200 }],
    ['an end in the past', { issuedAgoS: 400 }],
  ]
  it.each(wrong)('refuses an assertion with %s', async (_, claims) => {
    expect(await askForToken(okta, 'okta.users.read', claims)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
  })

  it('takes an assertion once', async () => {
    expect((await askForToken(okta, 'okta.users.read', { id: 'one' })).status).toBe(200)
    expect((await askForToken(okta, 'okta.users.read', { id: 'one' })).status).toBe(401)
  })

  it('gives no token at all when one scope was not granted, and none without proof where that is demanded', async () => {
    const asked = await askForToken(okta, 'okta.users.read okta.apps.manage')
    expect(asked).toMatchObject({ status: 400, body: { error: 'invalid_scope' } })
    okta.settings.dpopRequired = true
    const demanded = await askForToken(okta, 'okta.users.read')
    expect(demanded).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } })
  })
})

describe('a call', () => {
  const bearer = async (scope: string): Promise<string> => {
    const { body } = await askForToken(okta, scope)
    return `Bearer ${String(Object(body).access_token)}`
  }

  it('needs a credential, the scope, and the permission', async () => {
    const path = `/api/v1/users/${person()}`
    expect(await call(okta, 'GET', path, 'Bearer made-up')).toMatchObject({
      status: 401,
      body: { errorCode: 'E0000011' },
    })
    const token = await bearer('okta.users.read')
    expect((await call(okta, 'GET', path, token)).status).toBe(200)
    const scopeless = await call(okta, 'POST', `${path}/lifecycle/suspend`, token)
    expect(scopeless).toMatchObject({ status: 403, body: { errorCode: 'E0000006' } })
    expect(scopeless.headers.get('www-authenticate')).toContain('insufficient_scope')
    okta.app.permissions.delete('okta.users.lifecycle.suspend')
    const roleless = await call(okta, 'POST', `${path}/lifecycle/suspend`, await bearer('okta.users.manage'))
    expect(roleless).toMatchObject({ status: 403, body: { errorCode: 'E0000006' } })
    expect(roleless.headers.get('www-authenticate')).toBeNull()
    okta.revokeTokens()
    expect((await call(okta, 'GET', path, token)).status).toBe(401)
  })

  it('does not reach people who hold a role, also through a group', async () => {
    const group = okta.addGroup('Helpers', ['HELP_DESK_ADMIN'])
    const id = person('ACTIVE', { groups: [group.id] })
    expect((await call(okta, 'POST', `/api/v1/users/${id}/lifecycle/suspend`)).status).toBe(403)
    expect((await call(okta, 'GET', `/api/v1/users/${id}/roles`)).body).toMatchObject([
      { type: 'HELP_DESK_ADMIN', assignmentType: 'GROUP' },
    ])
  })

  it('is limited to half of a bucket a minute', async () => {
    const path = '/api/v1/groups'
    for (let i = 0; i < 250; i += 1) expect((await call(okta, 'GET', path)).status).toBe(200)
    const limited = await call(okta, 'GET', path)
    expect(limited).toMatchObject({ status: 429, body: { errorCode: 'E0000047' } })
    expect(Number(limited.headers.get('x-rate-limit-reset')) * 1000).toBeGreaterThan(Date.now() - 1000)
    expect((await call(okta, 'GET', '/api/v1/users')).status).toBe(200)
  })

  it('is recorded without secrets', async () => {
    const token = await bearer('okta.users.read')
    await call(okta, 'GET', `/api/v1/users/${person()}`, token)
    const recorded = JSON.stringify(okta.calls)
    expect(recorded).toContain('okta.users.read')
    expect(recorded).not.toContain(token.replace('Bearer ', ''))
  })
})

describe.skipIf(!hasVendorSchemas)('what it answers', () => {
  it('has the shapes that Okta published', async () => {
    const group = okta.addGroup('Board', ['ORG_ADMIN'])
    const id = person('ACTIVE', { groups: [group.id], profile: { secondEmail: 'a@home.example' } })
    for (const path of [
      `/users/${id}`,
      '/users',
      `/users/${id}/groups`,
      `/users/${id}/roles`,
      '/iam/assignees/users',
    ])
      await call(okta, 'GET', `/api/v1${path}`)
    for (const path of ['/groups', `/groups/${group.id}`, `/groups/${group.id}/roles`])
      await call(okta, 'GET', `/api/v1${path}`)
    await call(okta, 'GET', `/oauth2/v1/clients/${okta.app.clientId}/roles`)
    await call(okta, 'POST', `/api/v1/users/${person('STAGED')}/lifecycle/activate?sendEmail=false`)
    await call(okta, 'POST', `/api/v1/users/${person()}/lifecycle/expire_password`)
    await askForToken(okta, 'okta.users.read')
    expect(okta.calls.every(({ status }) => status === 200)).toBe(true)
    expect(await checkCalls('okta', okta.calls)).toEqual([])
  })
})
