import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { ChangeResult, IamConnector, RightCheck, Skipped } from '#src/iam/connector.ts'
import { examineSystems } from '#src/iam/doctor.ts'
import { healthWords } from '#src/iam/doctor-words.ts'
import { silentLog } from '#src/log.ts'
import { type Permission, recommendedPermissions } from '#src/sandbox/graph/permissions.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { failure } from '#test/helpers/connector-failure.ts'
import { createMovedClock } from '#test/helpers/moved-clock.ts'
import { type EntraFixture, startEntra } from '#test/vendors/entra-fixture.ts'

const never = new AbortController().signal
const query = { kind: 'address', value: 'alice@corp.example' } as const
let entra: EntraFixture
let alice: string

beforeEach(async () => {
  entra = await startEntra()
  alice = entra.add('alice')
})

afterEach(async () => {
  await entra.ended()
})

const by = (checks: readonly RightCheck[], status: RightCheck['status']) =>
  checks.filter((check) => check.status === status).map(({ right }) => right)

/** What an action says: how it ended, and the right that it names. */
async function said(work: Promise<ChangeResult | Skipped>): Promise<string> {
  const result = await work.catch((error: unknown) => failure(Promise.reject(error)))
  if ('facts' in result) return `${result.code}: ${result.facts.permission}`
  if ('skipped' in result) return `skipped: ${result.skipped}`
  const { readBack, sessions } = result
  if (sessions?.kind !== 'failed') return readBack
  return `${readBack}, sessions ${sessions.code}: ${sessions.facts.permission}`
}

const allActions = async (connector: IamConnector, id: string) => ({
  disable: await said(connector.disable(id, memoryContext())),
  enable: await said(connector.enable(id, memoryContext())),
  resetPassword: await said(connector.resetPassword!(id, memoryContext())),
  signOut: await said(connector.signOut!(id, memoryContext())),
})

const doctor = async (connector = entra.connector, clock = createMovedClock(new Date().toISOString())) => {
  const [health] = await examineSystems([connector], { clock, log: silentLog(), limitMs: 10_000 }, never)
  return health!
}
const pen = { moment: (at: Date) => at.toISOString(), foreign: (text: string) => text }

describe('with what the documentation recommends', () => {
  it('every right is granted, and nothing is changed by looking', async () => {
    const checks = await entra.connector.checkRights(never)
    expect(by(checks, 'granted').toSorted()).toEqual(recommendedPermissions.toSorted())
    expect(checks).toHaveLength(recommendedPermissions.length)
    expect(entra.changes()).toEqual([])
  })

  it('every action on an ordinary person is done', async () => {
    expect(await allActions(entra.connector, alice)).toEqual({
      disable: 'verified',
      enable: 'verified',
      resetPassword: 'accepted',
      signOut: 'accepted',
    })
  })
})

const done = {
  disable: 'verified',
  enable: 'verified',
  resetPassword: 'accepted',
  signOut: 'accepted',
} as const
const lacks = (permission: string) => `not_permitted: ${permission}`
const readers = 'User.Read.All'
const revoking = 'User.RevokeSessions.All'

const withoutOne: Readonly<Record<string, Readonly<Record<keyof typeof done, string>>>> = {
  [readers]: {
    disable: lacks(readers),
    enable: lacks(readers),
    resetPassword: lacks(readers),
    signOut: lacks(readers),
  },
  // Both only say whom to protect.
  'GroupMember.Read.All': done,
  'RoleManagement.Read.Directory': done,
  'User.EnableDisableAccount.All': { ...done, disable: lacks('User.EnableDisableAccount.All') },
  [revoking]: {
    ...done,
    disable: `verified, sessions not_permitted: ${revoking}`,
    resetPassword: `accepted, sessions not_permitted: ${revoking}`,
    signOut: lacks(revoking),
  },
  'User-PasswordProfile.ReadWrite.All': {
    ...done,
    resetPassword: lacks('User-PasswordProfile.ReadWrite.All'),
  },
}

describe.each(recommendedPermissions)('without %s', (permission) => {
  beforeEach(() => {
    entra.tenant.rights.revoke(permission)
  })

  it('doctor names exactly that, and who grants it where', async () => {
    const health = await doctor()
    expect(health.state).toBe('missing')
    expect(by(health.rights, 'missing')).toEqual([permission])
    expect(by(health.rights, 'not_provable')).toEqual([])
    const [sentence, ...others] = healthWords(health, pen).toDo
    expect(sentence).toBe(
      `Missing: ${permission} (under App registrations → API permissions of the application, with “Grant admin consent”). A Privileged Role Administrator can grant it.`,
    )
    expect(others).toEqual([])
    expect(entra.changes()).toEqual([])
  })

  it('each action says what it could do, and what it lacks', async () => {
    expect(await allActions(entra.connector, alice)).toEqual(withoutOne[permission])
  })

  it('doctor sees the grant at once', async () => {
    expect((await doctor()).state).toBe('missing')
    entra.tenant.rights.grant(permission)
    expect((await doctor()).state).toBe('well')
  })
})

