import { expect, it } from 'vitest'
import { findAccessRules, insertAccessRule, isLetIn } from '#db/queries/access.ts'
import { addMembers, insertLocalGroups } from '#db/queries/local-groups.ts'
import { insertLocalUsers, localUsersByIds, updateLocalUsers } from '#db/queries/local-users.ts'
import { takePlaces } from '#db/queries/local-counts.ts'
import { UserError } from '#src/errors.ts'
import { changeUser } from '#src/local-users/change.ts'
import { deleteGroups } from '#src/local-users/groups.ts'
import { changeMembers } from '#src/local-users/members.ts'
import { type AccessSettings, createAccess, mayReach } from '#src/sign-in/access-rules.ts'
import { addAccessRule, listAccessRules, removeAccessRule } from '#src/sign-in/access-rules-change.ts'
import { actorWith, auditTrail, localUserDeps, lou } from '#test/helpers/local-admin.ts'
import { groupRow, localUserRow } from '#test/helpers/local-rows.ts'
import { after, start } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const wiki = { kind: 'host', id: 'wiki.example.net' } as const
const grafana = { kind: 'client', id: 'grafana' } as const
const resources = [
  { ...wiki, name: 'Wiki' },
  { ...grafana, name: 'Grafana' },
]

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof UserError ? error.code : error),
  )

