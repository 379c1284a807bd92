import { afterEach, describe, expect, it, test } from 'vitest'
import type { ChangeResult, Skipped } from '#src/iam/connector.ts'
import { ConnectorError } from '#src/errors.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { type OktaFixture, type OktaStatus, oktaStatuses, startOkta } from '#test/vendors/okta-fixture.ts'

let okta: OktaFixture

afterEach(async () => {
  await okta.ended()
})

/** How an action ended, in the words of the tables below. */
function told(result: ChangeResult | Skipped): string {
  if ('skipped' in result) return `skipped: ${result.skipped}`
  return [
    result.readBack,
    ...(result.already ? ['already'] : []),
    ...(result.sessions === undefined ? [] : [`sessions ${result.sessions.kind}`]),
  ].join(', ')
}

async function outcome(work: Promise<ChangeResult | Skipped>): Promise<string> {
  return await work.then(told, (error: unknown) => {
    if (error instanceof ConnectorError)
      return `${error.code}: ${error.facts.detail ?? ''} ${error.facts.state ?? ''}`.trim()
    throw error
  })
}

type Row = readonly [ended: string, statusAfter: OktaStatus, changes: readonly string[]]
type Table = Readonly<Record<OktaStatus, Row>>

const unsuspendable = (status: OktaStatus): Row => [`not_supported: unsuspendable ${status}`, status, []]
const verified = 'verified, sessions accepted'

const disable: Table = {
  STAGED: ['verified, already', 'STAGED', []],
  PROVISIONED: unsuspendable('PROVISIONED'),
  ACTIVE: [verified, 'SUSPENDED', ['suspend', 'sessions']],
  RECOVERY: unsuspendable('RECOVERY'),
  PASSWORD_EXPIRED: unsuspendable('PASSWORD_EXPIRED'),
  LOCKED_OUT: [verified, 'SUSPENDED', ['unlock', 'suspend', 'sessions']],
  SUSPENDED: ['verified, already, sessions accepted', 'SUSPENDED', ['sessions']],
  DEPROVISIONED: ['verified, already', 'DEPROVISIONED', []],
}

const deactivated: Row = [verified, 'DEPROVISIONED', ['deactivate', 'sessions']]
const disableOrDeactivate: Table = {
  ...disable,
  PROVISIONED: deactivated,
  RECOVERY: deactivated,
  PASSWORD_EXPIRED: deactivated,
}

const enabledAlready = (status: OktaStatus): Row => ['verified, already', status, []]
const elsewhere = (status: OktaStatus): Row => [`not_supported: deactivated_elsewhere ${status}`, status, []]
const enableWithoutImage: Table = {
  STAGED: elsewhere('STAGED'),
  PROVISIONED: enabledAlready('PROVISIONED'),
  ACTIVE: enabledAlready('ACTIVE'),
  RECOVERY: enabledAlready('RECOVERY'),
  PASSWORD_EXPIRED: enabledAlready('PASSWORD_EXPIRED'),
  LOCKED_OUT: enabledAlready('LOCKED_OUT'),
  SUSPENDED: ['verified', 'ACTIVE', ['unsuspend']],
  DEPROVISIONED: elsewhere('DEPROVISIONED'),
}

const noPassword = (status: OktaStatus, why: string): Row => [`not_supported: ${why} ${status}`, status, []]
const resetPassword: Table = {
  STAGED: noPassword('STAGED', 'never_activated'),
  PROVISIONED: noPassword('PROVISIONED', 'activation_pending'),
  ACTIVE: [verified, 'PASSWORD_EXPIRED', ['expire_password', 'sessions']],
  RECOVERY: noPassword('RECOVERY', 'reset_under_way'),
  PASSWORD_EXPIRED: ['verified, already, sessions accepted', 'PASSWORD_EXPIRED', ['sessions']],
  LOCKED_OUT: noPassword('LOCKED_OUT', 'locked_by_failures'),
  SUSPENDED: noPassword('SUSPENDED', 'suspended'),
  DEPROVISIONED: noPassword('DEPROVISIONED', 'deactivated'),
}

const actions = {
  Disable: { table: disable, context: () => memoryContext(), call: 'disable' },
  'Disable that may deactivate': {
    table: disableOrDeactivate,
    context: () => memoryContext(undefined, undefined, { mayDeactivate: true }),
    call: 'disable',
  },
  'Enable of what Drawbridge did not disable': {
    table: enableWithoutImage,
    context: () => memoryContext(),
    call: 'enable',
  },
  'Force Password Reset': { table: resetPassword, context: () => memoryContext(), call: 'resetPassword' },
} as const