describe('what may not be read', () => {
  it('of roles leaves unknown whether anybody is protected', async () => {
    entra.tenant.rights.revoke('RoleManagement.Read.Directory')
    expect(await entra.connector.find(query, never)).toMatchObject([{ privilegeKnown: false }])
  })

  it('of groups leaves it unknown for people who are in one', async () => {
    entra.tenant.rights.revoke('GroupMember.Read.All')
    expect(await entra.connector.find(query, never)).toMatchObject([{ privilegeKnown: true }])
    entra.tenant.addGroup({ displayName: 'Anything', members: ['alice@corp.example'] })
    expect(await entra.connector.find(query, never)).toMatchObject([{ privilegeKnown: false }])
  })

  it('is said on the card where it is about roles that people may take at will', async () => {
    const hidden = { kind: 'graph_error', status: 403, code: 'Authorization_RequestDenied' } as const
    entra.tenant.faults.whenever({ path: /roleEligibilitySchedules$/u }, hidden)
    expect(await entra.connector.find(query, never)).toMatchObject([
      { privilegeKnown: true, notes: ['eligible_roles_not_checked'] },
    ])
  })

  it('hinders nobody in a tenant without the licence for such roles, where nobody can have one', async () => {
    const unlicensed = { kind: 'graph_error', status: 400, code: 'AadPremiumLicenseRequired' } as const
    entra.tenant.faults.whenever({ path: /roleEligibilitySchedules$/u }, unlicensed)
    expect(await entra.connector.find(query, never)).toMatchObject([{ privilegeKnown: true, notes: [] }])
    expect(await entra.connector.disable(alice, memoryContext())).toMatchObject({ readBack: 'verified' })
  })

  it('does not cost a new token for each look', async () => {
    entra.tenant.rights.revoke('RoleManagement.Read.Directory')
    const connector = entra.connect()
    for (let i = 0; i < 5; i += 1) await connector.find(query, never)
    expect(entra.tenant.authorityCalls.length).toBeLessThanOrEqual(2)
  })
})

describe('a wider permission', () => {
  it.each<readonly [Permission, readonly Permission[]]>([
    ['Directory.Read.All', [readers, 'GroupMember.Read.All', 'RoleManagement.Read.Directory']],
    ['User.ReadWrite.All', [readers, 'User.EnableDisableAccount.All', revoking]],
    ['Group.Read.All', ['GroupMember.Read.All']],
    ['RoleManagement.Read.All', ['RoleManagement.Read.Directory']],
  ])('%s stands in for %j', async (wider, narrower) => {
    for (const permission of narrower) entra.tenant.rights.revoke(permission)
    entra.tenant.rights.grant(wider)
    expect(by(await entra.connector.checkRights(never), 'missing')).toEqual([])
    expect(await allActions(entra.connector, alice)).toEqual(done)
  })

  it('User.ReadWrite.All does not reset passwords', async () => {
    entra.tenant.rights.revoke('User-PasswordProfile.ReadWrite.All')
    entra.tenant.rights.grant('User.ReadWrite.All')
    expect(by(await entra.connector.checkRights(never), 'missing')).toEqual([
      'User-PasswordProfile.ReadWrite.All',
    ])
  })
})

describe('a grant', () => {
  it('that is younger than our token counts for a change all the same', async () => {
    entra.tenant.rights.revoke('User.EnableDisableAccount.All')
    const connector = entra.connect()
    expect(await connector.find(query, never)).toMatchObject([{ writable: false }])
    entra.tenant.rights.grant('User.EnableDisableAccount.All')
    expect(await connector.disable(alice, memoryContext())).toMatchObject({ readBack: 'verified' })
  })

  it('shows on the card once the token is half a minute old', async () => {
    entra.tenant.rights.revoke('User.EnableDisableAccount.All')
    const clock = createMovedClock(new Date().toISOString())
    const connector = entra.connect({ clock })
    expect(await connector.find(query, never)).toMatchObject([{ writable: false }])
    entra.tenant.rights.grant('User.EnableDisableAccount.All')
    clock.move(31_000)
    expect(await connector.find(query, never)).toMatchObject([{ writable: true }])
  })

  it('counts for Retry, without a restart', async () => {
    entra.tenant.rights.revoke(revoking)
    const context = memoryContext()
    expect(await said(entra.connector.disable(alice, context))).toContain(lacks(revoking))
    entra.tenant.rights.grant(revoking)
    expect(await entra.connector.disable(alice, context)).toMatchObject({
      readBack: 'verified',
      already: false,
      sessions: { kind: 'accepted' },
    })
  })

  it('that was withdrawn is missed by doctor although our token still holds it', async () => {
    await entra.connector.find(query, never)
    entra.tenant.rights.revoke(revoking)
    expect(by((await doctor()).rights, 'missing')).toEqual([revoking])
  })
})

