import { describe, expect, it } from 'vitest'
import { countOf, takePlaces } from '#db/queries/local-counts.ts'
import { addMembers, insertLocalGroups, localGroupsByIds } from '#db/queries/local-groups.ts'
import { insertSession, keepPassword, passwordHashOf, sessionsOf } from '#db/queries/local-users-sign-in.ts'
import { localUsersByIds, updateLocalUsers } from '#db/queries/local-users.ts'
import { dueMails } from '#db/queries/mails.ts'
import type { Store } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import { readEmail } from '#src/local-users/account.ts'
import { addUser } from '#src/local-users/add.ts'
import { changeUser, changeUsers, describeUser } from '#src/local-users/change.ts'
import { listUsers } from '#src/local-users/list.ts'
import { actorWith, auditTrail, localUserDeps, lou } from '#test/helpers/local-admin.ts'
import { groupRow } from '#test/helpers/local-rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const hour = 60 * 60 * 1000

describe('An e-mail address', () => {
  it.each([
    ['ann@corp.example', 'ann@corp.example'],
    ['  Ann.Lee+vpn@Corp.Example ', 'ann.lee+vpn@corp.example'],
    ["o'neil@corp.example", "o'neil@corp.example"],
    ['jörg@bücher.example', 'jörg@xn--bcher-kva.example'],
    ['JO\u0308RG@xn--bcher-kva.example', 'jörg@xn--bcher-kva.example'],
    [`${'a'.repeat(243)}@corp.example`, `${'a'.repeat(243)}@corp.example`],
  ])('%s is compared as %s', (text, key) => {
    expect(readEmail(text)).toEqual({ email: text.trim().normalize('NFC'), key })
  })

  it.each([
    ['', 'email_missing'],
    ['   ', 'email_missing'],
    [`${'a'.repeat(244)}@corp.example`, 'email_too_long'],
    ['ann', 'email_not_an_address'],
    ['@corp.example', 'email_not_an_address'],
    ['ann@', 'email_not_an_address'],
    ['ann@localhost', 'email_not_an_address'],
    ['ann@corp..example', 'email_not_an_address'],
    ['ann lee@corp.example', 'email_not_an_address'],
    ['a@b@corp.example', 'email_not_an_address'],
    ['ann@corp.example, eve@evil.example', 'email_not_an_address'],
    ['Ann <ann@corp.example>', 'email_not_an_address'],
    ['ann\r\nBcc: eve@evil.example', 'email_not_an_address'],
    ['ann\u0000@corp.example', 'email_not_an_address'],
    ['"a b"@corp.example', 'email_not_an_address'],
    ['.ann@corp.example', 'email_not_an_address'],
    ['ann@corp.example\u202e', 'email_not_an_address'],
  ])('%j is refused as %s', (text, fault) => {
    expect(readEmail(text)).toBe(fault)
  })
})

const code = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof UserError)
    return error.field === undefined ? error.code : `${error.code} ${error.field}`
  throw new Error('A refusal was expected', { cause: error })
}

/** Enrolled, in a group, signed in. */
async function settled(store: Store, id: string): Promise<void> {
  await store.write(async (ctx) => {
    const now = new Date(0)
    await updateLocalUsers(ctx, [id], { enrolledAt: now })
    await keepPassword(ctx, { userId: id, hash: 'h', changedAt: now })
    await insertSession(ctx, { id: `of ${id}`, userId: id, kind: 'session', createdAt: now, expiresAt: now })
    await insertLocalGroups(ctx, [groupRow(`group of ${id}`)])
    await addMembers(ctx, [{ groupId: `group of ${id}`, userId: id, emailKey: 'x' }])
  })
}

