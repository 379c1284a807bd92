import { expect, it } from 'vitest'
import {
  disablesNotUndone,
  enforcementsOfTask,
  enforcementsOfTasks,
  findEnforcement,
  insertEnforcements,
  markUndone,
  updateEnforcement,
  endEnforcement,
  standsOfPerson,
  updateEnforcements,
} from '#db/queries/enforcements.ts'
import { keepOnce } from '#db/queries/journal.ts'
import {
  findTask,
  findWork,
  targetEmailsOf,
  findTaskByLookUp,
  insertTask,
  lastTasksAbout,
  newerTasksOnAccounts,
  searchTasks,
  targetsLike,
  unfinishedOnAccounts,
  updateTask,
} from '#db/queries/tasks.ts'
import { ConflictError, type Store } from '#db/store.ts'
import { after, enforcementRow, start, taskRow } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const account = { systemId: 'corp-ad', accountId: 'account-1' }

const add = (store: Store, id: string, task = {}, enforcements = [enforcementRow(`e-${id}`, id)]) =>
  store.write((ctx) => insertTask(ctx, taskRow(id, task), enforcements))

describeOnBothEngines('Queries on tasks', (open) => {
  it('give a task back as it was put in, with its enforcements in their order', async () => {
    const store = await open()
    await add(store, 'T-1', { expiresAt: after(5), requesterEmail: 'rita@corp.example' }, [
      enforcementRow('b', 'T-1', { position: 1, accountId: null, reason: { kind: 'nobody_there' } }),
      enforcementRow('a', 'T-1', { position: 0, emails: ['x@y.example', 'z@y.example'] }),
    ])
    expect(await store.read((ctx) => findTask(ctx, 'T-1'))).toMatchObject({
      createdAt: start,
      expiresAt: after(5),
      approvedAt: null,
      activeMs: 0,
    })
    expect(await store.read((ctx) => targetEmailsOf(ctx, 'T-1'))).toEqual({ emails: ['alice@corp.example'] })
    expect(await store.read((ctx) => targetEmailsOf(ctx, 'T-0'))).toBeUndefined()
    expect(await store.read((ctx) => findTaskByLookUp(ctx, 'look-up-of-T-1'))).toMatchObject({ id: 'T-1' })
    expect(await store.read((ctx) => enforcementsOfTask(ctx, 'T-1'))).toMatchObject([
      { id: 'a', emails: ['x@y.example', 'z@y.example'], already: false, reason: null },
      { id: 'b', accountId: null, reason: { kind: 'nobody_there' } },
    ])
    expect(await store.read((ctx) => findTask(ctx, 'T-2'))).toBeUndefined()
  })

  it('refuse a second task of the same look-up or the same id, with nothing written', async () => {
    const store = await open()
    await add(store, 'T-1')
    await expect(add(store, 'T-2', { lookUpId: 'look-up-of-T-1' })).rejects.toBeInstanceOf(ConflictError)
    await expect(add(store, 'T-1', { lookUpId: 'other' })).rejects.toBeInstanceOf(ConflictError)
    expect(await store.read((ctx) => findEnforcement(ctx, 'e-T-2'))).toBeUndefined()
  })

  it('change only the named columns', async () => {
    const store = await open()
    await add(store, 'T-1')
    await store.write(async (ctx) => {
      await updateTask(ctx, 'T-1', { status: 'in_progress', startedAt: after(1) })
      await updateEnforcement(ctx, 'e-T-1', { status: 'running', remarks: ['sessions_live_on'] })
      await insertEnforcements(ctx, [enforcementRow('late', 'T-1', { position: 7 })])
      await insertEnforcements(ctx, [])
    })
    expect(await store.read((ctx) => findTask(ctx, 'T-1'))).toMatchObject({
      status: 'in_progress',
      startedAt: after(1),
      description: 'case 4711',
    })
    expect(await store.read((ctx) => enforcementsOfTask(ctx, 'T-1'))).toMatchObject([
      { id: 'e-T-1', status: 'running', remarks: ['sessions_live_on'], login: 'CORP\\anguyen' },
      { id: 'late' },
    ])
  })

  it('change several enforcements at once, and no others', async () => {
    const store = await open()
    const rows = ['a', 'b', 'c'].map((id, position) => enforcementRow(id, 'T-1', { position }))
    await add(store, 'T-1', {}, rows)
    await store.write((ctx) => updateEnforcements(ctx, ['a', 'c'], { status: 'running', run: 2 }))
    await store.write((ctx) => updateEnforcements(ctx, [], { status: 'skipped' }))
    const stands = await store.read((ctx) => standsOfPerson(ctx, 'T-1', 0))
    expect(stands.map(({ id, status, run }) => [id, status, run])).toEqual([
      ['a', 'running', 2],
      ['b', 'waiting', 1],
      ['c', 'running', 2],
    ])
    expect(await store.read((ctx) => standsOfPerson(ctx, 'T-1', 1))).toEqual([])
  })

  it('end an enforcement for the run that has it, and late only where that counts', async () => {
    const store = await open()
    await add(store, 'T-1', {}, [enforcementRow('a', 'T-1', { status: 'running', run: 2 })])
    const end = (run: number, late: boolean, status: string) =>
      store.write((ctx) => endEnforcement(ctx, 'a', { run, late }, { status, finishedAt: start }))
    expect(await end(1, true, 'successful')).toBe(false)
    expect(await end(2, false, 'unsuccessful')).toBe(true)
    expect(await end(2, false, 'skipped')).toBe(false)
    expect(await end(2, true, 'successful')).toBe(true)
    expect(await store.read((ctx) => findWork(ctx, 'a'))).toMatchObject({
      task: { id: 'T-1' },
      enforcement: { id: 'a', status: 'successful', finishedAt: start },
    })
    expect(await store.read((ctx) => findWork(ctx, 'b'))).toBeUndefined()
  })

  it('find what still waits or runs on an account, oldest first', async () => {
    const store = await open()
    await add(store, 'T-3', { createdAt: after(3), status: 'in_progress' })
    await add(store, 'T-1', { createdAt: after(1) })
    await add(store, 'T-2', { createdAt: after(2), status: 'successful' })
    await add(store, 'T-4', { createdAt: after(4) }, [
      enforcementRow('other', 'T-4', { accountId: 'account-2' }),
    ])
    await add(store, 'T-5', { createdAt: after(5) }, [
      enforcementRow('else', 'T-5', { systemId: 'unix-ldap' }),
    ])
    const open1 = await store.read((ctx) => unfinishedOnAccounts(ctx, [account]))
    expect(open1.map(({ task, enforcement }) => [task.id, enforcement.id])).toEqual([
      ['T-1', 'e-T-1'],
      ['T-3', 'e-T-3'],
    ])
    const both = await store.read((ctx) =>
      unfinishedOnAccounts(ctx, [account, { systemId: 'unix-ldap', accountId: 'account-1' }]),
    )
    expect(both.map(({ task }) => task.id)).toEqual(['T-1', 'T-3', 'T-5'])
    expect(await store.read((ctx) => unfinishedOnAccounts(ctx, []))).toEqual([])
  })

  it('find a newer task on an account, but none that was withdrawn before it ran', async () => {
    const store = await open()
    await add(store, 'T-1', { status: 'unsuccessful' })
    await add(store, 'T-2', { createdAt: after(1), status: 'cancelled' })
    const than = { taskId: 'T-1', createdAt: start, actions: ['disable_account'] }
    expect(await store.read((ctx) => newerTasksOnAccounts(ctx, [account], than))).toEqual([])
    await add(store, 'T-3', { createdAt: after(2), status: 'successful' })
    await add(store, 'T-4', { createdAt: after(3) })
    const other = { systemId: account.systemId, accountId: 'account-2' }
    await add(store, 'T-5', { createdAt: after(4) }, [enforcementRow('other', 'T-5', other)])
    expect(await store.read((ctx) => newerTasksOnAccounts(ctx, [account], than))).toMatchObject([
      { account, task: { id: 'T-4' } },
    ])
    expect(await store.read((ctx) => newerTasksOnAccounts(ctx, [other, account], than))).toHaveLength(2)
    expect(await store.read((ctx) => newerTasksOnAccounts(ctx, [], than))).toEqual([])
    const reset = { ...than, actions: ['force_password_reset'] }
    expect(await store.read((ctx) => newerTasksOnAccounts(ctx, [account], reset))).toEqual([])
  })

  it('know the Disables that changed an account and were not undone, earliest first', async () => {
    const store = await open()
    const disabled = { status: 'successful' }
    await add(store, 'T-2', {}, [enforcementRow('second', 'T-2', { ...disabled, startedAt: after(2) })])
    await add(store, 'T-1', {}, [enforcementRow('first', 'T-1', { ...disabled, startedAt: after(1) })])
    await add(store, 'T-3', {}, [
      enforcementRow('already', 'T-3', { ...disabled, already: true, startedAt: after(3) }),
    ])
    await add(store, 'T-4', {}, [
      enforcementRow('never-written', 'T-4', { status: 'unsuccessful', startedAt: after(4) }),
    ])
    await add(store, 'T-5', {}, [enforcementRow('enable', 'T-5', { ...disabled, action: 'enable_account' })])
    await store.write(async (ctx) => {
      for (const scope of ['first', 'second', 'already', 'enable'])
        await keepOnce(ctx, scope, 'written', true, start)
    })
    const left = () => store.read(async (ctx) => (await disablesNotUndone(ctx, account)).map((one) => one.id))
    expect(await left()).toEqual(['first', 'second'])
    await store.write((ctx) => markUndone(ctx, account, 'T-9'))
    expect(await left()).toEqual([])
    expect(await store.read((ctx) => findEnforcement(ctx, 'first'))).toMatchObject({ undoneBy: 'T-9' })
    expect(await store.read((ctx) => findEnforcement(ctx, 'enable'))).toMatchObject({ undoneBy: null })
  })

  it('search by part of the text, literally, with filters and pages, newest first', async () => {
    const store = await open()
    for (let index = 0; index < 12; index += 1)
      await add(store, `T-${index}`, {
        createdAt: after(index),
        status: index % 2 === 0 ? 'successful' : 'rejected',
        action: index < 3 ? 'enable_account' : 'disable_account',
        requesterId: index === 5 ? 'U0OLGA' : 'U0RITA',
        searchText: index === 7 ? 'fifty % of a_b\\c' : `t-${index} somebody`,
      })
    const search = async (fields: object) => {
      const { rows, total } = await store.read((ctx) => searchTasks(ctx, { limit: 5, offset: 0, ...fields }))
      return [total, rows.map((row) => row.id)]
    }
    expect(await search({})).toEqual([12, ['T-11', 'T-10', 'T-9', 'T-8', 'T-7']])
    expect(await search({ offset: 10 })).toEqual([12, ['T-1', 'T-0']])
    expect(await search({ status: 'rejected', action: 'enable_account' })).toEqual([1, ['T-1']])
    expect(await search({ requesterId: 'U0OLGA' })).toEqual([1, ['T-5']])
    expect(await search({ from: after(10) })).toEqual([2, ['T-11', 'T-10']])
    expect(await search({ until: after(1) })).toEqual([2, ['T-1', 'T-0']])
    expect(await search({ systemId: 'okta' })).toEqual([0, []])
    expect(await search({ systemId: 'corp-ad', from: after(11) })).toEqual([1, ['T-11']])
    expect(await search({ text: 'T-11 SOME' })).toEqual([1, ['T-11']])
    expect(await search({ text: '%' })).toEqual([1, ['T-7']])
    expect(await search({ text: 'a_b\\c' })).toEqual([1, ['T-7']])
    expect(await search({ text: 'a%c' })).toEqual([0, []])
    expect(await search({ text: "'; drop table tasks; --" })).toEqual([0, []])
  })

  it('give the enforcements of several tasks, each in their order', async () => {
    const store = await open()
    await add(store, 'T-1', {}, [
      enforcementRow('b', 'T-1', { position: 1 }),
      enforcementRow('a', 'T-1', { position: 0 }),
    ])
    await add(store, 'T-2')
    await add(store, 'T-3')
    const of = async (ids: readonly string[]) =>
      (await store.read((ctx) => enforcementsOfTasks(ctx, ids))).map((one) => one.id)
    expect(await of(['T-1', 'T-3', 'T-9'])).toEqual(['a', 'b', 'e-T-3'])
    expect(await of([])).toEqual([])
  })

  it('know the last tasks about accounts, and names that targets had', async () => {
    const store = await open()
    await add(store, 'T-1')
    await add(store, 'T-2', { createdAt: after(2), personText: 'alice@corp.example' })
    await add(store, 'T-3', { personText: 'bob@corp.example' }, [
      enforcementRow('x', 'T-3', { accountId: 'account-9' }),
    ])
    const about = await store.read((ctx) => lastTasksAbout(ctx, [account], 5))
    expect(about.map((row) => row.id)).toEqual(['T-2', 'T-1'])
    expect(await store.read((ctx) => lastTasksAbout(ctx, [account], 1))).toHaveLength(1)
    expect(await store.read((ctx) => lastTasksAbout(ctx, [], 1))).toEqual([])
    expect(await store.read((ctx) => targetsLike(ctx, 'ALI', 5))).toEqual(
      expect.arrayContaining(['alice@corp.example', 'bob@corp.example']),
    )
    expect(await store.read((ctx) => targetsLike(ctx, 'zzz', 5))).toEqual([])
  })
})
