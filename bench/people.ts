import { setTimeout as wait } from 'node:timers/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTask } from '#db/queries/tasks.ts'
import { openStore, type Store } from '#db/store.ts'
import { systemClock } from '#src/clock.ts'
import type { ChangeContext, ChangeResult, FoundAccount, IamConnector } from '#src/iam/connector.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { createLog } from '#src/log.ts'
import { OutboxMessage } from '#src/outbox/message.ts'
import { createRelay } from '#src/outbox/relay.ts'
import type { Actor } from '#src/people/actor.ts'
import { startSlack } from '#src/sandbox/slack/index.ts'
import { createSlackCall } from '#src/slack/clients.ts'
import { createLineDelivery, limitsOf } from '#src/slack/deliver-line.ts'
import { createSlackDelivery } from '#src/slack/deliver.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { enforceJob } from '#src/tasks/enforce.ts'
import { createList, readPeopleList } from '#src/tasks/people/list.ts'
import { lookUpPeopleJob } from '#src/tasks/people/look-up-people.ts'
import { readPastedPeople } from '#src/tasks/people/read-people.ts'
import { requestPeople } from '#src/tasks/people/request-people.ts'
import { showProgressJob } from '#src/tasks/people/show-progress.ts'
import { startPersonJob } from '#src/tasks/people/start-person.ts'
import { startTaskJob } from '#src/tasks/start.ts'
import { watchTaskJob } from '#src/tasks/watch.ts'
import type { Figure } from './figure.ts'

const latencyMs = 20
const places = 8
const fewerPlaces = 4
// As every connector: what is there is read and kept, then changed, then read back.
const callsToChange = 3
const systems = ['one', 'two', 'three', 'four']
const rounds = 2
// What the calls take is to set the pace, not what Drawbridge writes down.
const bound = { kind: 'factor', most: 1.3 } as const
const log = createLog({ level: 'error' })

/** How a list of 500 people goes through, beside the bare calls with the same number of places for each system. */
export const people: Figure = {
  name: 'people',
  about: `500 people in ${systems.length} systems that take ${latencyMs} ms for a call, ${places} calls at the same time unless said`,
  async run(tell) {
    const found = { ours: [] as number[], theirs: [] as number[] }
    const changed = { ours: [] as number[], theirs: [] as number[] }
    const changedByFewer = { ours: [] as number[], theirs: [] as number[] }
    const edits = { ours: [] as number[], theirs: [] as number[] }
    const heap = { ours: [] as number[], theirs: [] as number[] }
    // A small list warms up, and says how much memory there is in use without a large one.
    await play(20, places)
    for (let round = 0; round < rounds; round += 1) {
      const small = await play(50, places)
      const large = await play(500, places)
      tell(
        `round ${round + 1}: ${perSecond(large.lookUpMs)} looked up and ${perSecond(large.changeMs)} changed a second, at most ${large.mostCalls} calls at the same time, ${large.edits} edits in ${(large.ms / 1_000).toFixed(1)} s, ${large.refused} times asked to slow down`,
      )
      found.ours.push(large.lookUpMs)
      found.theirs.push(await bare(500, 1, places))
      changed.ours.push(large.changeMs)
      changed.theirs.push(await bare(500, 1 + callsToChange, places))
      changedByFewer.ours.push((await play(500, fewerPlaces)).changeMs)
      changedByFewer.theirs.push(await bare(500, 1 + callsToChange, fewerPlaces))
      edits.ours.push((large.edits / large.ms) * 60_000)
      edits.theirs.push(50)
      heap.ours.push(large.heapMb)
      heap.theirs.push(small.heapMb)
    }
    return [
      { what: '500 people looked up', unit: 'ms', ...found },
      { what: '500 people changed, each looked at again before', unit: 'ms', ...changed },
      { what: `the same with ${fewerPlaces} calls at the same time`, unit: 'ms', ...changedByFewer, bound },
      {
        what: 'edits of the message, beside what Slack takes',
        unit: '/min',
        ...edits,
        bound: { kind: 'factor', most: 1 },
      },
      {
        what: 'memory after 500 people, beside after 50',
        unit: 'MB',
        ...heap,
        bound: { kind: 'factor', most: 1.5 },
      },
    ]
  },
}

function perSecond(ms: number): string {
  return (500 / (ms / 1_000)).toFixed(0)
}