describeOnBothEngines('Local users', (open) => {
  const setUp = async () => {
    const store = await open()
    const deps = localUserDeps(store)
    const add = (email: string, description = '') => addUser(deps, lou, { email, description })
    const user = async (id: string) => (await store.read((ctx) => localUsersByIds(ctx, [id])))[0]
    const listed = async (filter = {}) => {
      const { users, total } = await listUsers(deps, lou, filter, { number: 0, sort: 'email' })
      expect(users).toHaveLength(Math.min(total ?? 10, 10))
      return users
    }
    return { store, deps, add, user, listed }
  }

  it('are added enabled, waiting for enrollment, with a mail under way and a record of it', async () => {
    const { store, deps, add, listed } = await setUp()
    const { id, held } = await add(' Ann@Corp.example ', 'of\n sales')
    expect(held).toBe(false)
    expect(await listed()).toMatchObject([
      {
        id,
        email: 'Ann@Corp.example',
        description: 'of sales',
        state: 'enabled',
        enrollment: 'waiting',
        groups: [],
      },
    ])
    const due = { now: deps.clock.now(), after: 0, limit: 9 }
    expect(await store.read((ctx) => dueMails(ctx, due))).toMatchObject([
      { kind: 'enrollment', userId: id, generation: 1 },
    ])
    expect(await auditTrail(store)).toEqual([
      {
        kind: 'local_user_added',
        actor: 'U0LOU',
        facts: { userId: id, email: 'Ann@Corp.example', held: false },
      },
    ])
  })

  it('show an expired link once its 24 hours are over, without anybody sweeping', async () => {
    const { deps, add, listed } = await setUp()
    await add('ann@corp.example')
    deps.clock.move(24 * hour - 1)
    expect(await listed({ enrollment: 'waiting' })).toHaveLength(1)
    deps.clock.move(1)
    expect(await listed()).toMatchObject([{ enrollment: 'expired' }])
    expect(await listed({ enrollment: 'waiting' })).toEqual([])
  })

  it('are refused where the form is wrong, the address is taken or no place is left', async () => {
    const { store, add } = await setUp()
    await add('ann@corp.example')
    expect(await code(add('ANN@corp.example'))).toBe('already_there email')
    expect(await code(add('ann'))).toBe('not_understood email')
    expect(await code(add('b@corp.example', 'x'.repeat(513)))).toBe('too_long description')
    await store.write((ctx) => takePlaces(ctx, 'users', 9_999, 10_000))
    expect(await code(add('c@corp.example'))).toBe('over_limit email')
    expect(await store.read((ctx) => countOf(ctx, 'users'))).toBe(10_000)
  })

  it('are one person when two admins add the same address at once', async () => {
    const { store, add, listed } = await setUp()
    const both = await Promise.allSettled([add('ann@corp.example'), add('Ann@corp.example')])
    expect(both.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(both.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'already_there' })
    expect(await listed()).toHaveLength(1)
    expect(await store.read((ctx) => countOf(ctx, 'users'))).toBe(1)
  })

  it('are managed by local-user admins only', async () => {
    const { deps, add, listed } = await setUp()
    const { id } = await add('ann@corp.example')
    for (const actor of [actorWith('owner', 'responder', 'approver', 'viewer'), actorWith()]) {
      const page = { number: 0, sort: 'email' } as const
      expect(await code(addUser(deps, actor, { email: 'b@corp.example', description: '' }))).toBe(
        'not_allowed',
      )
      expect(await code(changeUser(deps, actor, 'delete', id))).toBe('not_allowed')
      expect(await code(describeUser(deps, actor, { id, version: 1 }, 'x'))).toBe('not_allowed')
      expect(await code(listUsers(deps, actor, {}, page))).toBe('not_allowed')
    }
    expect(await listed()).toMatchObject([{ id, description: '' }])
  })

  it('are described by whoever saw their newest state', async () => {
    const { deps, add, listed } = await setUp()
    const { id } = await add('ann@corp.example')
    await describeUser(deps, lou, { id, version: 1 }, 'new')
    expect(await code(describeUser(deps, lou, { id, version: 1 }, 'late'))).toBe('stale')
    expect(await code(describeUser(deps, lou, { id: 'gone', version: 1 }, 'x'))).toBe('not_found')
    expect(await listed({ text: 'NEW' })).toMatchObject([{ description: 'new' }])
  })

  it('are enabled and disabled once they have enrolled, and disabling ends their sessions', async () => {
    const { store, deps, add, user } = await setUp()
    const { id } = await add('ann@corp.example')
    expect(await code(changeUser(deps, lou, 'disable', id))).toBe('nothing_to_do')
    await settled(store, id)
    expect(await changeUser(deps, lou, 'disable', id)).toBe(true)
    expect(await changeUser(deps, lou, 'disable', id)).toBe(false)
    expect(await user(id)).toMatchObject({ state: 'disabled' })
    expect(await store.read((ctx) => sessionsOf(ctx, [id]))).toEqual([])
    expect(await changeUser(deps, lou, 'enable', id)).toBe(true)
    expect(await user(id)).toMatchObject({ state: 'enabled' })
    expect((await auditTrail(store)).map((event) => event.kind)).toEqual([
      'local_user_added',
      'local_user_disabled',
      'local_user_enabled',
    ])
  })

  it.each(['disable', 'delete'] as const)(
    'keep their sessions and links where a %s is not committed, and lose them with it',
    async (action) => {
      const { store, deps, add, user } = await setUp()
      const { id } = await add('ann@corp.example')
      await settled(store, id)
      await store.write((ctx) =>
        updateLocalUsers(ctx, [id], { linkHash: 'asked for', linkExpiresAt: deps.clock.now() }),
      )
      const asked = { by: lou.userId, now: deps.clock.now() }
      const lost = store.write(async (ctx) => {
        await changeUsers(ctx, deps, asked, action, [id])
        expect(await sessionsOf(ctx, [id])).toEqual([])
        throw new Error('the process ends here')
      })
      await expect(lost).rejects.toThrow('the process ends here')
      expect(await user(id)).toMatchObject({ state: 'enabled', linkHash: 'asked for' })
      expect(await store.read((ctx) => sessionsOf(ctx, [id]))).toHaveLength(1)
      await store.write((ctx) => changeUsers(ctx, deps, asked, action, [id]))
      expect((await user(id))?.linkHash ?? null).toBeNull()
      expect(await store.read((ctx) => sessionsOf(ctx, [id]))).toEqual([])
    },
  )

  it('get a new link that kills the old one, unless they have enrolled', async () => {
    const { store, deps, add, user } = await setUp()
    const { id } = await add('ann@corp.example')
    await store.write((ctx) => updateLocalUsers(ctx, [id], { linkHash: 'old', mailProblem: 'box full' }))
    deps.clock.move(25 * hour)
    expect(await changeUser(deps, lou, 'resend', id)).toBe(true)
    expect(await user(id)).toMatchObject({
      generation: 2,
      linkHash: null,
      mailProblem: null,
      linkExpiresAt: new Date(deps.clock.now().getTime() + 24 * hour),
    })
    const due = { now: deps.clock.now(), after: 0, limit: 9 }
    const mails = await store.read((ctx) => dueMails(ctx, due))
    expect(mails.map((mail) => mail.generation)).toEqual([1, 2])
    await settled(store, id)
    expect(await code(changeUser(deps, lou, 'resend', id))).toBe('nothing_to_do')
  })

  it('are deleted with all that hangs on them', async () => {
    const { store, deps, add, user } = await setUp()
    const { id } = await add('ann@corp.example')
    await settled(store, id)
    expect(await changeUser(deps, lou, 'delete', id)).toBe(true)
    expect(await user(id)).toBeUndefined()
    await store.read(async (ctx) => {
      expect(await sessionsOf(ctx, [id])).toEqual([])
      expect(await passwordHashOf(ctx, id)).toBeUndefined()
      expect(await dueMails(ctx, { now: deps.clock.now(), after: 0, limit: 9 })).toEqual([])
      expect(await localGroupsByIds(ctx, [`group of ${id}`])).toMatchObject([{ memberCount: 0 }])
      expect(await countOf(ctx, 'users')).toBe(0)
    })
    expect(await code(changeUser(deps, lou, 'delete', id))).toBe('not_found')
  })

  it('stay disabled under a task’s word, whatever is done in the list', async () => {
    const { store, deps, add, user } = await setUp()
    const { id } = await add('ann@corp.example')
    await settled(store, id)
    const heldSince = deps.clock.now()
    await store.write((ctx) => updateLocalUsers(ctx, [id], { state: 'disabled', heldSince }, true))
    expect(await code(changeUser(deps, lou, 'enable', id))).toBe('nothing_to_do')
    await changeUser(deps, lou, 'delete', id)
    expect(await add('Ann@corp.example')).toEqual({ id, held: true })
    expect(await user(id)).toMatchObject({ state: 'disabled', heldSince, generation: 3, linkHash: null })
    const due = { now: deps.clock.now(), after: 0, limit: 9 }
    expect(await store.read((ctx) => dueMails(ctx, due))).toEqual([])
    expect(await code(changeUser(deps, lou, 'resend', id))).toBe('nothing_to_do')
    await changeUser(deps, lou, 'delete', id)
    expect(await add('ann@corp.example')).toEqual({ id, held: true })
  })
})
