import { expect, it } from 'vitest'
import { countOf, takePlaces } from '#db/queries/local-counts.ts'
import { localUserIds } from '#db/queries/local-users-search.ts'
import type { Store } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import { addUser } from '#src/local-users/add.ts'
import { changeUser } from '#src/local-users/change.ts'
import { addGroup, deleteGroups } from '#src/local-users/groups.ts'
import { confirmImport, tryImport } from '#src/local-users/import.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { batchStage, csvOf } from '#test/helpers/local-batches.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const told = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof UserError ? error.code : error),
  )
const many = (count: number, one: (i: number) => Promise<unknown>) =>
  Promise.all(Array.from({ length: count }, (_, i) => told(one(i))))

describeOnBothEngines('The last places, with several admins and an import at once', (_, databases) => {
  const setUp = async (taken: { readonly users: number; readonly groups: number }) => {
    const url = await databases.newUrl()
    // Replicas on PostgreSQL; on SQLite one process works on a file.
    const one = await databases.openUrl(url)
    const other = databases.dialect === 'postgres' ? await databases.openUrl(url) : one
    await one.write(async (ctx) => {
      await takePlaces(ctx, 'users', taken.users, 10_000)
      await takePlaces(ctx, 'groups', taken.groups, 1_000)
    })
    const stage = batchStage(one)
    const replicas = [stage.deps, { ...stage.deps, store: other }] as const
    return { ...stage, replicas, store: one }
  }
  const counted = (store: Store) =>
    store.read(async (ctx) => ({
      users: await countOf(ctx, 'users'),
      userRows: (await localUserIds(ctx, { now: new Date(0) })).length,
      groups: await countOf(ctx, 'groups'),
      groupRows: (await ctx.q.select().from(ctx.t.localGroups)).length,
    }))

  it('for local users are each given once', { timeout: 240_000 }, async () => {
    const { store, deps, replicas, runner, batch } = await setUp({ users: 9_960, groups: 0 })
    const file = { name: 'x.csv', bytes: csvOf(30), updateDescriptions: false }
    const { id } = await tryImport(deps, lou, file)
    await confirmImport(deps, lou, id)
    const add = (i: number) =>
      addUser(replicas[i % 2 === 0 ? 0 : 1], lou, { email: `q${i}@corp.example`, description: '' })
    const [answers] = await Promise.all([many(30, add), runner.runAllDue()])
    const { changed, failed } = await batch(id)
    const made = answers.filter((answer) => answer === 'done').length
    expect(new Set(answers)).toEqual(new Set(made === 30 ? ['done'] : ['done', 'over_limit']))
    expect(made + changed).toBe(40)
    expect(failed).toBe(30 - changed)
    expect(await counted(store)).toMatchObject({ users: 10_000, userRows: 40 })
    // What comes free is given again, as often as it came free.
    const ids = await store.read((ctx) => localUserIds(ctx, { now: new Date(0) }))
    const [gone, came] = await Promise.all([
      many(10, (i) => changeUser(replicas[i % 2 === 0 ? 0 : 1], lou, 'delete', ids[i % 5]!)),
      many(20, (i) => add(100 + i)),
    ])
    expect(gone.filter((answer) => answer === 'done')).toHaveLength(5)
    const userRows = 35 + came.filter((answer) => answer === 'done').length
    expect(userRows).toBeLessThanOrEqual(40)
    expect(await counted(store)).toMatchObject({ users: 9_960 + userRows, userRows })
  })

  it('for groups are each given once', { timeout: 240_000 }, async () => {
    const { store, deps, replicas, runner, batch } = await setUp({ users: 0, groups: 990 })
    const bytes = Buffer.from(
      `email,groups\n${Array.from({ length: 8 }, (_one, i) => `p${i}@corp.example,g${i}`).join('\n')}`,
    )
    const { id } = await tryImport(deps, lou, { name: 'x.csv', bytes, updateDescriptions: false })
    await confirmImport(deps, lou, id)
    const add = (i: number) =>
      addGroup(replicas[i % 2 === 0 ? 0 : 1], lou, { name: `h${i}`, description: '' })
    const [answers] = await Promise.all([many(8, add), runner.runAllDue()])
    const made = answers.filter((answer) => answer === 'done').length
    const { partly } = await batch(id)
    expect(made + 8 - partly).toBe(10)
    expect(await counted(store)).toMatchObject({ groups: 1_000, groupRows: 10, users: 8, userRows: 8 })
    const ids = await store.read((ctx) => ctx.q.select({ id: ctx.t.localGroups.id }).from(ctx.t.localGroups))
    const [gone] = await Promise.all([
      Promise.all(
        [0, 1].map((i) => deleteGroups(replicas[i]!, lou, ids.map((group) => group.id).slice(0, 5))),
      ),
      many(8, (i) => add(100 + i)),
    ])
    expect(gone.toSorted((a, b) => a - b)).toEqual([0, 5])
    const { groups, groupRows } = await counted(store)
    expect(groups).toBe(990 + groupRows)
    expect(groups).toBeLessThanOrEqual(1_000)
  })
})
