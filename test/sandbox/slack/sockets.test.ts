import { SocketModeClient, LogLevel } from '@slack/socket-mode'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { isObject, parseJson, text } from '#src/sandbox/json.ts'
import type { Slack } from '#src/sandbox/slack/index.ts'
import { bolt, client, refusal, workspace } from '#test/sandbox/slack/workspace.ts'

/** A bare connection that notes what it hears. */
async function connect(slack: Slack) {
  const { url = '' } = await client(slack, { token: slack.appToken }).apps.connections.open({})
  const socket = new WebSocket(url)
  const heard: Record<string, unknown>[] = []
  let closed = false
  socket.on('message', (data: Buffer) => {
    const message = parseJson(data.toString())
    if (isObject(message)) heard.push({ ...message })
  })
  socket.on('close', () => {
    closed = true
  })
  onTestFinished(() => socket.terminate())
  await new Promise((resolve) => socket.once('message', resolve))
  return {
    socket,
    heard,
    url,
    isClosed: () => closed,
    ack: (id: string, payload?: unknown) => socket.send(JSON.stringify({ envelope_id: id, payload })),
  }
}

function waitForClose(connection: {
  readonly socket: WebSocket
  readonly isClosed: () => boolean
}): Promise<void> {
  return new Promise((resolve) => {
    if (connection.isClosed()) resolve()
    else connection.socket.once('close', () => resolve())
  })
}

test('a ticket is good for one connection, and hello says how many there are', async () => {
  const { slack } = await workspace()
  const first = await connect(slack)
  expect(first.heard[0]).toMatchObject({
    type: 'hello',
    num_connections: 1,
    connection_info: { app_id: slack.appId },
  })
  const second = await connect(slack)
  expect(second.heard[0]).toMatchObject({ type: 'hello', num_connections: 2 })
  const again = new WebSocket(first.url)
  await expect(new Promise((_resolve, reject) => again.once('error', reject))).rejects.toThrow('408')
})

test('an old ticket is not taken', async () => {
  let now = 1_800_000_000_000
  const { slack } = await workspace({ now: () => now })
  const { url = '' } = await client(slack, { token: slack.appToken }).apps.connections.open({})
  now += 30_001
  const late = new WebSocket(url)
  await expect(new Promise((_resolve, reject) => late.once('error', reject))).rejects.toThrow('408')
})

test('each command goes to exactly one connection, and over time to all of them', async () => {
  const { slack, rita, ops } = await workspace()
  const connections = await Promise.all([connect(slack), connect(slack)])
  for (const { socket, ack } of connections)
    socket.on('message', (data: Buffer) => {
      const message = parseJson(data.toString())
      if (isObject(message) && message['type'] === 'slash_commands') ack(text(message['envelope_id']))
    })
  for (let index = 0; index < 30; index += 1) await rita.command(ops, `/tasks ${index}`)
  const heard = connections.map(
    (each) => each.heard.filter((message) => message['type'] === 'slash_commands').length,
  )
  expect((heard[0] ?? 0) + (heard[1] ?? 0)).toBe(30)
  expect(Math.min(...heard)).toBeGreaterThan(0)
})

test('nobody connected: the person sees dispatch_failed; nobody answers in time: operation_timeout', async () => {
  const { slack, rita, ops } = await workspace({ limits: { ackMs: 500 } })
  expect(await rita.command(ops, '/tasks')).toEqual({ kind: 'trouble', error: 'dispatch_failed' })
  const connection = await connect(slack)
  expect(await rita.command(ops, '/tasks')).toEqual({ kind: 'trouble', error: 'operation_timeout' })
  expect(rita.ephemerals(ops).map((each) => each.text)).toEqual([
    '/tasks failed with the error "dispatch_failed"',
    '/tasks failed with the error "operation_timeout"',
  ])
  const command = connection.heard.find((message) => message['type'] === 'slash_commands')
  connection.ack(text(command?.['envelope_id']))
  await slack.waitUntil(() => slack.complaints.some((each) => each.includes('too late')))
})

