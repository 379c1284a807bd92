import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Slack, startSlack } from '#src/sandbox/slack/index.ts'
import { systemClock } from '#src/clock.ts'
import { section } from '#src/slack/block-kit/index.ts'
import { createSlackCall } from '#src/slack/clients.ts'
import { createSlackDelivery } from '#src/slack/deliver.ts'
import type { SlackDelivery } from '#src/slack/delivery.ts'
import { createLines } from '#test/slack/harness.ts'

let slack: Slack
let deliver: SlackDelivery
let channel: string
let threadTs: string

beforeEach(async () => {
  slack = await startSlack({ limits: { rateScale: Infinity } })
  channel = slack.addChannel({ name: 'security' }).id
  const log = createLines()
  const call = createSlackCall({ botToken: slack.botToken, apiUrl: slack.apiUrl, log, timeoutMs: 20_000 })
  deliver = createSlackDelivery({ call, clock: systemClock, log, botId: () => undefined })
  const message = { text: 'T-1', blocks: [section('T-1')] }
  const root = { line: 'L1', channel, message, uncertain: false, since: systemClock.now() }
  const posted = await deliver.postRoot(root)
  threadTs = posted.kind === 'sent' ? (posted.ref ?? '') : ''
})
afterEach(async () => {
  const complaints = [...slack.complaints]
  await slack[Symbol.asyncDispose]()
  assert.deepEqual(complaints, [])
})

const content = '\uFEFFperson,result\r\nzoë@corp.example,✔\r\n'
const post = (uncertain = false) =>
  deliver.postFile({ channel, threadTs, name: 'T-1-results.csv', title: 'All results', content, uncertain })
const files = () => slack.messages(channel).flatMap((root) => root.replies.flatMap((reply) => reply.files))

describe('a file in a thread', () => {
  test('arrives whole, with its name', async () => {
    expect(await post()).toEqual({ kind: 'sent' })
    expect(files().map(({ name, title, bytes }) => [name, title, bytes.toString()])).toEqual([
      ['T-1-results.csv', 'All results', content],
    ])
  })

  test.each(['files.getUploadURLExternal', 'upload'])('is sent again when %s did not work', async (step) => {
    slack.faults.whenever(step, { kind: 'status', status: 503 }, { times: 1 })
    expect(await post()).toMatchObject({ kind: 'later' })
    expect(files()).toEqual([])
    expect(await post()).toEqual({ kind: 'sent' })
    expect(files()).toHaveLength(1)
  })

  test('whose last answer was lost is found again, not posted twice', async () => {
    slack.faults.whenever('files.completeUploadExternal', { kind: 'lose_answer' }, { times: 1 })
    expect(await post()).toEqual({ kind: 'later', uncertain: true })
    expect(await post(true)).toEqual({ kind: 'sent' })
    expect(files()).toHaveLength(1)
  })

  test('that never arrived is posted after looking for it in vain', async () => {
    slack.faults.whenever('files.completeUploadExternal', { kind: 'cut' }, { times: 1 })
    expect(await post()).toEqual({ kind: 'later', uncertain: true })
    expect(await post(true)).toEqual({ kind: 'sent' })
    expect(files()).toHaveLength(1)
  })

  test('waits as long as Slack says, and nothing else of the channel with it', async () => {
    slack.faults.whenever(
      'files.getUploadURLExternal',
      { kind: 'rate_limited', retryAfterSeconds: 7 },
      { times: 1 },
    )
    expect(await post()).toMatchObject({ kind: 'later', pauseKeys: ['slack:files'] })
  })

  test('waits while the app lacks the right, and says so in the log', async () => {
    slack.scopes.delete('files:write')
    expect(await post()).toMatchObject({ kind: 'later' })
    slack.scopes.add('files:write')
    expect(await post()).toEqual({ kind: 'sent' })
  })
})
