import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Slack, startSlack } from '#src/sandbox/slack/index.ts'
import { systemClock } from '#src/clock.ts'
import { plan, section } from '#src/slack/block-kit/index.ts'
import { createSlackCall } from '#src/slack/clients.ts'
import { createSlackDelivery } from '#src/slack/deliver.ts'
import type { SlackDelivery } from '#src/slack/delivery.ts'
import { createLines } from '#test/slack/harness.ts'

let slack: Slack
let deliver: SlackDelivery
let giveUpSoon: SlackDelivery
let channel: string

beforeEach(async () => {
  slack = await startSlack({ limits: { rateScale: Infinity } })
  slack.addUser({ id: 'U0RITA', name: 'rita' })
  channel = slack.addChannel({ name: 'security' }).id
  const log = createLines()
  const call = createSlackCall({ botToken: slack.botToken, apiUrl: slack.apiUrl, log, timeoutMs: 20_000 })
  const impatient = createSlackCall({ botToken: slack.botToken, apiUrl: slack.apiUrl, log, timeoutMs: 1_000 })
  const deps = { clock: systemClock, log, botId: () => undefined }
  deliver = createSlackDelivery({ call, ...deps })
  giveUpSoon = createSlackDelivery({ call: impatient, ...deps })
})
afterEach(async () => {
  const complaints = [...slack.complaints]
  await slack[Symbol.asyncDispose]()
  assert.deepEqual(complaints, [])
})

const message = { text: 'T-1 is pending', blocks: [section('T-1')] }
const root = (uncertain = false) => ({
  line: 'L1',
  channel,
  message,
  uncertain,
  since: new Date(Date.now() - 60_000),
})
const texts = () => slack.messages(channel).map((one) => one.text)

