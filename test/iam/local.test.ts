import { describe, expect, it } from 'vitest'
import { insertLocalGroups } from '#db/queries/local-groups.ts'
import { insertSession, keepPassword, passwordHashOf, sessionsOf } from '#db/queries/local-users-sign-in.ts'
import { insertLocalUsers, localUsersByIds } from '#db/queries/local-users.ts'
import { openStore, type Store } from '#db/store.ts'
import type { FoundAccount } from '#src/iam/connector.ts'
import { createLocalConnector } from '#src/iam/local/index.ts'
import { changeUser } from '#src/local-users/change.ts'
import { addUser } from '#src/local-users/add.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import { linkMs } from '#src/local-users/mails.ts'
import { addGroup } from '#src/local-users/groups.ts'
import { changeMembers } from '#src/local-users/members.ts'
import { hashPassword, isPassword } from '#src/local-users/password.ts'
import { secret } from '#src/secrets.ts'
import { type ConnectorFixture, describeConnector, type Scenario } from '#test/contracts/connector.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { auditTrail, localUserDeps, lou } from '#test/helpers/local-admin.ts'
import { groupRow, localUserRow } from '#test/helpers/local-rows.ts'
import { start } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const password = secret('violet tractor under ice')
const idOf = (name: string) => name.padEnd(22, '_')
const address = (name: string) => ({ query: { kind: 'address', value: `${name}@corp.example` } as const })

/** The contract's fixture: people in a database of their own. */
async function startFixture(): Promise<ConnectorFixture> {
  const store = await openStore('sqlite::memory:')
  const deps = localUserDeps(store)
  const hash = await hashPassword(password)
  const people = ['ann', 'bob', 'locked', 'vip', 'far']
  await store.write(async (ctx) => {
    for (const name of people) {
      const state = name === 'locked' ? 'disabled' : 'enabled'
      const email = `${name}@corp.example`
      await insertLocalUsers(ctx, [
        localUserRow(idOf(name), { email, emailKey: email, state, enrolledAt: start, linkExpiresAt: null }),
      ])
      await keepPassword(ctx, { userId: idOf(name), hash, changedAt: start })
    }
    await insertLocalGroups(ctx, [groupRow('Key Holders')])
  })
  await changeMembers(deps, lou, 'Key Holders', { add: [idOf('vip')], remove: [] })
  const protectedGroups = ['key holders']
  const row = async ({ id }: FoundAccount) => (await store.read((ctx) => localUsersByIds(ctx, [id])))[0]!
  return {
    people: {
      person: address('ANN'),
      other: address('bob'),
      disabledBefore: address('locked'),
      inProtectedGroup: address('vip'),
      outOfReach: address('far'),
      privileged: undefined,
      own: undefined,
    },
    sharedAddress: undefined,
    protectedGroups,
    unknownId: idOf('nobody'),
    connect: async () =>
      createLocalConnector(createLocalDirectory(deps), { callTimeoutMs: 10_000, protectedGroups }),
    async facts(account) {
      const { email, description, state, enrolledAt, heldSince } = await row(account)
      const kept = await store.read((ctx) => passwordHashOf(ctx, account.id))
      return { email, description, state, enrolledAt, heldSince, kept }
    },
    async canSignIn(account) {
      const kept = await store.read((ctx) => passwordHashOf(ctx, account.id))
      return (await row(account)).state === 'enabled' && (await isPassword(kept ?? '', password))
    },
    [Symbol.asyncDispose]: () => store.close(),
  }
}

// Nothing lies between us and our own database: no network, no credentials, no rights that somebody else grants.
const without: readonly Scenario[] = [
  'not_permitted',
  'wrong_credentials',
  'rate_limited',
  'unavailable',
  'silent',
  'answer_lost',
  'malformed',
  'protection_unknown',
]

describe('over our own database', () => {
  describeConnector('local', startFixture, without)
})

