import { expect, it } from 'vitest'
import { countOf, takePlaces } from '#db/queries/local-counts.ts'
import { insertLocalUsers } from '#db/queries/local-users.ts'
import { UserError } from '#src/errors.ts'
import { addGroup, changeGroup, deleteGroups, ensureGroups } from '#src/local-users/groups.ts'
import { changeMembers } from '#src/local-users/members.ts'
import { listGroups, listUsers } from '#src/local-users/list.ts'
import { actorWith, auditTrail, localUserDeps, lou } from '#test/helpers/local-admin.ts'
import { localUserRow } from '#test/helpers/local-rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof UserError ? `${error.code} ${error.field ?? ''}`.trim() : error),
  )

describeOnBothEngines('Local groups', (open) => {
  const setUp = async () => {
    const store = await open()
    const deps = localUserDeps(store)
    const add = (name: string, description = '') => addGroup(deps, lou, { name, description })
    const listed = async (text?: string) => (await listGroups(deps, lou, text, { number: 0 })).groups
    await store.write(async (ctx) => {
      await takePlaces(ctx, 'users', 2, 10)
      await insertLocalUsers(ctx, [localUserRow('ann'), localUserRow('bob')])
    })
    return { store, deps, add, listed }
  }

  it('are added, listed by name beside everybody, renamed and described', async () => {
    const { store, deps, add, listed } = await setUp()
    const id = await add(' VPN ', 'who may\ndial in')
    await add('build')
    expect(await listGroups(deps, lou, undefined, { number: 0 })).toMatchObject({
      everybody: 2,
      total: 2,
      groups: [{ name: 'build' }, { id, name: 'VPN', description: 'who may dial in', members: 0 }],
    })
    await changeGroup(deps, lou, { id, version: 1 }, { name: 'vpn', description: '' })
    expect(await listed('vpn')).toMatchObject([{ name: 'vpn', description: '', version: 2 }])
    expect((await auditTrail(store)).at(-1)).toEqual({
      kind: 'local_group_changed',
      actor: 'U0LOU',
      facts: { groupId: id, name: 'vpn', nameBefore: 'VPN' },
    })
  })

  it('have one name each, ignoring case, and never that of everybody', async () => {
    const { store, deps, add } = await setUp()
    const id = await add('vpn')
    const other = await add('build')
    expect(await refusal(add('VPN'))).toBe('already_there name')
    expect(await refusal(add('all LOCAL users'))).toBe('already_there name')
    expect(await refusal(add('  '))).toBe('missing name')
    expect(await refusal(add('x'.repeat(513)))).toBe('too_long name')
    expect(await refusal(add('x', 'x'.repeat(1025)))).toBe('too_long description')
    const rename = changeGroup(deps, lou, { id: other, version: 1 }, { name: 'Vpn', description: '' })
    expect(await refusal(rename)).toBe('already_there name')
    const both = await Promise.all([refusal(add('new')), refusal(add('NEW'))])
    expect(both.toSorted()).toEqual(['already_there name', 'no refusal'])
    await store.write((ctx) => takePlaces(ctx, 'groups', 997, 1_000))
    expect(await refusal(add('one too many'))).toBe('over_limit name')
    expect(await deleteGroups(deps, lou, [id, 'gone'])).toBe(1)
    expect(await refusal(add('one too many'))).toBe('no refusal')
    expect(await store.read((ctx) => countOf(ctx, 'groups'))).toBe(1_000)
  })

  it('tell the second of two admins what happened', async () => {
    const { deps, add } = await setUp()
    const id = await add('vpn')
    const form = { name: 'vpn', description: 'mine' }
    await changeGroup(deps, lou, { id, version: 1 }, form)
    expect(await refusal(changeGroup(deps, lou, { id, version: 1 }, form))).toBe('stale')
    await deleteGroups(deps, lou, [id])
    expect(await refusal(changeGroup(deps, lou, { id, version: 2 }, form))).toBe('not_found')
    expect(await refusal(changeMembers(deps, lou, id, { add: ['ann'], remove: [] }))).toBe('not_found')
  })

  it('are renamed and deleted at the same moment without a contradiction', async () => {
    const { store, deps, add, listed } = await setUp()
    const id = await add('vpn')
    const [renamed, deleted, filled] = await Promise.all([
      refusal(changeGroup(deps, lou, { id, version: 1 }, { name: 'new', description: '' })),
      deleteGroups(deps, lou, [id]),
      refusal(changeMembers(deps, lou, id, { add: ['ann'], remove: [] })),
    ])
    expect(deleted).toBe(1)
    for (const told of [renamed, filled]) expect(['no refusal', 'not_found']).toContain(told)
    expect(await listed()).toEqual([])
    expect(await store.read((ctx) => ctx.q.select().from(ctx.t.localMembers))).toEqual([])
    expect(await store.read((ctx) => countOf(ctx, 'groups'))).toBe(0)
    const kinds = (await auditTrail(store)).map((event) => event.kind)
    expect(kinds.at(-1)).toBe('local_group_deleted')
  })

  it('hold whoever is there, once', async () => {
    const { store, deps, add, listed } = await setUp()
    const id = await add('vpn')
    const change = (who: { add?: string[]; remove?: string[] }) =>
      changeMembers(deps, lou, id, { add: [], remove: [], ...who })
    expect(await change({ add: ['ann', 'bob', 'gone'] })).toEqual({ came: 2, went: 0 })
    expect(await change({ add: ['ann'], remove: ['bob', 'gone'] })).toEqual({ came: 0, went: 1 })
    expect(await listed()).toMatchObject([{ members: 1 }])
    const page = { number: 0, sort: 'email' } as const
    const { users, total } = await listUsers(deps, lou, { groupId: id }, page)
    expect({ users, total }).toMatchObject({ users: [{ id: 'ann', groups: ['vpn'] }], total: 1 })
    expect((await auditTrail(store)).slice(1)).toMatchObject([
      { kind: 'local_members_added', facts: { groupId: id } },
      { kind: 'local_members_removed', facts: { userIds: ['bob'] } },
    ])
  })

  it('are managed by local-user admins only', async () => {
    const { deps, add } = await setUp()
    const id = await add('vpn')
    const owner = actorWith('owner')
    expect(await refusal(addGroup(deps, owner, { name: 'x', description: '' }))).toBe('not_allowed')
    expect(await refusal(deleteGroups(deps, owner, [id]))).toBe('not_allowed')
    expect(await refusal(changeMembers(deps, owner, id, { add: [], remove: [] }))).toBe('not_allowed')
    expect(await refusal(listGroups(deps, owner, undefined, { number: 0 }))).toBe('not_allowed')
  })

  it('are made where a file names new ones, as far as there is room', async () => {
    const { store, deps, add } = await setUp()
    const id = await add('vpn')
    await store.write((ctx) => takePlaces(ctx, 'groups', 998, 1_000))
    const names = [
      { name: 'VPN', key: 'vpn' },
      { name: 'One', key: 'one' },
      { name: 'two', key: 'two' },
    ]
    const asked = { by: 'U0LOU', now: deps.clock.now() }
    const made = await store.write((ctx) => ensureGroups(ctx, asked, names))
    expect([...made.keys()]).toEqual(['vpn', 'one'])
    expect(made.get('vpn')).toBe(id)
  })
})