describe('posting the first message of a thread', () => {
  test('tells where it stands, with its link', async () => {
    const delivery = await deliver.postRoot(root())
    const [posted] = slack.messages(channel)
    expect(delivery).toEqual({
      kind: 'sent',
      ref: posted?.ts,
      thread: { channel, ts: posted?.ts, permalink: expect.stringContaining(channel) },
    })
  })

  test.each([['lose_answer'], ['hang_after']] as const)(
    'whose answer was lost (%s) is found again, not posted twice',
    async (kind) => {
      slack.faults.whenever('chat.postMessage', { kind }, { times: 1 })
      expect(await giveUpSoon.postRoot(root())).toEqual({ kind: 'later', uncertain: true })
      expect(await deliver.postRoot(root(true))).toMatchObject({ kind: 'sent', thread: { channel } })
      expect(texts()).toEqual(['T-1 is pending'])
    },
  )

  test('that never arrived is posted after looking for it in vain', async () => {
    slack.faults.whenever('chat.postMessage', { kind: 'cut' }, { times: 1 })
    expect(await deliver.postRoot(root())).toEqual({ kind: 'later', uncertain: true })
    expect(await deliver.postRoot(root(true))).toMatchObject({ kind: 'sent' })
    expect(texts()).toEqual(['T-1 is pending'])
  })

  test('that is found again says what is true by now, not what was true when it was posted', async () => {
    slack.faults.whenever('chat.postMessage', { kind: 'lose_answer' }, { times: 1 })
    expect(await deliver.postRoot(root())).toEqual({ kind: 'later', uncertain: true })
    const now = { text: 'T-1 is done', blocks: [] }
    expect(await deliver.postRoot({ ...root(true), message: now })).toMatchObject({ kind: 'sent' })
    expect(texts()).toEqual(['T-1 is done'])
  })

  test('stays in doubt while it cannot be looked for', async () => {
    slack.faults.whenever('conversations.history', { kind: 'rate_limited', retryAfterSeconds: 7 })
    expect(await deliver.postRoot(root(true))).toMatchObject({
      kind: 'later',
      uncertain: true,
      pauseKeys: ['slack:conversations.history'],
    })
    expect(texts()).toEqual([])
  })

  test('is found among more messages than one page holds', async () => {
    await deliver.postRoot(root())
    for (let index = 0; index < 210; index += 1) await slack.as('U0RITA').say(channel, `chat ${index}`)
    expect(await deliver.postRoot(root(true))).toMatchObject({ kind: 'sent' })
    expect(texts().filter((text) => text === 'T-1 is pending')).toHaveLength(1)
  })

  test('waits as long as Slack says, for this channel only', async () => {
    slack.faults.whenever('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: 7 })
    expect(await deliver.postRoot(root())).toEqual({
      kind: 'later',
      until: expect.any(Date),
      pauseKeys: [`slack:chat.postMessage:${channel}`],
    })
  })

  test('certainly did not happen while Slack takes no connection', async () => {
    void slack.faults.closeApi()
    await expect.poll(() => deliver.postRoot(root())).toEqual({ kind: 'later' })
    await slack.faults.reopenApi()
  })

  test('is given up where the bot is not a member', async () => {
    const elsewhere = slack.addChannel({ name: 'elsewhere', withBot: false })
    expect(await deliver.postRoot({ ...root(), channel: elsewhere.id })).toEqual({
      kind: 'dead',
      reason: 'not_in_channel',
    })
  })

  test('waits, and is not thrown away, while the token is not taken', async () => {
    slack.faults.revokeToken(slack.botToken)
    expect(await deliver.postRoot(root())).toEqual({ kind: 'later', until: expect.any(Date) })
  })

  test('goes out in plainer blocks where plans are not known', async () => {
    slack.settings.planBlocks = false
    const blocks = [plan('T-1', [{ id: 'a', title: 'okta', status: 'pending' }])]
    await deliver.postRoot({ ...root(), message: { text: 'plain', blocks, fallback: [section('fallback')] } })
    expect(JSON.stringify(slack.messages(channel)[0]?.blocks)).toContain('fallback')
    await deliver.postRoot({ ...root(), message: { text: 'only text', blocks } })
    expect(texts()).toEqual(['plain', 'only text'])
  })
})

describe('what follows', () => {
  async function posted() {
    const delivery = await deliver.postRoot(root())
    if (delivery.kind !== 'sent' || delivery.thread === undefined) throw new Error('not posted')
    return delivery.thread.ts
  }

  test('an edit changes the message; of a deleted one it is given up', async () => {
    const ts = await posted()
    expect(await deliver.editRoot({ channel, ts, message: { ...message, text: 'T-1 is done' } })).toEqual({
      kind: 'sent',
      ref: ts,
    })
    expect(texts()).toEqual(['T-1 is done'])
    expect(await deliver.editRoot({ channel, ts: '1700000000.000001', message })).toEqual({
      kind: 'dead',
      reason: 'message_not_found',
    })
  })

  test('a reply whose answer was lost is found again in its thread', async () => {
    const threadTs = await posted()
    const reply = { line: 'L2', channel, threadTs, message: { ...message, text: 'okta: disabled' } }
    slack.faults.whenever('chat.postMessage', { kind: 'lose_answer' }, { times: 1 })
    expect(await deliver.postReply({ ...reply, uncertain: false })).toEqual({
      kind: 'later',
      uncertain: true,
    })
    const [standing] = slack.messages(channel)[0]?.replies ?? []
    expect(await deliver.postReply({ ...reply, uncertain: true })).toEqual({
      kind: 'sent',
      ref: standing?.ts,
    })
    expect(slack.messages(channel)[0]?.replies).toHaveLength(1)
  })

  test('a private word is ephemeral in the channel, and direct where the bot is not', async () => {
    const word = { line: 'L3', userId: 'U0RITA', message: { ...message, text: 'created' } }
    expect(await deliver.postEphemeralOrDirect({ ...word, channel })).toEqual({ kind: 'sent' })
    expect(slack.as('U0RITA').ephemerals(channel)).toHaveLength(1)
    const elsewhere = slack.addChannel({ name: 'elsewhere', withBot: false })
    expect(await deliver.postEphemeralOrDirect({ ...word, channel: elsewhere.id })).toMatchObject({
      kind: 'sent',
    })
    expect(
      slack
        .as('U0RITA')
        .directMessages()
        .map((one) => one.text),
    ).toEqual(['created'])
  })

  test('a view that is gone is given up', async () => {
    const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'x' }, blocks: [] }
    expect(await deliver.updateView({ viewId: 'V0GONE', view })).toMatchObject({ kind: 'dead' })
  })
})
