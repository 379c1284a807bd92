import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectorErrorCode } from '#src/errors.ts'
import type { FoundAccount, IamConnector, PersonQuery, SystemKind } from '#src/iam/connector.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { failure } from '#test/helpers/connector-failure.ts'

/** What can go wrong, or be so, at the vendor. A fixture makes each of them true for the connector that it hands out. */
export type Scenario =
  | 'not_permitted' // the account can be read, the change is refused for want of a right
  | 'wrong_credentials'
  | 'rate_limited'
  | 'unavailable' // nothing listens, or the vendor says that it is away
  | 'silent' // the vendor takes the request and never answers
  | 'answer_lost' // the change takes place, its answer does not arrive, later requests work
  | 'malformed' // the answer is not in the vendor's format
  | 'protection_unknown' // the administrative roles or protected groups can't be read

/** A person that a fixture has put into its system. */
export interface FixturePerson {
  /** A query that finds exactly this person. */
  readonly query: PersonQuery
}

/** A system with people in it. Everything is fresh for each fixture and may be changed. */
export interface ConnectorFixture extends AsyncDisposable {
  readonly people: {
    /** Enabled, with flags or attributes that must survive disable and enable. */
    readonly person: FixturePerson
    /** Enabled; the suite breaks connections while changing this one. */
    readonly other: FixturePerson
    /** Disabled by an administrator before Drawbridge came. */
    readonly disabledBefore: FixturePerson
    /** In a protected group of `protectedGroups`, by way of another group where the system has nested ones. */
    readonly inProtectedGroup: FixturePerson
    /** The one that `not_permitted` refuses. */
    readonly outOfReach: FixturePerson
    /** Holds an administrative role; undefined where the system has none. */
    readonly privileged: FixturePerson | undefined
    /** The account that Drawbridge connects with, where it can be found at all. */
    readonly own: FixturePerson | undefined
  }
  /** An address that two accounts carry; undefined where no two accounts can have the same one. */
  readonly sharedAddress: string | undefined
  /** The group ids that the connector is created with. */
  readonly protectedGroups: readonly string[]
  /** A well-formed id that belongs to nobody. */
  readonly unknownId: string
  connect(scenario?: Scenario): Promise<IamConnector>
  /** Everything about the account that Disable and Enable may touch, read without the connector. */
  facts(account: FoundAccount): Promise<unknown>
  /** Whether the account's real password opens a session; undefined where the fixture can't tell. */
  canSignIn(account: FoundAccount): Promise<boolean | undefined>
}

const signal = new AbortController().signal

const awkward = ['*', 'a*', '*)(uid=*', ')(|(objectClass=*)', '\\2a', 'x\u0000y', "' OR 1=1 --", '%', '../..']

/**
 * What every connector must do, whatever it talks to. `without` names scenarios that can't happen in this system, with
 * the reason in the caller's words beside it.
 */
