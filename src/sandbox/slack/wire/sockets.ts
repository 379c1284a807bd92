import { complain } from '#src/sandbox/slack/calls.ts'
import { randomInt } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { isObject, parseJson, text } from '#src/sandbox/json.ts'
import { Refusal } from '#src/sandbox/slack/methods/method.ts'
import type { Carrier, Delivery } from '#src/sandbox/slack/wire/carrier.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** Why Slack asks a connection to end. */
type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets'

/** Socket Mode: tickets, up to ten connections, each envelope to any one of them. */
export interface Sockets extends Carrier, AsyncDisposable {
  /** The URL of `apps.connections.open`: good once and for 30 seconds. */
  readonly ticketUrl: () => string
  readonly count: () => number
  /** Ids of the open connections, oldest first; never reused, so a test can tell a new one from an old one. */
  readonly open: () => readonly number[]
  /**
   * What Slack does every few hours: each connection open now is warned, given `warnedMs` (10 s) to leave by itself, and then
   * asked to go and closed; one after the other, `gapMs` (0) apart.
   */
  readonly refresh: (options?: { readonly warnedMs?: number; readonly gapMs?: number }) => Promise<void>
  /** Sends one `disconnect` with this reason to one connection (any, if not named); Slack closes it on `refresh_requested`. */
  readonly ask: (reason: DisconnectReason, connection?: number) => void
  /** Cuts the TCP connections without a word: all, or one. */
  readonly cut: (connection?: number) => void
  /** Somebody switched Socket Mode off: all connections are told `link_disabled` and closed. */
  readonly disable: () => void
}

interface Connection {
  readonly id: number
  readonly socket: WebSocket
}

interface Waiting {
  readonly connection: number
  readonly settle: (delivery: Delivery) => void
  answered: boolean
}

/** Serves Socket Mode on the given HTTP server under `/link/`. */
export function serveSockets(world: World, server: Server): Sockets {
  const tickets = new Map<string, number>()
  const connections = new Map<number, Connection>()
  const waiting = new Map<string, Waiting>()
  const wss = new WebSocketServer({ noServer: true })
  let lastId = 0

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const url = new URL(request.url ?? '/', world.baseUrl)
    const ticket = url.searchParams.get('ticket') ?? ''
    const madeAt = tickets.get(ticket)
    tickets.delete(ticket)
    const good = madeAt !== undefined && world.now() - madeAt <= world.limits.ticketMs
    if (!good || !url.pathname.startsWith('/link') || !world.settings.socketMode) {
      stream.end('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
      return
    }
    wss.handleUpgrade(request, stream, head, (socket) => welcome(socket))
  }
  server.on('upgrade', upgrade)

  const welcome = (socket: WebSocket): void => {
    socket.on('error', () => {}) // a cut connection also closes, which is what counts
    if (connections.size >= world.limits.sockets) {
      say(socket, disconnect('too_many_websockets'))
      socket.close()
      return
    }
    lastId += 1
    const connection: Connection = { id: lastId, socket }
    connections.set(connection.id, connection)
    socket.on('message', (data: Buffer) => hear(connection, data.toString()))
    socket.on('close', () => {
      connections.delete(connection.id)
      world.changes.tell()
    })
    say(socket, {
      type: 'hello',
      num_connections: connections.size,
      connection_info: { app_id: world.app.id },
      debug_info: { host: 'stand-in', build_number: 1, approximate_connection_time: 18_060 },
    })
    world.changes.tell()
  }

  const hear = (connection: Connection, line: string): void => {
    const message = parseJson(line)
    if (!isObject(message)) return complain(world, `not JSON on a socket: ${line.slice(0, 80)}`)
    const known = waiting.get(text(message['envelope_id']))
    if (known === undefined)
      return complain(world, `acknowledged too late or never sent: ${line.slice(0, 200)}`)
    if (known.connection !== connection.id) return complain(world, 'acknowledged on another connection')
    if (known.answered) return complain(world, `acknowledged twice: ${line.slice(0, 200)}`)
    known.answered = true
    const payload = message['payload']
    known.settle({
      kind: 'acknowledged',
      payload: isObject(payload) && Object.keys(payload).length === 0 ? undefined : payload,
    })
  }

  const heartbeat = setInterval(() => {
    for (const { socket } of connections.values()) socket.ping('Ping from wss')
  }, world.limits.pingMs)
  heartbeat.unref()

  const pick = (id?: number): Connection | undefined => {
    if (id !== undefined) return connections.get(id)
    const all = [...connections.values()].filter(({ socket }) => socket.readyState === socket.OPEN)
    return all.length === 0 ? undefined : all[randomInt(all.length)]
  }

  const sockets: Sockets = {
    ticketUrl: () => {
      if (!world.settings.socketMode) throw new Refusal('forbidden_team')
      const ticket = world.ids.word()
      tickets.set(ticket, world.now())
      return `${world.baseUrl.replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${world.app.id}`
    },
    count: () => connections.size,
    open: () => [...connections.keys()],
    send: ({ kind, payload, retry }) =>
      new Promise((resolve) => {
        const connection = pick()
        if (connection === undefined) return resolve({ kind: 'failed', error: 'dispatch_failed' })
        const envelopeId = world.ids.envelope()
        const forget = setTimeout(() => waiting.delete(envelopeId), world.limits.ackMs + 60_000)
        forget.unref()
        const timer = setTimeout(() => {
          waiting.delete(envelopeId)
          resolve({ kind: 'failed', error: 'operation_timeout' })
        }, world.limits.ackMs)
        waiting.set(envelopeId, {
          connection: connection.id,
          answered: false,
          settle: (delivery) => {
            clearTimeout(timer)
            resolve(delivery)
          },
        })
        say(connection.socket, {
          envelope_id: envelopeId,
          type: kind,
          payload,
          accepts_response_payload: kind !== 'events_api',
          ...(kind === 'events_api' && {
            retry_attempt: retry?.attempt ?? 0,
            retry_reason: retry?.reason ?? '',
          }),
        })
      }),
    ask: (reason, id) => {
      const connection = pick(id)
      if (connection === undefined) return
      say(connection.socket, disconnect(reason))
      if (reason !== 'warning') connection.socket.close(1000)
    },
    refresh: async ({ warnedMs = 10_000, gapMs = 0 } = {}) => {
      for (const id of sockets.open()) {
        sockets.ask('warning', id)
        await leaves(world, connections, id, warnedMs)
        if (connections.has(id)) sockets.ask('refresh_requested', id)
        if (gapMs > 0) await new Promise((resolve) => setTimeout(resolve, gapMs))
      }
    },
    cut: (id) => {
      for (const each of id === undefined ? sockets.open() : [id]) connections.get(each)?.socket.terminate()
    },
    disable: () => {
      world.settings.socketMode = false
      for (const id of sockets.open()) sockets.ask('link_disabled', id)
    },
    [Symbol.asyncDispose]: () => {
      clearInterval(heartbeat)
      server.off('upgrade', upgrade)
      sockets.cut()
      return new Promise((resolve) => {
        wss.close(() => resolve())
      })
    },
  }
  return sockets
}

function say(socket: WebSocket, message: object): void {
  socket.send(JSON.stringify(message))
}

function disconnect(reason: DisconnectReason): object {
  return { type: 'disconnect', reason, debug_info: { host: 'stand-in' } }
}

function leaves(
  world: World,
  connections: ReadonlyMap<number, unknown>,
  id: number,
  timeoutMs: number,
): Promise<unknown> {
  return world.changes.waitUntil(() => !connections.has(id), { timeoutMs }).catch(() => undefined)
}
