import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RightCheck } from '#src/iam/connector.ts'
import { failure } from '#test/helpers/connector-failure.ts'
import { type OktaFixture, startOkta } from '#test/vendors/okta-fixture.ts'

const never = new AbortController().signal
let okta: OktaFixture

beforeEach(async () => {
  okta = await startOkta()
  // Whom no ordinary role reaches: no sample.
  okta.add('a-boss', { status: 'ACTIVE', roles: ['SUPER_ADMIN'] })
  // Somebody of each status in which Okta shows a right.
  for (const status of ['ACTIVE', 'SUSPENDED', 'LOCKED_OUT', 'DEPROVISIONED'] as const)
    okta.add(status.toLowerCase(), { status })
})

afterEach(async () => {
  await okta.ended()
  if (okta.changes().length > 0) throw new Error(`A look changed something: ${okta.changes().join(', ')}`)
})

const rights = [
  'okta.users.read',
  'okta.iam.read',
  'okta.users.lifecycle.suspend',
  'okta.users.lifecycle.unsuspend',
  'okta.users.lifecycle.deactivate',
  'okta.users.lifecycle.activate',
  'okta.users.lifecycle.unlock',
  'okta.users.credentials.expirePassword',
  'okta.users.lifecycle.clearSessions',
]
const scopes = ['okta.users.read', 'okta.users.manage', 'okta.roles.read']

const by = (checks: readonly RightCheck[], status: RightCheck['status']) =>
  checks.filter((check) => check.status === status).map(({ right }) => right)

describe('with a custom role', () => {
  it('every right is seen but the one about sessions, which Okta shows nowhere', async () => {
    const checks = await okta.connector.checkRights(never)
    expect(checks.map(({ right }) => right)).toEqual([...scopes.map((scope) => `scope ${scope}`), ...rights])
    expect(by(checks, 'missing')).toEqual([])
    expect(by(checks, 'not_provable')).toEqual(['okta.users.lifecycle.clearSessions'])
  })

  it.each(rights.filter((right) => !/clearSessions|users.read|iam.read/.test(right)))(
    'without %s exactly that one is missing, with where and by whom it is granted',
    async (permission) => {
      okta.org.app.permissions.delete(permission)
      const checks = await okta.connector.checkRights(never)
      expect(by(checks, 'missing')).toEqual([permission])
      const missing = checks.find(({ status }) => status === 'missing')
      expect(missing?.grantedBy).toContain('super administrator')
      expect(missing?.where).toContain('Administrators')
    },
  )

  it('without reading roles nobody is known to be no administrator, so nothing else is called missing', async () => {
    okta.org.app.permissions.delete('okta.iam.read')
    const checks = await okta.connector.checkRights(never)
    expect(by(checks, 'missing')).toEqual(['okta.iam.read'])
    expect(by(checks, 'granted')).toContain('okta.users.lifecycle.suspend')
    okta.org.app.permissions.delete('okta.users.lifecycle.suspend')
    const fewer = await okta.connector.checkRights(never)
    expect(by(fewer, 'missing')).toEqual(['okta.iam.read'])
    expect(by(fewer, 'not_provable')).toContain('okta.users.lifecycle.suspend')
  })

  it('without reading people nothing else can be seen', async () => {
    okta.org.app.permissions.delete('okta.users.read')
    const checks = await okta.connector.checkRights(never)
    expect(by(checks, 'missing')).toEqual(['okta.users.read'])
    expect(by(checks, 'not_provable')).toEqual(rights.filter((right) => /lifecycle|credentials/.test(right)))
  })

  it.each([
    // Whoever may manage people may read them as well.
    ['okta.users.read', []],
    ['okta.users.manage', rights.filter((right) => /lifecycle|credentials/.test(right))],
    ['okta.roles.read', ['okta.iam.read']],
  ])('without the scope %s that is said, and what it hides', async (scope, hidden) => {
    okta.org.app.scopes.delete(scope)
    const checks = await okta.connector.checkRights(never)
    expect(by(checks, 'missing')).toEqual([`scope ${scope}`])
    expect(checks.find(({ status }) => status === 'missing')?.where).toContain('Okta API Scopes')
    expect(by(checks, 'not_provable')).toEqual(expect.arrayContaining(hidden))
  })

  it('sees what was granted a moment ago', async () => {
    okta.org.app.scopes.delete('okta.roles.read')
    expect(by(await okta.connector.checkRights(never), 'missing')).toEqual(['scope okta.roles.read'])
    okta.org.app.scopes.add('okta.roles.read')
    expect(by(await okta.connector.checkRights(never), 'missing')).toEqual([])
  })

  it('without any scope says which are needed', async () => {
    okta.org.app.scopes.clear()
    const error = await failure(okta.connector.checkRights(never))
    expect(error).toMatchObject({ code: 'not_permitted' })
    expect(error.facts.permission).toBe(scopes.join(' '))
  })

  it('says that nobody shows a right at the moment', async () => {
    okta.setStatus(okta.id('locked_out'), 'ACTIVE')
    const checks = await okta.connector.checkRights(never)
    const unlock = checks.find(({ right }) => right === 'okta.users.lifecycle.unlock')
    expect(unlock).toMatchObject({ status: 'not_provable' })
    expect(unlock?.where).toContain('LOCKED_OUT')
  })
})

describe('with a standard role', () => {
  it.each([
    ['ORG_ADMIN', []],
    ['HELP_DESK_ADMIN', rights.filter((right) => /suspend|deactivate|activate|iam.read/.test(right))],
    ['READ_ONLY_ADMIN', rights.filter((right) => /lifecycle|credentials|iam.read/.test(right))],
  ] as const)('%s lacks %j', async (role, missing) => {
    okta.org.app.giveStandardRole(role)
    okta.org.app.permissions.add('okta.iam.read')
    const checks = await okta.connector.checkRights(never)
    expect(by(checks, 'missing')).toEqual(missing.filter((right) => right !== 'okta.iam.read'))
    expect(by(checks, 'not_provable')).toEqual([])
  })
})

it('with an API token there are no scopes, and the roles are those of its owner', async () => {
  const connector = okta.connect({}, 'api_token')
  const checks = await connector.checkRights(never)
  expect(checks.map(({ right }) => right)).toEqual(rights)
  expect(by(checks, 'missing')).toEqual([])
})

it('a protected group that is not there is told', async () => {
  const id = okta.org.addGroup('Board').id
  const connector = okta.connect({ protectedGroups: [id, 'Board', 'Boards'] })
  const checks = await connector.checkRights(never)
  expect(by(checks, 'missing')).toEqual(['protected group Boards'])
  okta.org.app.scopes.delete('okta.groups.read')
  expect(by(await connector.checkRights(never), 'missing')).toEqual(['scope okta.groups.read'])
})

describe('the connection', () => {
  it('is told with address, time and clock', async () => {
    const report = await okta.connector.checkConnection(never)
    expect(report).toMatchObject({ address: okta.org.url, certificateEndsAt: undefined })
    expect(report.latencyMs).toBeGreaterThan(0)
    expect(Math.abs(report.clockSkewMs ?? Infinity)).toBeLessThan(60_000)
  })
})