for (const [action, { table, context, call }] of Object.entries(actions))
  describe(action, () => {
    it.each(oktaStatuses.map((status) => [status, ...table[status]] as const))(
      'of a person who is %s ends %s, with the person %s, by %j',
      async (status, ended, statusAfter, changes) => {
        okta = await startOkta()
        const id = okta.add('alice', { status })
        expect(await outcome(okta.connector[call]!(id, context()))).toBe(ended)
        expect(okta.status(id)).toBe(statusAfter)
        expect(okta.changes()).toEqual(changes)
      },
    )
  })

describe('Force Sign Out', () => {
  it.each(oktaStatuses)(
    'of a person who is %s ends Okta sessions and tokens, and nothing else',
    async (status) => {
      okta = await startOkta()
      const id = okta.add('alice', { status })
      expect(await okta.connector.signOut!(id, memoryContext())).toEqual({
        readBack: 'accepted',
        already: false,
        remarks: ['app_sessions_live_on', 'tokens_live_on'],
        sessions: { kind: 'accepted' },
      })
      expect(okta.status(id)).toBe(status)
      expect(okta.open(id)).toEqual({ sessions: 0, tokens: 0, devicesRemembered: false })
      expect(okta.changes()).toEqual(['sessions'])
    },
  )
})

describe('Disable and its Enable', () => {
  test.each([
    ['ACTIVE', 'ACTIVE', []],
    ['LOCKED_OUT', 'ACTIVE', ['lockout_not_restored']],
  ] as const)('of a person who was %s leave %s and say %j', async (status, after, remarks) => {
    okta = await startOkta()
    const id = okta.add('alice', { status })
    const context = memoryContext()
    await okta.connector.disable(id, context)
    const enabled = await okta.connector.enable(id, memoryContext(context.kept()))
    expect(enabled).toMatchObject({ readBack: 'verified', already: false, remarks })
    expect(okta.status(id)).toBe(after)
  })

  test.each(['PROVISIONED', 'RECOVERY', 'PASSWORD_EXPIRED'] as const)(
    'of a person who was %s and was deactivated say what was lost, and never show the activation link',
    async (status) => {
      okta = await startOkta({ transitions: 'one_read' })
      const id = okta.add('alice', { status })
      const context = memoryContext(undefined, undefined, { mayDeactivate: true })
      const disabled = await okta.connector.disable(id, context)
      expect(disabled.readBack).toBe('verified')
      expect(disabled.remarks).toContain('assignments_may_be_lost')
      const enabled = await okta.connector.enable(id, memoryContext(context.kept()))
      expect(enabled).toMatchObject({ readBack: 'verified', already: false })
      expect(enabled.remarks).toContain('assignments_may_be_lost')
      expect(enabled.remarks.includes('status_differs')).toBe(okta.status(id) !== status)
      // Nobody is mailed, and somebody with many applications does not hold the call up.
      const sent = (step: string) => okta.org.calls.find(({ path }) => path.endsWith(`/lifecycle/${step}`))
      expect(sent('deactivate')).toMatchObject({
        query: 'sendEmail=false',
        headers: { prefer: 'respond-async' },
      })
      expect(sent('activate')).toMatchObject({ query: 'sendEmail=false' })
      const link = okta.org.person(id).linkToken ?? ''
      expect(link).toBeTruthy()
      expect(JSON.stringify([enabled, context.kept()])).not.toContain(link)
    },
  )

  test('leave a deactivation alone that an administrator made in between', async () => {
    okta = await startOkta()
    const id = okta.add('alice', { status: 'ACTIVE' })
    const context = memoryContext()
    await okta.connector.disable(id, context)
    okta.setStatus(id, 'DEPROVISIONED')
    expect(await outcome(okta.connector.enable(id, memoryContext(context.kept())))).toBe(
      'not_supported: account_changed_meanwhile DEPROVISIONED',
    )
    expect(okta.status(id)).toBe('DEPROVISIONED')
  })

  test('are done again without harm when the sessions were not to be ended', async () => {
    okta = await startOkta()
    const id = okta.add('alice', { status: 'ACTIVE' })
    const context = memoryContext(undefined, undefined, { endSessions: false })
    expect(await outcome(okta.connector.disable(id, context))).toBe('verified, sessions not_asked')
    expect(okta.changes()).toEqual(['suspend'])
  })
})
