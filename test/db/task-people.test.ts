import { expect, test } from 'vitest'
import {
  countByPerson,
  countEnforcements,
  countStanding,
  enforcementsOfPerson,
  hasEnforcements,
  waitAgain,
} from '#db/queries/enforcements.ts'
import { insertTask, unfinishedOnAccounts } from '#db/queries/tasks.ts'
import {
  countAtStage,
  countPeopleStates,
  deleteListsBefore,
  findPeopleList,
  findTaskPerson,
  firstNames,
  insertPeopleList,
  insertTaskPeople,
  markStage,
  type NewPeopleListRow,
  type NewTaskPersonRow,
  placesAtStage,
  summaryOfTask,
  taskPeopleOf,
  updatePeopleList,
  updateTaskPerson,
} from '#db/queries/task-people.ts'
import { deleteTasksFinishedBefore } from '#db/queries/retention.ts'
import { after, enforcementRow, start, taskRow } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const list = (id: string, fields: Partial<NewPeopleListRow> = {}): NewPeopleListRow => ({
  id,
  action: 'disable_account',
  requesterId: 'U0RITA',
  channelId: 'C0',
  viewId: 'V0',
  description: '',
  endSessions: true,
  state: 'looking',
  createdAt: start,
  ...fields,
})
const person = (
  listId: string,
  position: number,
  fields: Partial<NewTaskPersonRow> = {},
): NewTaskPersonRow => ({
  listId,
  position,
  line: position,
  text: `p${position}@corp.example`,
  name: `Person ${position}`,
  state: 'in',
  others: 0,
  stage: 'to_check',
  ...fields,
})
const places = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describeOnBothEngines('people of a task', (open) => {
  test('a list keeps 500 people in their order, and tells how many are in which state', async () => {
    const store = await open()
    await store.write(async (ctx) => {
      await insertPeopleList(ctx, list('l1', { file: { name: 'people.csv' } }))
      await insertTaskPeople(
        ctx,
        places(500).map((at) => person('l1', at, { state: at > 490 ? 'out' : 'waiting' })),
      )
      await updatePeopleList(ctx, 'l1', { state: 'found', file: null })
      await updateTaskPerson(ctx, 'l1', 3, { state: 'in', name: 'Carol', found: { accounts: [] } })
    })
    await store.read(async (ctx) => {
      expect(await findPeopleList(ctx, 'l1')).toMatchObject({ state: 'found', file: null })
      expect(await findPeopleList(ctx, 'l2')).toBeUndefined()
      expect((await taskPeopleOf(ctx, 'l1')).map((row) => row.position)).toEqual(places(500))
      expect(await taskPeopleOf(ctx, 'l1', 'out')).toHaveLength(10)
      expect(await findTaskPerson(ctx, 'l1', 3)).toMatchObject({ name: 'Carol', found: { accounts: [] } })
      expect(await countPeopleStates(ctx, 'l1')).toEqual({ waiting: 489, in: 1, out: 10 })
      expect(await firstNames(ctx, 'l1', 5)).toEqual(['Carol'])
    })
  })

  test('people go from stage to stage; those left out have none', async () => {
    const store = await open()
    await store.write(async (ctx) => {
      await insertPeopleList(ctx, list('l1'))
      await insertTaskPeople(ctx, [
        ...places(4).map((at) => person('l1', at)),
        person('l1', 5, { state: 'out' }),
      ])
      await markStage(ctx, 'l1', 'to_send')
      await markStage(ctx, 'l1', 'sent', [1, 2])
      await markStage(ctx, 'l1', 'sent', [])
    })
    await store.read(async (ctx) => {
      expect(await placesAtStage(ctx, 'l1', 'to_send', 10)).toEqual([3, 4])
      expect(await placesAtStage(ctx, 'l1', 'to_send', 1)).toEqual([3])
      expect(await countAtStage(ctx, 'l1', 'sent')).toBe(2)
      expect(await countAtStage(ctx, 'l1', 'to_check')).toBe(0)
    })
  })

  test('a task of 500 people with three accounts each is kept, counted, and found by its accounts', async () => {
    const store = await open()
    const rows = places(500).flatMap((at) =>
      ['ad', 'okta', 'ldap'].map((systemId, index) =>
        enforcementRow(`${at}-${systemId}`, 'T-1', {
          ...{ person: at, position: index, systemId, accountId: `${systemId}-${at}` },
          ...{ status: at === 500 ? 'unsuccessful' : at === 1 ? 'successful' : 'waiting' },
          ...{ readBack: at === 1 ? 'verified' : null, finishedAt: at === 1 ? after(index) : null },
        }),
      ),
    )
    await store.write((ctx) => insertTask(ctx, taskRow('T-1', { people: 500, lookUpId: 'l1' }), rows))
    await store.read(async (ctx) => {
      expect((await enforcementsOfPerson(ctx, 'T-1', 7)).map((row) => row.id)).toEqual([
        '7-ad',
        '7-okta',
        '7-ldap',
      ])
      expect(await countByPerson(ctx, 'T-1')).toHaveLength(500)
      expect(await countEnforcements(ctx, 'T-1', ['waiting', 'running'])).toBe(1_494)
      expect(await hasEnforcements(ctx, 'T-1', ['waiting', 'unsuccessful'])).toBe(true)
      expect(await hasEnforcements(ctx, 'T-1', ['running'])).toBe(false)
      expect(await countStanding(ctx, 'T-1')).toBe(3)
      expect(await summaryOfTask(ctx, 'T-1')).toEqual({
        systems: ['ad', 'ldap', 'okta'].map((systemId) => ({ systemId, n: 500 })),
        lastAt: after(2),
      })
      const accounts = rows.map((row) => ({ systemId: row.systemId, accountId: row.accountId ?? '' }))
      expect(await unfinishedOnAccounts(ctx, accounts)).toHaveLength(1_500)
    })
    expect(await store.write((ctx) => waitAgain(ctx, 'T-1'))).toEqual([500, 500, 500])
    const again = await store.read((ctx) => enforcementsOfPerson(ctx, 'T-1', 500))
    expect(again.map((row) => [row.status, row.run])).toEqual(Array.from({ length: 3 }, () => ['waiting', 2]))
  })

  test('lists are forgotten when they are old, with their task where they have one', async () => {
    const store = await open()
    await store.write(async (ctx) => {
      for (const id of ['used', 'old', 'young']) {
        await insertPeopleList(ctx, list(id, { createdAt: id === 'young' ? after(10) : start }))
        await insertTaskPeople(ctx, [person(id, 1)])
      }
      const task = taskRow('T-1', { people: 1, lookUpId: 'used', finishedAt: start, status: 'rejected' })
      await insertTask(ctx, task, [enforcementRow('e1', 'T-1', { person: 1 })])
      await deleteListsBefore(ctx, after(5))
    })
    const left = async () =>
      await store.read(async (ctx) => [
        (await taskPeopleOf(ctx, 'used')).length,
        (await taskPeopleOf(ctx, 'old')).length,
        (await taskPeopleOf(ctx, 'young')).length,
        (await findPeopleList(ctx, 'old')) === undefined,
      ])
    expect(await left()).toEqual([1, 0, 1, true])
    await store.write((ctx) => deleteTasksFinishedBefore(ctx, after(5), 10))
    expect(await left()).toEqual([0, 0, 1, true])
  })
})
