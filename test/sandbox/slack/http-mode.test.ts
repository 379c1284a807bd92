import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { App, HTTPReceiver } from '@slack/bolt'
import { expect, onTestFinished, test } from 'vitest'
import { signed } from '#src/sandbox/slack/wire/http-mode.ts'
import { client, workspace } from '#test/sandbox/slack/workspace.ts'

interface Heard {
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server that notes requests and answers with what `answer` says; undefined: never. */
async function app(
  answer: (heard: Heard) => { readonly status: number; readonly body?: string } | undefined,
) {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = { headers: request.headers, body: Buffer.concat(chunks).toString() }
      heard.push(one)
      const reply = answer(one)
      if (reply !== undefined) response.writeHead(reply.status).end(reply.body ?? '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { heard, url: `http://127.0.0.1:${portOf(server.address())}/slack/events` }
}

function portOf(address: string | { readonly port: number } | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return address.port
}

test('the signature is the one of the published example', () => {
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
  const world = { now: () => 1_531_420_618_000, app: { signingSecret: '8f742231b10e8888abcd99yyyzzz85a5' } }
  expect(signed(world, body)['x-slack-signature']).toBe(
    'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  )
})

test('a command goes out as a signed form and its answer is shown to the person', async () => {
  const { heard, url } = await app(() => ({ status: 200, body: 'One moment' }))
  const { slack, rita, ops } = await workspace({ mode: { requestUrl: url } })
  expect(await rita.command(ops, '/disable-user alice')).toEqual({ kind: 'acknowledged' })
  expect(rita.ephemerals(ops).map((each) => each.text)).toEqual(['One moment'])
  const { headers, body } = heard[0]!
  expect(headers['content-type']).toBe('application/x-www-form-urlencoded')
  expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
    command: '/disable-user',
    text: 'alice',
    user_id: rita.userId,
    channel_id: ops,
    is_enterprise_install: 'false',
  })
  const base = `v0:${String(headers['x-slack-request-timestamp'])}:${body}`
  const mac = createHmac('sha256', slack.signingSecret).update(base).digest('hex')
  expect(headers['x-slack-signature']).toBe(`v0=${mac}`)
})

test('nobody listening or a status other than 2xx is dispatch_failed, no answer in time operation_timeout', async () => {
  const broken = await app(({ body }) => (body.includes('slow') ? undefined : { status: 500 }))
  const { slack, rita, ops } = await workspace({ mode: { requestUrl: undefined }, limits: { ackMs: 1000 } })
  expect(await rita.command(ops, '/tasks')).toEqual({ kind: 'trouble', error: 'dispatch_failed' })
  slack.setRequestUrl(broken.url)
  expect(await rita.command(ops, '/tasks')).toEqual({ kind: 'trouble', error: 'dispatch_failed' })
  expect(await rita.command(ops, '/tasks slow')).toEqual({ kind: 'trouble', error: 'operation_timeout' })
})

test('a Bolt receiver takes what is rightly signed and refuses what is old or wrongly signed', async () => {
  const { slack, rita, ops } = await workspace({ mode: { requestUrl: undefined } })
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret })
  const bolt = new App({ token: slack.botToken, receiver, clientOptions: { slackApiUrl: slack.apiUrl } })
  const taken: string[] = []
  bolt.command('/tasks', async ({ ack, body }) => {
    taken.push(body.text)
    await ack()
  })
  const server = await bolt.start(0)
  onTestFinished(async () => void (await bolt.stop()))
  slack.setRequestUrl(
    `http://127.0.0.1:${portOf('address' in server ? server.address() : null)}/slack/events`,
  )

  expect(await rita.command(ops, '/tasks good')).toEqual({ kind: 'acknowledged' })
  for (const tampering of [{ ageSeconds: 301 }, { signature: 'wrong' }, { signature: 'missing' }] as const) {
    slack.http.tamperWithNext(tampering)
    expect(await rita.command(ops, '/tasks bad')).toEqual({ kind: 'trouble', error: 'dispatch_failed' })
  }
  expect(taken).toEqual(['good'])
  expect((await slack.http.verifyUrl())?.body).toContain('challenge')
  expect((await slack.http.sslCheck())?.status).toBe(200)
})

test('a request can be sent again byte for byte, and one can come from the future', async () => {
  const { heard, url } = await app(() => ({ status: 200 }))
  const { slack, rita, ops } = await workspace({ mode: { requestUrl: url } })
  slack.http.tamperWithNext({ ageSeconds: -86_400 })
  await rita.command(ops, '/tasks')
  await slack.http.replay()
  expect(heard).toHaveLength(2)
  expect(heard[1]?.body).toBe(heard[0]?.body)
  expect(heard[1]?.headers['x-slack-signature']).toBe(heard[0]?.headers['x-slack-signature'])
  const seconds = Number(heard[0]?.headers['x-slack-request-timestamp'])
  expect(seconds).toBeGreaterThan(Date.now() / 1000 + 86_000)
})

test('an event is sent again with the retry headers, unless the app says it need not be', async () => {
  let status = 500
  const { heard, url } = await app(() => ({ status }))
  const { slack, rita } = await workspace({
    mode: { requestUrl: url },
    limits: { eventRetriesMs: [0, 0, 0] },
  })
  await rita.openHome()
  await slack.waitUntil(() => slack.complaints.some((each) => each.startsWith('nobody took the event')))
  expect(heard.map((each) => each.headers['x-slack-retry-num'])).toEqual([undefined, '1', '2', '3'])
  status = 200
  await rita.openHome()
  expect(heard).toHaveLength(5)
})

test('a click goes out as a payload field', async () => {
  const { heard, url } = await app(() => ({ status: 200 }))
  const { slack, rita, ops } = await workspace({ mode: { requestUrl: url } })
  const button = {
    type: 'button' as const,
    action_id: 'go',
    text: { type: 'plain_text' as const, text: 'Go' },
    value: '7',
  }
  await client(slack).apiCall('chat.postMessage', {
    channel: ops,
    text: 'x',
    blocks: [{ type: 'actions', elements: [button] }],
  })
  const [message] = slack.messages(ops)
  if (message === undefined) throw new Error('no message')
  await rita.press(message, 'go')
  const payload: unknown = JSON.parse(new URLSearchParams(heard[0]?.body).get('payload') ?? '')
  expect(payload).toMatchObject({
    type: 'block_actions',
    actions: [{ action_id: 'go', value: '7', type: 'button' }],
  })
})