describe('a token that nobody can read', () => {
  beforeEach(() => {
    entra.tenant.settings.opaqueTokens = true
  })

  it('shows no right but the one that is tried', async () => {
    const { state, rights } = await doctor()
    expect(state).toBe('well')
    expect(by(rights, 'granted')).toEqual([readers])
    expect(by(rights, 'not_provable')).toEqual(recommendedPermissions.filter((one) => one !== readers))
    entra.tenant.rights.revoke(readers)
    expect(by((await doctor()).rights, 'missing')).toEqual([readers])
  })

  it('leaves open whether a person can be changed, and a refusal names the permission', async () => {
    entra.tenant.rights.revoke('User.EnableDisableAccount.All')
    expect(await entra.connector.find(query, never)).toMatchObject([{ writable: undefined }])
    expect(await said(entra.connector.disable(alice, memoryContext()))).toBe(
      lacks('User.EnableDisableAccount.All'),
    )
  })
})

const role = 'directory role Privileged Authentication Administrator'

describe('the same refusal of Graph for another reason', () => {
  it.each(['denied', 'read_only_property'] as const)(
    'is known where the person is an administrator (%s), and the role is named',
    async (refusal) => {
      entra.tenant.settings.privilegedRefusal = refusal
      entra.tenant.giveRole('alice@corp.example', 'Security Administrator')
      for (const action of ['disable', 'resetPassword'] as const) {
        const { code, facts } = await failure(entra.connector[action]!(alice, memoryContext()))
        expect(code).toBe('not_permitted')
        expect(facts).toMatchObject({ detail: 'privileged_account', permission: role })
        expect(facts.where).toContain('Roles and administrators')
        expect(facts.grantedBy).toBe('a Privileged Role Administrator')
      }
    },
  )

  it('is known where the sessions of an administrator are shielded as well', async () => {
    entra.tenant.settings.revokingAdminsNeedsRole = true
    entra.tenant.giveRole('alice@corp.example', 'Security Administrator')
    const { code, facts } = await failure(entra.connector.signOut!(alice, memoryContext()))
    expect(code).toBe('not_permitted')
    expect(facts).toMatchObject({ detail: 'privileged_account', permission: role })
  })

  it('is known where a restricted unit shields the person', async () => {
    const members = ['alice@corp.example']
    entra.tenant.addUnit({ displayName: 'Board', isMemberManagementRestricted: true, members })
    const { code, facts } = await failure(entra.connector.disable(alice, memoryContext()))
    expect([code, facts.detail]).toEqual(['not_permitted', 'management_restricted'])
    expect(facts.permission).toContain('role')
    expect(facts.where).toContain('restricted')
  })

  it('is the permission where that is missing, whoever the person is', async () => {
    entra.tenant.giveRole('alice@corp.example', 'Security Administrator')
    entra.tenant.rights.revoke('User.EnableDisableAccount.All')
    const { facts } = await failure(entra.connector.disable(alice, memoryContext()))
    expect(facts).toMatchObject({ permission: 'User.EnableDisableAccount.All' })
    expect(facts.detail).toBeUndefined()
  })

  it('ends with the directory role', async () => {
    entra.tenant.giveRole('alice@corp.example', 'Security Administrator')
    entra.tenant.rights.grantRole('Privileged Authentication Administrator')
    expect(await allActions(entra.connector, alice)).toEqual(done)
  })
})

describe('the connection', () => {
  it('is told with address, time and clock', async () => {
    const report = await entra.connector.checkConnection(never)
    expect(report).toMatchObject({ address: entra.tenant.graphUrl, certificateEndsAt: undefined })
    expect(report.latencyMs).toBeGreaterThan(0)
    expect(Math.abs(report.clockSkewMs ?? Infinity)).toBeLessThan(60_000)
    expect(entra.changes()).toEqual([])
  })

  it.each([
    ['ahead of', 10],
    ['behind', -10],
  ])('with a clock that is %s ours by minutes is warned about', async (words, minutes) => {
    const clock = createMovedClock(new Date().toISOString())
    const other = await startEntra({ now: () => clock.now().getTime() + minutes * 60_000 })
    onTestFinished(() => other.ended())
    const health = await doctor(other.connect({ clock }), clock)
    const byMs = minutes * 60_000
    expect(Math.abs((health.connection?.clockSkewMs ?? 0) - byMs)).toBeLessThan(1_001)
    expect(health.warnings).toMatchObject([{ kind: 'clock_differs' }])
    expect(healthWords(health, pen).toDo.join(' ')).toContain(`10 min ${words} ours`)
  })

  it.each([
    [29, ['credential_ends']],
    [40, []],
  ])('with a certificate for %i more days warns about %j', async (days, warnings) => {
    const folder = await mkdtemp(join(tmpdir(), 'entra-certificate-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const certificateFile = join(folder, 'app.pem')
    await writeFile(certificateFile, (await entra.tenant.app.makeCertificate({ days })).pem)
    const health = await doctor(entra.connect({}, { clientSecret: undefined, certificateFile }))
    const endsInMs = (health.connection?.credentialEndsAt?.getTime() ?? 0) - Date.now()
    expect(Math.round(endsInMs / 86_400_000)).toBe(days)
    expect(health.warnings.map(({ kind }) => kind)).toEqual(warnings)
  })

  it('with a secret can not tell when that ends', async () => {
    expect((await entra.connector.checkConnection(never)).credentialEndsAt).toBeUndefined()
  })
})
