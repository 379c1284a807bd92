import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Slack, startSlack } from '#src/sandbox/slack/index.ts'
import { type SlackPeople } from '#src/people/actor.ts'
import { createSlackCall } from '#src/slack/clients.ts'
import { createSlackPeople } from '#src/slack/people.ts'
import { createLines } from '#test/slack/harness.ts'

let slack: Slack
let people: SlackPeople
let now: number
const signal = new AbortController().signal

beforeEach(async () => {
  now = Date.parse('2026-03-04T03:12:00Z')
  slack = await startSlack({ limits: { rateScale: Infinity } })
  slack.addUser({ id: 'U0ALICE', name: 'alice', realName: 'Alice Nguyen', tz: 'Europe/Vienna' })
  slack.addUserGroup({ id: 'S0TEAM', handle: 'team', users: ['U0ALICE'] })
  const log = createLines()
  const call = createSlackCall({ botToken: slack.botToken, apiUrl: slack.apiUrl, log, timeoutMs: 20_000 })
  people = createSlackPeople({ call, clock: { now: () => new Date(now) }, log })
})
afterEach(async () => {
  await slack[Symbol.asyncDispose]()
})

const alice = (maxAgeMs: number) => people.person('U0ALICE', { maxAgeMs, signal })

test('a person is described with everything that rights depend on', async () => {
  expect(await alice(0)).toEqual({
    userId: 'U0ALICE',
    teamId: slack.teamId,
    enterpriseId: undefined,
    name: 'Alice Nguyen',
    email: 'alice@corp.example',
    tz: 'Europe/Vienna',
    deactivated: false,
    bot: false,
    guest: false,
    stranger: false,
  })
})

test.each([
  ['deactivated', { deleted: true }],
  ['bot', { isBot: true }],
  ['guest', { isRestricted: true }],
  ['guest', { isUltraRestricted: true }],
  ['stranger', { isStranger: true }],
] as const)('a %s is told as such', async (mark, change) => {
  const user = slack.addUser({ name: 'x', ...change })
  expect(await people.person(user.id, { maxAgeMs: 0, signal })).toMatchObject({ [mark]: true })
})

test('an answer is used again until it is too old, and never for a live look-up', async () => {
  await alice(60_000)
  now += 60_000
  await alice(60_000)
  expect(slack.callsOf('users.info')).toHaveLength(1)
  now += 1
  await alice(60_000)
  expect(slack.callsOf('users.info')).toHaveLength(2)
  slack.updateUser('U0ALICE', { deleted: true })
  expect(await alice(0)).toMatchObject({ deactivated: true })
})

test('the same question at the same time is asked once', async () => {
  await Promise.all([alice(0), alice(0), alice(60_000)])
  expect(slack.callsOf('users.info')).toHaveLength(1)
})

test('somebody unknown is nobody', async () => {
  expect(await people.person('U0NOBODY', { maxAgeMs: 0, signal })).toBeUndefined()
})

test('a limit of Slack is told with its waiting time, and not remembered', async () => {
  slack.faults.whenever('users.info', { kind: 'rate_limited', retryAfterSeconds: 7 }, { times: 1 })
  await expect(alice(60_000)).rejects.toMatchObject({ name: 'SlackAwayError', retryAfterMs: 7000 })
  expect(await alice(60_000)).toMatchObject({ userId: 'U0ALICE' })
})

test('Slack being away is told, and somebody who stops waiting does not stop the others', async () => {
  const held = slack.faults.whenever('users.info', { kind: 'slow', delayMs: 50 })
  const impatient = new AbortController()
  const first = people.person('U0ALICE', { maxAgeMs: 0, signal: impatient.signal })
  const second = alice(0)
  impatient.abort()
  await expect(first).rejects.toMatchObject({ name: 'SlackAwayError' })
  expect(await second).toMatchObject({ userId: 'U0ALICE' })
  held.lift()
  slack.faults.whenever('users.info', { kind: 'status', status: 503 })
  await expect(alice(0)).rejects.toMatchObject({ name: 'SlackAwayError', retryAfterMs: undefined })
})

test('the members of a group are listed; a group that is gone has none', async () => {
  const options = { maxAgeMs: 0, signal }
  expect(await people.groupMembers('S0TEAM', options)).toEqual(['U0ALICE'])
  expect(await people.groupMembers('S0GONE', options)).toEqual([])
  slack.settings.paid = false
  expect(await people.groupMembers('S0TEAM', options)).toEqual([])
})