/** The same calls alone: so many for each person and system, with the same number of places. Answers how long they take, in milliseconds. */
async function bare(count: number, callsEach: number, atOnce: number): Promise<number> {
  const startedAt = performance.now()
  const all = Array.from({ length: count }, (_, index) => index).values()
  const worker = async () => {
    for (const _ of all)
      for (let call = 0; call < callsEach; call += 1) await Promise.all(systems.map(() => wait(latencyMs)))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return performance.now() - startedAt
}

async function play(count: number, atOnce: number) {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-bench-'))
  const store = await openStore(`sqlite:${join(folder, 'drawbridge.db')}`)
  // Slack's real limits: the edits have to fit them.
  const slack = await startSlack()
  try {
    const channel = slack.addChannel({ name: 'security' }).id
    slack.addUser({ id: 'U0RITA', name: 'rita' })
    const calls = { now: 0, most: 0 }
    const deps = depsFor(store, calls, atOnce)
    const runner = createRunner({
      store,
      clock: systemClock,
      log,
      concurrency: 32,
      lanes: systems.map((name) => ({ name, concurrency: atOnce })),
      kinds: [
        lookUpPeopleJob({ ...deps, fetchFile: () => Promise.reject(new Error('no file')) }),
        startTaskJob(deps),
        startPersonJob(deps),
        showProgressJob(deps),
        enforceJob(deps),
        watchTaskJob(deps),
      ],
    })
    const { botToken, apiUrl } = slack
    const call = createSlackCall({ botToken, apiUrl, log, timeoutMs: 10_000 })
    const slackDelivery = createSlackDelivery({ call, clock: systemClock, log, botId: () => undefined })
    const channels = {
      ...{ disable_account: channel, enable_account: channel },
      ...{ force_password_reset: channel, force_sign_out: channel, local_users: channel },
    }
    const deliver = createLineDelivery({
      ...{ store, clock: systemClock, log, slack: slackDelivery, channels, owners: [] },
      ...{ approval: deps.rules.approval, people: noPeople, systems: [] },
      findActor: () => Promise.reject(new Error('nobody opens a Home tab here')),
      fetchFile: () => Promise.reject(new Error('nobody shares a file here')),
    })
    const relay = createRelay({
      ...{ store, clock: systemClock, log, concurrency: 8, message: OutboxMessage, deliver },
      limitsOf: (line) => limitsOf(channels, line),
      onDead: async () => {},
    })
    await runner.start()
    await relay.start()
    const lookUpAt = performance.now()
    const about = { actor, channelId: channel, viewId: 'V0', description: 'Bench', endSessions: true }
    const names = Array.from({ length: count }, (_, index) => `p${index}@corp.example`)
    const listId = await createList(
      deps,
      { ...about, action: 'disable_account', endsAfterMs: undefined },
      { kind: 'people', people: readPastedPeople(names.join('\n')) },
    )
    await until(
      async () => (await store.read((ctx) => readPeopleList(ctx, listId)))?.state === 'found',
      'the list',
    )
    const lookUpMs = performance.now() - lookUpAt
    const changeAt = performance.now()
    const request = { actor, listId, description: 'Bench', verifiedSafe: true, endSessions: true }
    const { taskId } = await requestPeople(deps, { ...request, endsAfterMs: undefined })
    await until(
      async () => (await store.read((ctx) => findTask(ctx, taskId)))?.status === 'successful',
      'the task',
    )
    const changeMs = performance.now() - changeAt
    await until(async () => slack.messages(channel)[0]?.text.includes('Successful') === true, 'the message')
    const ms = performance.now() - changeAt
    globalThis.gc?.()
    const heapMb = process.memoryUsage().heapUsed / 1024 / 1024
    const updates = slack.callsOf('chat.update')
    await relay.stop(1_000)
    await runner.stop(1_000)
    return {
      ...{ ms, lookUpMs, changeMs, heapMb, mostCalls: calls.most },
      edits: updates.length,
      refused: updates.filter((one) => one.status === 429).length,
    }
  } finally {
    await slack[Symbol.asyncDispose]()
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const noPeople = { person: async () => undefined, groupMembers: async () => [] }

const actor: Actor = {
  userId: 'U0RITA',
  teamId: 'T0',
  enterpriseId: undefined,
  name: 'rita',
  email: undefined,
  tz: undefined,
  roles: new Set(['responder']),
}

async function until(look: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 120_000
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`)
    await wait(20)
  }
}

function depsFor(store: Store, calls: { now: number; most: number }, atOnce: number): TaskDeps {
  const rule = { approvers: 0, expiresAfterMs: 60_000, remindAfterMs: 60_000, escalateAfterMs: 60_000 }
  return {
    ...{ store, clock: systemClock, log, onEnforcementEnded: () => {}, lastOwner: async () => [] },
    connectors: systems.map((id) => fake(id, calls)),
    rules: {
      approval: {
        ...{ disable_account: rule, enable_account: rule },
        ...{ force_password_reset: rule, force_sign_out: rule },
      },
      ...{ approvers: [], escalateTo: [], driftChecksMs: [], callsPerSystem: atOnce },
      protection: { deny: [], twoApprovers: [], detected: 'deny' },
      ...{ enableRequiresPriorDisable: true, taskTimeoutMs: 600_000, callTimeoutMs: 20_000 },
    },
  }
}

/** An IAM system that knows everybody and takes its time. Counts the calls of the first one that run at the same time. */
function fake(id: string, calls: { now: number; most: number }): IamConnector {
  const disabled = new Set<string>()
  const slowly = async <T>(answer: () => T): Promise<T> => {
    if (id === systems[0]) calls.most = Math.max(calls.most, (calls.now += 1))
    await wait(latencyMs)
    if (id === systems[0]) calls.now -= 1
    return answer()
  }
  const account = (name: string): FoundAccount => ({
    ...{ id: name, login: name, logins: [name], displayName: name, department: undefined, emails: [name] },
    ...{
      primaryEmail: name,
      foundBy: 'email',
      sharedIds: {},
      state: disabled.has(name) ? 'disabled' : 'enabled',
    },
    ...{ notes: [], privileged: [], privilegeKnown: true, protectedGroups: [], own: false, writable: true },
  })
  const set = async (name: string, to: 'add' | 'delete', context: ChangeContext): Promise<ChangeResult> => {
    await context.step('before', () => slowly(() => ({ disabled: disabled.has(name) })))
    await slowly(() => disabled[to](name))
    const isDisabled = await slowly(() => disabled.has(name))
    return { readBack: isDisabled === (to === 'add') ? 'verified' : 'drifted', already: false, remarks: [] }
  }
  return {
    system: { id, kind: 'openldap' },
    find: (query) => slowly(() => [account(query.value)]),
    read: (name) => slowly(() => account(name)),
    disable: (name, context) => set(name, 'add', context),
    enable: (name, context) => set(name, 'delete', context),
    checkRights: async () => [],
    checkConnection: () => Promise.reject(new Error('not asked')),
  }
}
