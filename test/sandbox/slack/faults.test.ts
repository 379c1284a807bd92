/* oxlint-disable unicorn/require-post-message-target-origin -- this is chat.postMessage, not window.postMessage */
import { expect, test } from 'vitest'
import type { Fault } from '#src/sandbox/slack/index.ts'
import { text } from '#src/sandbox/json.ts'
import { recorder } from '#test/sandbox/slack/recorder.ts'
import { bolt, client, refusal, workspace } from '#test/sandbox/slack/workspace.ts'

test.each<[Fault, object]>([
  [
    { kind: 'rate_limited', retryAfterSeconds: 7 },
    { code: 'slack_webapi_rate_limited_error', retryAfter: 7 },
  ],
  [
    { kind: 'status', status: 503 },
    { code: 'slack_webapi_http_error', statusCode: 503 },
  ],
  [{ kind: 'error', error: 'restricted_action' }, { data: { error: 'restricted_action' } }],
  [{ kind: 'cut' }, { code: 'slack_webapi_request_error' }],
  [{ kind: 'hang' }, { code: 'slack_webapi_request_error' }],
])('with the fault %o nothing is posted, and afterwards all is well again', async (fault, error) => {
  const { slack, ops } = await workspace()
  const impatient = client(slack, fault.kind === 'hang' ? { timeout: 1_000 } : {})
  const active = slack.faults.whenever('chat.postMessage', fault, { times: 1 })
  await expect(impatient.chat.postMessage({ channel: ops, text: 'one' })).rejects.toMatchObject(error)
  expect(slack.messages(ops)).toEqual([])
  await client(slack).chat.postMessage({ channel: ops, text: 'two' })
  expect(slack.messages(ops).map((each) => each.text)).toEqual(['two'])
  expect(active.hits()).toBe(1)
})

test.each<Fault>([{ kind: 'lose_answer' }, { kind: 'hang_after' }, { kind: 'slow', delayMs: 60_000 }])(
  'with the fault %o the message stands, but the app does not learn of it',
  async (fault) => {
    const { slack, ops } = await workspace()
    const web = client(slack, { timeout: 2_000 })
    slack.faults.whenever('chat.postMessage', fault)
    await expect(web.chat.postMessage({ channel: ops, text: 'one' })).rejects.toMatchObject({
      code: 'slack_webapi_request_error',
    })
    expect(slack.messages(ops).map((each) => each.text)).toEqual(['one'])
    slack.faults.clear()
    await slack.waitUntil(() => slack.callsOf('chat.postMessage').every((call) => call.result !== undefined))
  },
)

test('an answer that was lost is on record as lost', async () => {
  const { slack, ops } = await workspace()
  slack.faults.whenever('*', { kind: 'lose_answer' })
  await expect(client(slack).chat.postMessage({ channel: ops, text: 'one' })).rejects.toMatchObject({
    code: 'slack_webapi_request_error',
  })
  expect(slack.calls).toMatchObject([
    { status: 0, result: { ok: true, lost: true, ts: slack.messages(ops)[0]?.ts } },
  ])
})

test('a hanging call ends when the fault is lifted', async () => {
  const { slack } = await workspace()
  const fault = slack.faults.whenever('auth.test', { kind: 'hang' })
  const call = client(slack).auth.test()
  const settled = Promise.allSettled([call])
  await slack.waitUntil(() => slack.callsOf('auth.test').length === 1)
  fault.lift()
  expect(await settled).toMatchObject([
    { status: 'rejected', reason: { code: 'slack_webapi_request_error' } },
  ])
  await client(slack).auth.test()
})

test('a fault can be for some arguments only', async () => {
  const { slack, ops } = await workspace()
  const error: Fault = { kind: 'error', error: 'is_archived' }
  slack.faults.whenever('chat.postMessage', error, { when: (args) => text(args['text']).includes('bad') })
  expect(await refusal(client(slack).chat.postMessage({ channel: ops, text: 'bad' }))).toMatchObject({
    error: 'is_archived',
  })
  await client(slack).chat.postMessage({ channel: ops, text: 'good' })
})

test('an error that Slack does not document for the method cannot be made up', async () => {
  const { slack } = await workspace()
  expect(() => slack.faults.whenever('chat.update', { kind: 'error', error: 'bad_mood' })).toThrow(
    'documents no error',
  )
})

test('with the port closed calls are refused and people can still reach the app; reopened, it is the same port', async () => {
  const { slack, rita, ops } = await workspace()
  const bodies = await recorder(slack)
  await slack.faults.closeApi()
  await expect(client(slack).auth.test()).rejects.toMatchObject({ code: 'slack_webapi_request_error' })
  expect(await rita.command(ops, '/tasks')).toEqual({ kind: 'acknowledged' })
  expect(bodies).toHaveLength(1)
  await slack.faults.reopenApi()
  expect(await client(slack).auth.test()).toMatchObject({ ok: true })
})

test('a response_url can fail without being used up', async () => {
  const { slack, rita, ops } = await workspace()
  const bodies = await recorder(slack)
  await rita.command(ops, '/tasks')
  const respond = () => fetch(text(bodies[0]?.['response_url']), { method: 'POST', body: '{"text":"x"}' })
  slack.faults.whenever('response_url', { kind: 'status', status: 500 }, { times: 2 })
  expect((await respond()).status).toBe(500)
  expect((await respond()).status).toBe(500)
  for (let use = 0; use < 5; use += 1) expect((await respond()).status).toBe(200)
  expect((await respond()).status).toBe(404)
  expect(slack.callsOf('response_url')).toHaveLength(8)
})

test('people go on while the app is away and when it is back', async () => {
  const { slack, rita, ops } = await workspace()
  const app = await bolt(slack, (one) => one.command('/tasks', async ({ ack }) => ack('first life')))
  await rita.command(ops, '/tasks')
  await app.stop()
  await slack.waitUntil(() => slack.sockets.count() === 0)
  expect(await rita.command(ops, '/tasks')).toEqual({ kind: 'trouble', error: 'dispatch_failed' })
  await bolt(slack, (one) => one.command('/tasks', async ({ ack }) => ack('second life')))
  await rita.command(ops, '/tasks')
  expect(rita.ephemerals(ops).map((each) => each.text)).toEqual([
    'first life',
    '/tasks failed with the error "dispatch_failed"',
    'second life',
  ])
})
