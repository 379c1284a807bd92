import { describe, expect, it } from 'vitest'
import { findPeopleList, taskPeopleOf } from '#db/queries/task-people.ts'
import { openStore, type Store } from '#db/store.ts'
import { ConnectorError } from '#src/errors.ts'
import type { FoundAccount, IamConnector } from '#src/iam/connector.ts'
import type { Actor } from '#src/people/actor.ts'
import { startSlack } from '#src/sandbox/slack/index.ts'
import { createSlackCall } from '#src/slack/clients.ts'
import { deliverList } from '#src/slack/deliver-people.ts'
import { createSlackDelivery } from '#src/slack/deliver.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { createList, type ListSource } from '#src/tasks/people/list.ts'
import { lookUpPeopleJob, type PeopleDeps } from '#src/tasks/people/look-up-people.ts'
import { readPastedPeople } from '#src/tasks/people/read-people.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { createMovedClock } from '#test/helpers/moved-clock.ts'
import { start } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'
import { createLines } from '#test/slack/harness.ts'
import { taskRules } from '#test/helpers/task-rules.ts'

const places = 4
const rita: Actor = {
  ...{ userId: 'U0RITA', teamId: 'T1', enterpriseId: undefined, name: 'rita', tz: undefined },
  ...{ email: undefined, roles: new Set(['responder'] as const) },
}

/** A system that answers when it is told to, and counts who waits. */
function createSlowSystem() {
  const waiting: (() => void)[] = []
  const asked: string[] = []
  let most = 0
  const account = (name: string): FoundAccount => ({
    ...{ id: name, login: name, logins: [name], displayName: name, department: undefined, emails: [name] },
    ...{ primaryEmail: name, foundBy: 'email', sharedIds: {}, state: 'enabled', notes: [], own: false },
    ...{ privileged: [], privilegeKnown: true, protectedGroups: [], writable: true },
  })
  const connector: IamConnector = {
    system: { id: 'slow', kind: 'openldap' },
    find: async (query, signal) => {
      asked.push(query.value)
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve)
        most = Math.max(most, waiting.length)
        signal.addEventListener('abort', () => reject(new ConnectorError('timed_out', 'too late')))
      })
      return [account(query.value)]
    },
    read: async (name) => account(name),
    disable: () => Promise.reject(new Error('not asked')),
    enable: () => Promise.reject(new Error('not asked')),
    checkRights: async () => [],
    checkConnection: () => Promise.reject(new Error('not asked')),
  }
  return {
    connector,
    asked,
    most: () => most,
    waits: () => waiting.length,
    /** Lets those who wait have their answer, one after the other. */
    answer: (count: number) => {
      for (const one of waiting.splice(0, count)) one()
    },
  }
}

function depsFor(store: Store, connector: IamConnector, fetched = ''): PeopleDeps {
  const tasks: TaskDeps = {
    ...{ store, clock: createMovedClock(start.toISOString()), log: createKeptLog() },
    ...{ connectors: [connector], onEnforcementEnded: () => {}, lastOwner: async () => [] },
    rules: taskRules({}, { callsPerSystem: places, callTimeoutMs: 600_000 }),
  }
  return { ...tasks, fetchFile: async () => new TextEncoder().encode(fetched) }
}

const names = Array.from({ length: 12 }, (_, index) => `p${index}@corp.example`)
const listOf = (deps: PeopleDeps, source: ListSource, viewId = 'V0') =>
  createList(
    deps,
    {
      ...{ actor: rita, action: 'disable_account', channelId: 'C0', viewId, description: '' },
      ...{ endSessions: true, endsAfterMs: undefined },
    },
    source,
  )
const pasted: ListSource = { kind: 'people', people: readPastedPeople(names.join('\n')) }
const statesOf = async (store: Store, listId: string) =>
  (await store.read((ctx) => taskPeopleOf(ctx, listId))).map((row) => row.state)

/** Runs the job until it ends or is stopped, as the runner does. */
async function run(deps: PeopleDeps, listId: string, signal: AbortSignal): Promise<void> {
  const result = await lookUpPeopleJob(deps).run({ listId }, { jobId: '1', attempt: 1, signal })
  const { settle } = result
  if (settle !== undefined) await deps.store.write((ctx) => settle(ctx))
}

describeOnBothEngines('the look-up of a list', (open) => {
  it('asks a system no more often at the same time than it may, and goes on after a stop with who is missing', async () => {
    const store = await open()
    const slow = createSlowSystem()
    const deps = depsFor(store, slow.connector)
    const listId = await listOf(deps, pasted)
    const stop = new AbortController()
    const first = run(deps, listId, stop.signal)
    await expect.poll(slow.waits).toBe(places)
    slow.answer(2)
    await expect
      .poll(async () => (await statesOf(store, listId)).filter((state) => state === 'in').length)
      .toBe(2)
    await expect.poll(slow.waits).toBe(places)
    stop.abort()
    await expect(first).rejects.toThrow(/abort/iu)

    const before = slow.asked.length
    slow.answer(places)
    const second = run(deps, listId, new AbortController().signal)
    const answering = async () => {
      slow.answer(1)
      return (await store.read((ctx) => findPeopleList(ctx, listId)))?.state
    }
    await expect.poll(answering, { interval: 5 }).toBe('found')
    await second
    expect(slow.most()).toBe(places)
    expect(slow.asked.slice(before).toSorted()).toEqual(names.slice(2).toSorted())
    expect(await statesOf(store, listId)).toEqual(names.map(() => 'in'))
  })

  it('reads a file once, and tells in the form what it could not read', async () => {
    const store = await open()
    const slow = createSlowSystem()
    const file = {
      kind: 'file',
      file: { name: 'people.csv', size: 10, url: 'https://files.slack.com/x' },
    } as const
    const deps = depsFor(store, slow.connector, 'Vorname\nAlice')
    const listId = await listOf(deps, file)
    await run(deps, listId, new AbortController().signal)
    expect(await store.read((ctx) => findPeopleList(ctx, listId))).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining('no column email or login'),
    })
    expect(slow.asked).toEqual([])
  })
})

describe('the open form', () => {
  it('shows how far the look-up is, and does not mind being closed', async () => {
    await using slack = await startSlack({ limits: { rateScale: Infinity } })
    const store = await openStore('sqlite::memory:')
    const slow = createSlowSystem()
    const deps = depsFor(store, slow.connector)
    const { botToken, apiUrl } = slack
    const log = createLines()
    const call = createSlackCall({ botToken, apiUrl, log, timeoutMs: 20_000 })
    const delivery = createSlackDelivery({ call, clock: deps.clock, log, botId: () => undefined })
    const listId = await listOf(deps, pasted, 'V0CLOSED')
    const running = run(deps, listId, new AbortController().signal)
    await expect.poll(slow.waits).toBe(places)
    slow.answer(3)
    await expect
      .poll(async () => (await statesOf(store, listId)).filter((state) => state === 'in').length)
      .toBe(3)
    const line = { v: 1, kind: 'people_list', listId } as const
    const delivered = await deliverList({ store, slack: delivery, approval: deps.rules.approval }, line)
    expect(delivered).toEqual({ kind: 'sent' })
    expect(JSON.stringify(slack.callsOf('views.update').at(-1)?.args['view'])).toContain('Looking: 3 of 12 …')
    const answering = async () => {
      slow.answer(1)
      return (await store.read((ctx) => findPeopleList(ctx, listId)))?.state
    }
    await expect.poll(answering, { interval: 5 }).toBe('found')
    await running
    await store.close()
  })
})