describeOnBothEngines('The connector of local users', (open) => {
  const setUp = async () => {
    const store: Store = await open()
    const deps = localUserDeps(store)
    const connector = createLocalConnector(createLocalDirectory(deps), {
      callTimeoutMs: 10_000,
      protectedGroups: ['All local users', 'VPN'],
    })
    const { id } = await addUser(deps, lou, { email: 'ann@corp.example', description: '' })
    const user = async () => (await store.read((ctx) => localUsersByIds(ctx, [id])))[0]
    const settle = () =>
      store.write(async (ctx) => {
        await ctx.q.update(ctx.t.localUsers).set({ enrolledAt: start, linkExpiresAt: null })
        await keepPassword(ctx, { userId: id, hash: 'h', changedAt: start })
        for (const session of ['web', 'phone'])
          await insertSession(ctx, {
            id: session,
            userId: id,
            kind: 'session',
            createdAt: start,
            expiresAt: start,
          })
      })
    const openSessions = () => store.read((ctx) => sessionsOf(ctx, [id]))
    const signal = new AbortController().signal
    return { store, deps, connector, id, user, settle, sessions: openSessions, signal }
  }

  it('disables somebody who has not enrolled, and the link is dead', async () => {
    const { connector, id, user, signal } = await setUp()
    expect(await connector.read(id, signal)).toMatchObject({ notes: ['activation_pending'] })
    expect(await connector.disable(id, memoryContext())).toMatchObject({
      readBack: 'verified',
      already: false,
    })
    expect(await user()).toMatchObject({ state: 'disabled', generation: 2, linkHash: null })
    expect(await connector.read(id, signal)).toMatchObject({ notes: ['never_activated'] })
  })

  it('ends sessions with the account, whatever the task says about sessions', async () => {
    const { store, connector, id, settle, sessions } = await setUp()
    await settle()
    const context = memoryContext(undefined, undefined, { endSessions: false })
    expect(await connector.disable(id, context)).toMatchObject({ sessions: { kind: 'ended' } })
    expect(await sessions()).toEqual([])
    expect((await auditTrail(store)).at(-1)).toMatchObject({
      kind: 'local_user_disabled',
      actor: 'system',
      facts: { userId: id, by: 'task' },
    })
  })

  it('has a word that the list cannot take back, also for an account that was deleted and added again', async () => {
    const { deps, connector, id, settle, user } = await setUp()
    await settle()
    const context = memoryContext()
    await connector.disable(id, context)
    await expect(changeUser(deps, lou, 'enable', id)).rejects.toMatchObject({ code: 'nothing_to_do' })
    await changeUser(deps, lou, 'delete', id)
    await expect(connector.enable(id, memoryContext(context.kept()))).rejects.toMatchObject({
      code: 'not_found',
    })
    await addUser(deps, lou, { email: 'ann@corp.example', description: '' })
    expect(await user()).toMatchObject({ state: 'disabled' })
    expect(await connector.enable(id, memoryContext(context.kept()))).toMatchObject({ readBack: 'verified' })
    expect(await user()).toMatchObject({ state: 'enabled', heldSince: null })
  })

  it('signs out without touching the account', async () => {
    const { connector, id, settle, sessions, user } = await setUp()
    await settle()
    expect(await connector.signOut?.(id, memoryContext())).toMatchObject({
      readBack: 'verified',
      already: false,
    })
    expect(await sessions()).toEqual([])
    expect(await connector.signOut?.(id, memoryContext())).toMatchObject({
      readBack: 'verified',
      already: true,
    })
    expect(await user()).toMatchObject({ state: 'enabled' })
  })

  it('resets a password: the old one is gone, and a link for a new one is under way', async () => {
    const { store, connector, id, settle, sessions, user } = await setUp()
    await settle()
    expect(await connector.resetPassword?.(id, memoryContext())).toMatchObject({
      readBack: 'verified',
      already: false,
      sessions: { kind: 'ended' },
    })
    expect(await sessions()).toEqual([])
    expect(await store.read((ctx) => passwordHashOf(ctx, id))).toBeUndefined()
    expect(await user()).toMatchObject({ state: 'enabled', enrolledAt: null, generation: 2 })
    const mails = await store.read((ctx) => ctx.q.select().from(ctx.t.mails))
    expect(mails.at(-1)).toMatchObject({ kind: 'new_password', generation: 2 })
  })

  it('sends a disabled account no link', async () => {
    const { store, deps, connector, id, settle, user } = await setUp()
    await settle()
    await changeUser(deps, lou, 'disable', id)
    await connector.resetPassword?.(id, memoryContext())
    expect(await user()).toMatchObject({
      state: 'disabled',
      enrolledAt: null,
      linkExpiresAt: deps.clock.now(),
    })
    const mails = await store.read((ctx) => ctx.q.select().from(ctx.t.mails))
    expect(mails.map((mail) => mail.kind)).toEqual(['enrollment'])
    expect(await changeUser(deps, lou, 'enable', id)).toBe(true)
    const linkExpiresAt = new Date(deps.clock.now().getTime() + linkMs)
    const afterwards = { state: 'enabled', enrolledAt: null, generation: 4, linkExpiresAt }
    expect(await user()).toMatchObject(afterwards)
    const later = await store.read((ctx) => ctx.q.select().from(ctx.t.mails))
    expect(later.at(-1)).toMatchObject({ kind: 'enrollment', userId: id, generation: 4 })
  })

  it.each(['enable', 'resend'] as const)(
    'names the Disable task when the list is asked to %s somebody who has not enrolled',
    async (action) => {
      const { deps, connector, id } = await setUp()
      await connector.disable(id, memoryContext())
      await expect(changeUser(deps, lou, action, id)).rejects.toThrow(
        'A Disable task disabled this account, so only an Enable task enables it again.',
      )
    },
  )

  it('knows everybody’s group and those that somebody is in', async () => {
    const { deps, connector, id, signal } = await setUp()
    expect((await connector.read(id, signal)).protectedGroups).toEqual(['All local users'])
    const vpn = await addGroup(deps, lou, { name: 'vpn', description: '' })
    await changeMembers(deps, lou, vpn, { add: [id], remove: [] })
    expect((await connector.read(id, signal)).protectedGroups).toEqual(['All local users', 'VPN'])
  })

  it('finds nobody by anything but a whole address or an id', async () => {
    const { connector, id, signal } = await setUp()
    for (const value of ['ann', 'ann@corp.example', id, '\u0000'])
      for (const kind of ['login', 'dn', 'sid'] as const)
        expect(await connector.find({ kind, value }, signal)).toEqual([])
    expect(await connector.find({ kind: 'id', value: `${id}\u0000` }, signal)).toEqual([])
    expect(await connector.find({ kind: 'address', value: 'Ann@CORP.example' }, signal)).toMatchObject([
      { id, foundBy: 'email', login: 'ann@corp.example', primaryEmail: 'ann@corp.example' },
    ])
  })
})
