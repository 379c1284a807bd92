import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConnectorError } from '#src/errors.ts'
import type { ChangeResult, Skipped } from '#src/iam/connector.ts'
import type { NewPerson } from '#src/sandbox/graph/people/people.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { type EntraFixture, startEntra } from '#test/vendors/entra-fixture.ts'

const never = new AbortController().signal
const name = 'alice@corp.example'
let entra: EntraFixture

beforeEach(async () => {
  entra = await startEntra()
})

afterEach(async () => {
  await entra.ended()
})

interface State {
  readonly person?: NewPerson
  /** What else makes the state. */
  readonly prepare?: () => void
}

const deleteAt = (method: string, path: RegExp) =>
  void entra.tenant.faults.whenever(
    { method, path },
    { kind: 'meanwhile', happen: () => entra.tenant.removePerson(name) },
    { times: 1 },
  )

const states = {
  'of the tenant': {},
  'that is disabled': { person: { accountEnabled: false } },
  'that is synchronized': { person: { onPremisesSyncEnabled: true } },
  'that was synchronized once': { person: { onPremisesSyncEnabled: false } },
  'of a guest': { person: { userType: 'Guest' } },
  // Graph does not show where a domain signs in.
  'of a federated domain': { person: { onPremisesImmutableId: 'kept-by-the-identity-provider' } },
  'in a restricted unit': {
    prepare: () =>
      void entra.tenant.addUnit({
        displayName: 'Board',
        isMemberManagementRestricted: true,
        members: [name],
      }),
  },
  'of an administrator': { prepare: () => entra.tenant.giveRole(name, 'Helpdesk Administrator') },
  'of the synchronization': {
    prepare: () => {
      entra.tenant.rights.grantRole('Privileged Authentication Administrator')
      entra.tenant.giveRole(name, 'Directory Synchronization Accounts')
    },
  },
  'that is deleted meanwhile': {
    prepare: () => {
      deleteAt('PATCH', /\/users\//u)
      deleteAt('POST', /revokeSignInSessions$/u)
    },
  },
} as const satisfies Record<string, State>
type StateName = keyof typeof states

function enter({ person, prepare }: State): string {
  const id = entra.add('alice', { userPrincipalName: name, ...person })
  prepare?.()
  return id
}

/** How an action ended, in the words of the tables below. */
function told(result: ChangeResult | Skipped): string {
  if ('skipped' in result) return `skipped: ${result.skipped}`
  const { readBack, already, sessions, remarks } = result
  return [
    readBack,
    ...(already ? ['already'] : []),
    ...(sessions === undefined ? [] : [`sessions ${sessions.kind}`]),
    ...remarks.filter((remark) => remark !== 'tokens_live_on'),
  ].join(', ')
}

async function outcome(work: Promise<ChangeResult | Skipped>): Promise<string> {
  return await work.then(told, (error: unknown) => {
    if (error instanceof ConnectorError) return [error.code, error.facts.detail].filter(Boolean).join(': ')
    throw error
  })
}

/** What was sent, without ids. */
const sent = () =>
  entra
    .changes()
    .map((change) => change.replace(/PATCH \S+ /u, 'PATCH ').replace('revokeSignInSessions', 'revoke'))

type Row = readonly [ended: string, sent: readonly string[]]
type Table = Readonly<Record<StateName, Row>>

const [off, on] = ['PATCH {"accountEnabled":false}', 'PATCH {"accountEnabled":true}']
const newPassword = 'PATCH {"passwordProfile":{"forceChangePasswordNextSignIn":true}}'
const revoke = 'POST revoke'
// Somebody who was found seconds ago may only be late on one of the servers.
const gone = (change: string): Row => ['not_found', [change, change]]

const disabled: Row = ['verified, sessions accepted', [off, revoke]]
const disable: Table = {
  'of the tenant': disabled,
  'that is disabled': ['verified, already, sessions accepted', [revoke]],
  'that is synchronized': disabled,
  'that was synchronized once': disabled,
  'of a guest': ['verified, sessions accepted, sessions_at_home_tenant', [off, revoke]],
  'of a federated domain': disabled,
  'in a restricted unit': ['not_permitted: management_restricted', [off]],
  'of an administrator': ['not_permitted: privileged_account', [off]],
  'of the synchronization': ['not_supported: synchronization_account', []],
  'that is deleted meanwhile': gone(off),
}

const enabled: Row = ['verified, before_image_missing', [on]]
const enable: Table = {
  'of the tenant': enabled,
  'that is disabled': enabled,
  'that is synchronized': enabled,
  'that was synchronized once': enabled,
  'of a guest': enabled,
  'of a federated domain': enabled,
  'in a restricted unit': ['not_permitted: management_restricted', [on]],
  'of an administrator': ['not_permitted: privileged_account', [on]],
  'of the synchronization': enabled,
  'that is deleted meanwhile': gone(on),
}

const reset: Row = ['accepted, sessions accepted', [newPassword, revoke]]
const resetPassword: Table = {
  'of the tenant': reset,
  'that is disabled': reset,
  'that is synchronized': ['accepted, sessions accepted, prompt_needs_writeback', [revoke]],
  'that was synchronized once': reset,
  'of a guest': ['skipped: guest', []],
  'of a federated domain': reset,
  'in a restricted unit': ['not_permitted: management_restricted', [newPassword]],
  'of an administrator': ['not_permitted: privileged_account', [newPassword]],
  'of the synchronization': ['not_supported: synchronization_account', []],
  'that is deleted meanwhile': gone(newPassword),
}

const out: Row = ['accepted, sessions accepted', [revoke]]
const signOut: Table = {
  'of the tenant': out,
  'that is disabled': out,
  'that is synchronized': out,
  'that was synchronized once': out,
  'of a guest': ['skipped: guest', []],
  'of a federated domain': out,
  'in a restricted unit': out,
  'of an administrator': out,
  'of the synchronization': out,
  'that is deleted meanwhile': gone(revoke),
}

const tables = { disable, enable, resetPassword, signOut } as const
const names = Object.keys(states).filter((one): one is StateName => one in states)

for (const action of ['disable', 'enable', 'resetPassword', 'signOut'] as const)
  describe(action, () => {
    it.each(names.map((state) => [state, ...tables[action][state]] as const))(
      'of an account %s ends %s, by %j',
      async (state, ended, changes) => {
        const id = enter(states[state])
        // Enabled is who was disabled, here by somebody else.
        if (action === 'enable') entra.tenant.setEnabled(name, false)
        const before = entra.tenant.person(id)
        expect(await outcome(entra.connector[action]!(id, memoryContext()))).toBe(ended)
        expect(sent()).toEqual(changes)
        if (ended === 'not_found') return
        const after = entra.tenant.person(id)
        const isDone = /^(?:verified|accepted)/u.test(ended)
        const isEnabled = { disable: !isDone, enable: isDone, resetPassword: undefined, signOut: undefined }
        expect(after.properties.accountEnabled).toBe(isEnabled[action] ?? before.properties.accountEnabled)
        expect(after.mustChangePassword).toBe(changes.includes(newPassword) && isDone ? 'yes' : 'no')
        expect(after.revocations).toBe(changes.includes(revoke) && isDone ? 1 : 0)
        expect(after.password).toBe(before.password)
      },
    )
  })

describe('Disable and its Enable', () => {
  const undone = names.filter((state) => /^(?:verified, sessions|verified, already)/u.test(disable[state][0]))

  it.each(undone)('leave an account %s exactly as it was', async (state) => {
    const id = enter(states[state])
    const { properties, ...person } = entra.tenant.person(id)
    const context = memoryContext()
    await entra.connector.disable(id, context)
    const result = await entra.connector.enable(id, memoryContext(context.kept()))
    const wasDisabled = !properties.accountEnabled
    expect(result).toMatchObject(
      wasDisabled
        ? { readBack: 'drifted', remarks: ['lock_restored'] }
        : { readBack: 'verified', already: false, remarks: [] },
    )
    // Sessions that were ended stay so.
    const { signInSessionsValidFromDateTime: _, ...rest } = properties
    expect(entra.tenant.person(id)).toMatchObject({ ...person, revocations: 1, properties: rest })
  })

  it('leave what others changed in between', async () => {
    const id = enter({})
    const context = memoryContext()
    await entra.connector.disable(id, context)
    entra.tenant.changePerson(name, { properties: { department: 'Sales', employeeId: '4711' } })
    await entra.connector.enable(id, memoryContext(context.kept()))
    expect(entra.tenant.person(id).properties).toMatchObject({
      accountEnabled: true,
      department: 'Sales',
      employeeId: '4711',
    })
  })

  it('of an account that somebody else enabled in between find it enabled', async () => {
    const id = enter({})
    const context = memoryContext()
    await entra.connector.disable(id, context)
    entra.tenant.setEnabled(name, true)
    expect(await entra.connector.enable(id, memoryContext(context.kept()))).toMatchObject({
      readBack: 'verified',
      already: true,
      remarks: [],
    })
  })

  it('leave the sessions alone when they were not to be ended', async () => {
    const id = enter({})
    const session = entra.tenant.openSession(name)
    const context = memoryContext(undefined, undefined, { endSessions: false })
    expect(await outcome(entra.connector.disable(id, context))).toBe('verified, sessions not_asked')
    expect(session.works()).toBe(false)
    await entra.connector.enable(id, memoryContext(context.kept()))
    expect(session.works()).toBe(true)
    expect(sent()).toEqual([off, on])
  })
})

describe('what people meet afterwards', () => {
  const password = 'Winter-Storm-77'

  it('is a refused sign-in and ended sessions, while an access token lives on', async () => {
    const id = enter({})
    const session = entra.tenant.openSession(name)
    const { remarks } = await entra.connector.disable(id, memoryContext())
    expect(entra.tenant.signIn(name, password)).toEqual({ kind: 'refused', code: 50057 })
    expect(session.works()).toBe(false)
    expect(session.accessTokenWorks()).toBe(true)
    expect(remarks).toEqual(['tokens_live_on'])
  })

  it.each([
    [false, false],
    [true, true],
  ])('is a demand for a new password, with a second factor %s', async (resetRequiresMfa, withMfa) => {
    const id = enter({})
    await entra.connect({}, { resetRequiresMfa }).resetPassword!(id, memoryContext())
    expect(entra.tenant.signIn(name, password)).toEqual({ kind: 'must_change_password', withMfa })
  })

  it('is, for a guest, a session at home that no Disable ends here, and the result says so', async () => {
    const id = enter({ person: { userType: 'Guest' } })
    const { remarks } = await entra.connector.disable(id, memoryContext())
    expect(remarks).toEqual(['tokens_live_on', 'sessions_at_home_tenant'])
    expect(entra.tenant.signIn(name, password)).toEqual({ kind: 'home_tenant' })
  })

  it('is, for a synchronized person, undone by the next synchronization', async () => {
    const id = enter({ person: { onPremisesSyncEnabled: true } })
    await entra.connector.disable(id, memoryContext())
    entra.tenant.synchronize()
    expect(await entra.connector.read(id, never)).toMatchObject({ state: 'enabled', notes: ['synchronized'] })
  })
})

describe('the card', () => {
  const look = async () => (await entra.connector.find({ kind: 'address', value: name }, never))[0]

  it.each<readonly [string, readonly string[], () => void]>([
    ['a role', ['Helpdesk Administrator'], () => entra.tenant.giveRole(name, 'Helpdesk Administrator')],
    [
      'a role through a group',
      ['User Administrator', 'Admins'],
      () =>
        entra.tenant.addGroup({
          displayName: 'Admins',
          isAssignableToRole: true,
          members: [name],
          roles: ['User Administrator'],
        }),
    ],
    [
      'a group that may hold a role',
      ['Admins'],
      () => entra.tenant.addGroup({ displayName: 'Admins', isAssignableToRole: true, members: [name] }),
    ],
    [
      'a role in a unit',
      ['User Administrator'],
      () => {
        const unit = entra.tenant.addUnit({ displayName: 'Branch' })
        entra.tenant.giveRole(name, 'User Administrator', { scope: `/administrativeUnits/${unit.id}` })
      },
    ],
    [
      'a role of its own',
      ['Key Keeper'],
      () =>
        entra.tenant.giveRole(name, {
          id: '99999999-2222-4333-8444-555555555555',
          displayName: 'Key Keeper',
        }),
    ],
    [
      'a role that the person may take at will',
      ['Global Administrator'],
      () => entra.tenant.giveRole(name, 'Global Administrator', { isEligible: true }),
    ],
    [
      'a role that the late index does not know yet',
      ['Security Administrator'],
      () => {
        entra.tenant.holdIndex()
        entra.tenant.giveRole(name, 'Security Administrator')
      },
    ],
    [
      'a role that only reads, which is none to protect',
      [],
      () => {
        entra.tenant.giveRole(name, 'Directory Readers')
        entra.tenant.giveRole(name, 'Reports Reader')
      },
    ],
  ])('of somebody with %s says %j', async (_, privileged, give) => {
    enter({})
    give()
    const account = await look()
    expect(account?.privileged.toSorted()).toEqual(privileged.toSorted())
    expect(account).toMatchObject({
      privilegeKnown: true,
      writable: privileged.length > 0 ? undefined : true,
    })
  })

  it('of somebody whose role may not be named says that nothing is known', async () => {
    enter({})
    const nameless = { '@odata.type': '#microsoft.graph.directoryRole', id: 'a', displayName: null }
    entra.tenant.faults.whenever(
      { path: /microsoft\.graph\.directoryRole$/u },
      { kind: 'body', status: 200, body: { value: [nameless] } },
    )
    expect(await look()).toMatchObject({ privileged: [], privilegeKnown: false })
  })

  it('of somebody in a restricted unit says so, and that nobody knows whether we may', async () => {
    enter(states['in a restricted unit'])
    expect(await look()).toMatchObject({ notes: ['management_restricted'], writable: undefined })
  })
})