test('an acknowledgement on another connection or a second one does not count and is noted', async () => {
  const { slack, rita, ops } = await workspace()
  const connection = await connect(slack)
  const running = rita.command(ops, '/tasks')
  await new Promise((resolve) => connection.socket.once('message', resolve))
  const id = text(connection.heard.at(-1)?.['envelope_id'])
  const other = await connect(slack)
  other.ack(id)
  await slack.waitUntil(() => slack.complaints.includes('acknowledged on another connection'))
  connection.ack(id, { text: 'Hello' })
  connection.ack(id)
  expect(await running).toEqual({ kind: 'acknowledged' })
  await slack.waitUntil(() => slack.complaints.some((each) => each.startsWith('acknowledged twice')))
  expect(rita.ephemerals(ops).map((each) => each.text)).toEqual(['Hello'])
})

test('a refresh warns one connection at a time and closes it when it does not leave', async () => {
  const { slack } = await workspace()
  const connections = await Promise.all([connect(slack), connect(slack)])
  await slack.sockets.refresh({ warnedMs: 20 })
  await Promise.all(connections.map(waitForClose))
  for (const { heard } of connections)
    expect(heard.map((message) => message['reason'] ?? message['type'])).toEqual([
      'hello',
      'warning',
      'refresh_requested',
    ])
})

test('the eleventh connection is turned away', async () => {
  const { slack } = await workspace({ limits: { sockets: 2 } })
  await connect(slack)
  await connect(slack)
  const third = await connect(slack)
  await waitForClose(third)
  expect(third.heard[0]).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' })
  expect(slack.sockets.count()).toBe(2)
})

test('with Socket Mode switched off all connections end and no new one is to be had', async () => {
  const { slack } = await workspace()
  const connection = await connect(slack)
  slack.sockets.disable()
  await waitForClose(connection)
  expect(connection.heard.at(-1)).toMatchObject({ type: 'disconnect', reason: 'link_disabled' })
  const open = client(slack, { token: slack.appToken }).apps.connections.open({})
  expect(await refusal(open)).toMatchObject({ error: 'forbidden_team' })
})

test("Slack's own client comes back after its connection was cut", async () => {
  const { slack, rita, ops } = await workspace()
  const socketMode = new SocketModeClient({
    appToken: slack.appToken,
    clientPingTimeout: 1_000,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl },
  })
  socketMode.on('slash_commands', ({ ack }: { ack: () => Promise<void> }) => void ack())
  onTestFinished(() => socketMode.disconnect())
  await socketMode.start()
  const [first] = slack.sockets.open()
  slack.sockets.cut()
  await slack.waitUntil(() => slack.sockets.open().some((id) => id !== first))
  expect(await rita.command(ops, '/tasks')).toEqual({ kind: 'acknowledged' })
})

test('an event is sent again with the same id until somebody takes it', async () => {
  const { slack, rita } = await workspace({ limits: { ackMs: 1_000, eventRetriesMs: [0, 0, 0] } })
  const connection = await connect(slack)
  const events = () => connection.heard.filter((message) => message['type'] === 'events_api')
  connection.socket.on('message', () => {
    if (events().length === 3) connection.ack(text(events()[2]?.['envelope_id']))
  })
  await rita.openHome()
  await expect.poll(() => events().map((each) => each['retry_attempt'])).toEqual([0, 1, 2])
  const ids = events().map((each) => (isObject(each['payload']) ? each['payload']['event_id'] : undefined))
  expect(new Set(ids).size).toBe(1)
})

test('a Bolt app hears that a Home tab was opened, and publishes it for that person only', async () => {
  const { slack, rita, ana } = await workspace()
  await bolt(slack, (app) => {
    app.event('app_home_opened', async ({ event, client: web }) => {
      const blocks = [
        { type: 'section' as const, text: { type: 'mrkdwn' as const, text: `Hello <@${event.user}>` } },
      ]
      await web.views.publish({ user_id: event.user, view: { type: 'home', blocks } })
    })
  })
  await rita.openHome()
  const home = await slack.waitUntil(() => rita.home())
  expect(home.read()).toBe('Hello @rita')
  expect(ana.home()).toBeUndefined()
})