describeOnBothEngines('Access rules', (open) => {
  const setUp = async (rules: AccessSettings['rules'] = []) => {
    const store = await open()
    await store.write(async (ctx) => {
      await takePlaces(ctx, 'users', 2, 10)
      await takePlaces(ctx, 'groups', 2, 10)
      await insertLocalUsers(
        ctx,
        ['ann', 'bob'].map((id) => localUserRow(id, { enrolledAt: start })),
      )
      await insertLocalGroups(ctx, [groupRow('vpn'), groupRow('build')])
      await addMembers(ctx, [{ groupId: 'vpn', userId: 'ann', emailKey: 'ann@corp.example' }])
    })
    const deps = { ...localUserDeps(store), access: createAccess({ resources, rules }) }
    const reached = async (resource: { kind: 'host' | 'client'; id: string } = wiki) => {
      const all = await Promise.all(
        ['ann', 'bob'].map(async (id) => ((await mayReach(deps, id, resource)) ? [id] : [])),
      )
      return all.flat()
    }
    return { store, deps, reached }
  }

  it('let nobody in where none names anybody', async () => {
    const { reached } = await setUp()
    expect(await reached()).toEqual([])
  })

  it.each([
    [{ kind: 'everybody' }, ['ann', 'bob']],
    [{ kind: 'user', id: 'bob' }, ['bob']],
    [{ kind: 'group', id: 'vpn' }, ['ann']],
    [{ kind: 'group', id: 'build' }, []],
  ] as const)('let in whom %o names, and only there', async (who, expected) => {
    const { deps, reached } = await setUp()
    expect(await addAccessRule(deps, lou, { who, resource: wiki })).toBe(true)
    expect(await addAccessRule(deps, lou, { who, resource: wiki })).toBe(false)
    expect(await reached()).toEqual(expected)
    expect(await reached(grafana)).toEqual([])
  })

  it.each([
    [{ kind: 'everybody' }, ['ann', 'bob']],
    [{ kind: 'user', email: 'BOB@Corp.example' }, ['bob']],
    [{ kind: 'group', name: 'Vpn' }, ['ann']],
    [{ kind: 'group', name: 'nothing' }, []],
  ] as const)('of the configuration let in whom %o names', async (who, expected) => {
    const { reached } = await setUp([{ to: [wiki], who: [who] }])
    expect(await reached()).toEqual(expected)
    expect(await reached(grafana)).toEqual([])
  })

  it('let nobody reach what is not configured, whatever the table says', async () => {
    const { store, deps, reached } = await setUp()
    const gone = { kind: 'host', id: 'old.example.net' } as const
    const row = { id: 'r', resourceKind: 'host', resourceId: gone.id, whoKind: 'everybody', whoId: '' }
    await store.write((ctx) => insertAccessRule(ctx, { ...row, createdAt: start, createdBy: 'U0LOU' }))
    expect(await reached(gone)).toEqual([])
    expect(await codeOf(addAccessRule(deps, lou, { who: { kind: 'everybody' }, resource: gone }))).toBe(
      'not_found',
    )
    expect(await listAccessRules(deps, lou)).toMatchObject([{ id: 'r', resourceName: undefined }])
  })

  it('follow people into groups and out of them, and let nobody in who is disabled', async () => {
    const { deps, reached, store } = await setUp([{ to: [grafana], who: [{ kind: 'everybody' }] }])
    await addAccessRule(deps, lou, { who: { kind: 'group', id: 'vpn' }, resource: wiki })
    await changeMembers(deps, lou, 'vpn', { add: ['bob'], remove: ['ann'] })
    expect(await reached()).toEqual(['bob'])
    await changeUser(deps, lou, 'disable', 'bob')
    expect(await reached()).toEqual([])
    expect(await reached(grafana)).toEqual(['ann'])
    await store.write((ctx) => updateLocalUsers(ctx, ['bob'], { state: 'enabled', updatedAt: after(1) }))
    expect(await reached()).toEqual(['bob'])
  })

  it('are gone with the user or group that they name', async () => {
    const { store, deps } = await setUp()
    for (const who of [
      { kind: 'user', id: 'ann' },
      { kind: 'group', id: 'vpn' },
      { kind: 'group', id: 'build' },
    ] as const)
      await addAccessRule(deps, lou, { who, resource: wiki })
    await changeUser(deps, lou, 'delete', 'ann')
    await deleteGroups(deps, lou, ['vpn'])
    const left = await store.read((ctx) => findAccessRules(ctx))
    expect(left.map(({ whoKind, whoId }) => [whoKind, whoId])).toEqual([['group', 'build']])
    expect(await store.read((ctx) => localUsersByIds(ctx, ['ann']))).toEqual([])
    const gone = addAccessRule(deps, lou, { who: { kind: 'user', id: 'ann' }, resource: wiki })
    expect(await codeOf(gone)).toBe('not_found')
  })

  it('are listed with those of the configuration, for everything or for one group', async () => {
    const { deps } = await setUp([
      { to: [wiki, grafana], who: [{ kind: 'group', name: 'VPN' }, { kind: 'everybody' }] },
    ])
    await addAccessRule(deps, lou, { who: { kind: 'group', id: 'vpn' }, resource: grafana })
    deps.clock.move(1)
    await addAccessRule(deps, lou, { who: { kind: 'user', id: 'ann' }, resource: wiki })
    const words = async (who?: Parameters<typeof listAccessRules>[2]) =>
      (await listAccessRules(deps, lou, who)).map(
        (rule) =>
          `${rule.id === undefined ? 'fixed' : 'own'} ${rule.who} ${rule.name} → ${rule.resourceName}`,
      )
    expect(await words()).toEqual([
      'fixed group VPN → Wiki',
      'fixed everybody  → Wiki',
      'fixed group VPN → Grafana',
      'fixed everybody  → Grafana',
      'own group vpn → Grafana',
      'own user Ann@corp.example → Wiki',
    ])
    expect(await words({ kind: 'group', id: 'vpn' })).toEqual([
      'fixed group VPN → Wiki',
      'fixed group VPN → Grafana',
      'own group vpn → Grafana',
    ])
    expect(await words({ kind: 'user', id: 'ann' })).toEqual(['own user Ann@corp.example → Wiki'])
    expect(await words({ kind: 'everybody' })).toEqual([
      'fixed everybody  → Wiki',
      'fixed everybody  → Grafana',
    ])
  })

  it('are changed by local-user admins only, and every change is recorded', async () => {
    const { store, deps, reached } = await setUp()
    const rule = { who: { kind: 'everybody' }, resource: wiki } as const
    const responder = actorWith('responder', 'approver', 'viewer')
    expect(await codeOf(addAccessRule(deps, responder, rule))).toBe('not_allowed')
    expect(await codeOf(listAccessRules(deps, responder))).toBe('not_allowed')
    await addAccessRule(deps, lou, rule)
    const id = (await listAccessRules(deps, lou))[0]!.id!
    expect(await codeOf(removeAccessRule(deps, responder, id))).toBe('not_allowed')
    expect(await reached()).toEqual(['ann', 'bob'])
    expect(await removeAccessRule(deps, lou, id)).toBe(true)
    expect(await removeAccessRule(deps, lou, id)).toBe(false)
    expect(await reached()).toEqual([])
    const facts = { resourceKind: 'host', resourceId: wiki.id, whoKind: 'everybody' }
    expect(await auditTrail(store)).toMatchObject([
      { kind: 'access_rule_added', actor: 'U0LOU', facts },
      { kind: 'access_rule_removed', actor: 'U0LOU', facts },
    ])
  })

  it('are added once where two people add the same at the same time', async () => {
    const { store, deps } = await setUp()
    const rule = { who: { kind: 'group', id: 'vpn' }, resource: wiki } as const
    const both = await Promise.all([addAccessRule(deps, lou, rule), addAccessRule(deps, lou, rule)])
    expect(both.toSorted()).toEqual([false, true])
    expect(await store.read((ctx) => findAccessRules(ctx))).toHaveLength(1)
    const admission = { everybody: false, emailKeys: [], groupKeys: [] }
    expect(await store.read((ctx) => isLetIn(ctx, 'ann', wiki, admission))).toBe(true)
  })
})