export function describeConnector(
  kind: SystemKind,
  startFixture: () => Promise<ConnectorFixture>,
  without: readonly Scenario[] = [],
): void {
  // What cannot happen with a kind is left out, not skipped: a skipped test means that something is missing here.
  const leftOut = (): void => {}
  const itIf = (scenario: Scenario) => (without.includes(scenario) ? leftOut : it)
  const describeIf = (scenario: Scenario) => (without.includes(scenario) ? leftOut : describe)
  describe(`the ${kind} connector keeps the contract`, () => {
    let fixture: ConnectorFixture
    let connector: IamConnector
    beforeAll(async () => {
      fixture = await startFixture()
      connector = await fixture.connect()
    })
    afterAll(async () => {
      await fixture[Symbol.asyncDispose]()
    })

    const only = async ({ query }: FixturePerson, from = connector): Promise<FoundAccount> => {
      const found = await from.find(query, signal)
      expect(found).toHaveLength(1)
      return found[0]!
    }

    it('finds one person with a stable id, a login and the evidence', async () => {
      const account = await only(fixture.people.person)
      expect(connector.system.kind).toBe(kind)
      expect(account.id).not.toBe('')
      expect(account.login).not.toBe('')
      expect(account.state).toBe('enabled')
      expect(await connector.find({ kind: 'id', value: account.id }, signal)).toMatchObject([
        { id: account.id, foundBy: 'id' },
      ])
    })

    it('finds nobody without an error', async () => {
      expect(await connector.find({ kind: 'address', value: 'nobody@nowhere.example' }, signal)).toEqual([])
      expect(await connector.find({ kind: 'id', value: fixture.unknownId }, signal)).toEqual([])
    })

    it('finds both people who carry the same address', async () => {
      const { sharedAddress: value } = fixture
      if (value === undefined) return
      const found = await connector.find({ kind: 'address', value }, signal)
      expect(new Set(found.map((account) => account.id)).size).toBe(2)
    })

    it('takes what was typed for a value, never for part of a filter', async () => {
      for (const value of awkward) {
        expect(await connector.find({ kind: 'address', value }, signal)).toEqual([])
        expect(await connector.find({ kind: 'login', value }, signal)).toEqual([])
      }
    })

    it('never finds a person by the part of an address before the @', async () => {
      const account = await only(fixture.people.person)
      const bare = account.logins.find((login) => !/[@\\]/.test(login)) ?? account.login
      expect(await connector.find({ kind: 'address', value: `${bare}@elsewhere.example` }, signal)).toEqual(
        [],
      )
    })

    it('says that an account is gone', async () => {
      expect(await failure(connector.read(fixture.unknownId, signal))).toMatchObject({ code: 'not_found' })
      const gone = failure(connector.disable(fixture.unknownId, memoryContext()))
      expect(await gone).toMatchObject({ code: 'not_found' })
    })

    it('disables, says so twice, enables, says so twice, and leaves everything as it was', async () => {
      const account = await only(fixture.people.person)
      const before = await fixture.facts(account)
      expect(await fixture.canSignIn(account)).not.toBe(false)
      const context = memoryContext()
      expect(await connector.disable(account.id, context)).toMatchObject({
        readBack: 'verified',
        already: false,
      })
      expect(await connector.read(account.id, signal)).toMatchObject({ state: 'disabled' })
      expect(await fixture.canSignIn(account)).not.toBe(true)
      expect(await fixture.facts(account)).not.toEqual(before)
      expect(await connector.disable(account.id, memoryContext())).toMatchObject({
        readBack: 'verified',
        already: true,
      })
      const undo = memoryContext(context.kept())
      expect(await connector.enable(account.id, undo)).toMatchObject({ readBack: 'verified', already: false })
      expect(await connector.read(account.id, signal)).toMatchObject({ state: 'enabled' })
      expect(await fixture.canSignIn(account)).not.toBe(false)
      expect(await connector.enable(account.id, undo)).toMatchObject({ readBack: 'verified', already: true })
      expect(await fixture.facts(account)).toEqual(before)
    })

    it('can be run again with the kept before-image after a crash, and still undoes exactly', async () => {
      const account = await only(fixture.people.other)
      const before = await fixture.facts(account)
      const context = memoryContext()
      await connector.disable(account.id, context)
      expect(await connector.disable(account.id, context)).toMatchObject({
        readBack: 'verified',
        already: false,
      })
      await connector.enable(account.id, memoryContext(context.kept()))
      expect(await fixture.facts(account)).toEqual(before)
    })

    it('keeps the before-image before it changes anything', async () => {
      const account = await only(fixture.people.other)
      const before = await fixture.facts(account)
      const context = { ...memoryContext(), step: () => Promise.reject(new Error('The journal is away')) }
      await expect(connector.disable(account.id, context)).rejects.toThrow('The journal is away')
      expect(await fixture.facts(account)).toEqual(before)
      expect((await connector.read(account.id, signal)).state).toBe('enabled')
    })

    it('leaves an account that was disabled before as it is, also when it is enabled', async () => {
      const account = await only(fixture.people.disabledBefore)
      expect(account.state).toBe('disabled')
      const before = await fixture.facts(account)
      const context = memoryContext()
      expect(await connector.disable(account.id, context)).toMatchObject({ already: true })
      expect(await fixture.facts(account)).toEqual(before)
      const enabled = await connector.enable(account.id, memoryContext(context.kept()))
      expect(enabled).toMatchObject({ readBack: 'drifted', already: false })
      expect(enabled.remarks).toContain('lock_restored')
      expect(await fixture.facts(account)).toEqual(before)
    })

    it('names the protected groups that hold an account, nested ones too', async () => {
      const account = await only(fixture.people.inProtectedGroup)
      expect(account).toMatchObject({ privilegeKnown: true, protectedGroups: fixture.protectedGroups })
      expect((await only(fixture.people.person)).protectedGroups).toEqual([])
    })

    it('marks an account with administrative rights', async ({ skip }) => {
      const { privileged, person } = fixture.people
      if (privileged === undefined) return skip('this system has no administrative roles')
      expect((await only(privileged)).privileged).not.toEqual([])
      expect((await only(person)).privileged).toEqual([])
    })

    it('knows its own account and refuses to disable it', async ({ skip }) => {
      const { own, person } = fixture.people
      if (own === undefined) return skip('its own account can not be found')
      const account = await only(own)
      expect(account.own).toBe(true)
      expect((await only(person)).own).toBe(false)
      const refused = await failure(connector.disable(account.id, memoryContext()))
      expect(refused).toMatchObject({ code: 'not_supported', facts: { detail: 'own_account' } })
    })

    it('looks at each right without changing anything', async () => {
      const account = await only(fixture.people.person)
      const before = await fixture.facts(account)
      const checks = await connector.checkRights(signal)
      expect(checks.length).toBeGreaterThan(0)
      expect(checks.filter((check) => check.status === 'missing')).toEqual([])
      expect(await fixture.facts(account)).toEqual(before)
    })

    describeIf('not_permitted')('without a right', () => {
      it('names the right, where it is missing and who grants it, and changes nothing', async () => {
        const limited = await fixture.connect('not_permitted')
        const account = await only(fixture.people.outOfReach, limited)
        const before = await fixture.facts(account)
        expect(account.writable).not.toBe(true)
        const error = await failure(limited.disable(account.id, memoryContext()))
        expect(error.code).toBe('not_permitted')
        expect(error.facts.permission).toBeTruthy()
        expect(error.facts.where).toBeTruthy()
        expect(error.facts.grantedBy).toBeTruthy()
        expect(await fixture.facts(account)).toEqual(before)
        const checks = await limited.checkRights(signal)
        expect(checks.some((check) => check.status === 'missing' && check.grantedBy !== undefined)).toBe(true)
      })
    })

    const refusals: readonly (readonly [Scenario, ConnectorErrorCode])[] = [
      ['wrong_credentials', 'bad_credentials'],
      ['rate_limited', 'rate_limited'],
      ['unavailable', 'unavailable'],
      ['silent', 'timed_out'],
      ['malformed', 'bad_response'],
    ]
    for (const [scenario, code] of refusals)
      itIf(scenario)(`answers ${code} when the system is ${scenario}`, async () => {
        const broken = await fixture.connect(scenario)
        const error = await failure(broken.find(fixture.people.person.query, signal))
        expect(error.code).toBe(code)
        expect(error.facts.retryAt !== undefined).toBe(code === 'rate_limited')
      })

    itIf('answer_lost')('looks before it does again what got no answer', async () => {
      const account = await only(fixture.people.other)
      const before = await fixture.facts(account)
      const flaky = await fixture.connect('answer_lost')
      const context = memoryContext()
      expect(await flaky.disable(account.id, context)).toMatchObject({ readBack: 'verified', already: false })
      const undo = await fixture.connect('answer_lost')
      const result = await undo.enable(account.id, memoryContext(context.kept()))
      expect(result).toMatchObject({ readBack: 'verified', already: false })
      expect(await fixture.facts(account)).toEqual(before)
    })

    itIf('protection_unknown')('says when it can not see who is protected', async () => {
      const blind = await fixture.connect('protection_unknown')
      expect((await only(fixture.people.person, blind)).privilegeKnown).toBe(false)
    })

    it('makes somebody choose a new password, as often as it is asked to, and leaves the account enabled', async ({
      skip,
    }) => {
      if (connector.resetPassword === undefined) return skip('this system has no such action')
      const account = await only(fixture.people.other)
      const context = memoryContext()
      for (const one of [context, context, memoryContext()]) {
        const result = await connector.resetPassword(account.id, one)
        expect('skipped' in result ? result.skipped : result.readBack).toMatch(/^(?:verified|accepted)$/)
      }
      expect(await connector.read(account.id, signal)).toMatchObject({ state: 'enabled' })
      const gone = await failure(connector.resetPassword(fixture.unknownId, memoryContext()))
      expect(gone.code).toBe('not_found')
    })

    it('stops at once when it is told to', async () => {
      const stopped = AbortSignal.abort()
      const error = await failure(connector.find(fixture.people.person.query, stopped))
      expect(['timed_out', 'unavailable']).toContain(error.code)
    })
  })
}
