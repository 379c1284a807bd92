import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import type { EntraFaultPlan, Fault } from '#src/sandbox/graph/faults.ts'
import type { Incoming, Reply } from '#src/sandbox/graph/wire/message.ts'
import type { Struck } from '#src/sandbox/http/fault-plan.ts'
import type { RecordedCall } from '#src/sandbox/http/recorded-call.ts'

/** A key pair in PEM. */
export interface TlsPair {
  readonly certificatePem: string
  readonly keyPem: string
}

/** What a server is made of. */
export interface Serving {
  readonly tls: TlsPair | undefined
  readonly port: number | undefined
  readonly faults: EntraFaultPlan
  readonly calls: RecordedCall[]
  readonly now: () => number
  readonly latencyMs: (method: string, path: string) => number
  /** What becomes of a request. Never throws. */
  readonly answer: (request: Incoming) => Reply
  /** The answer of a fault that has one of its own. */
  readonly faultReply: (fault: Fault, request: Incoming) => Reply | undefined
  /** Takes secrets out of what is recorded. */
  readonly scrub: (call: RecordedCall) => RecordedCall
}

/** A server that listens on a port of this machine. */
export interface Listening {
  readonly url: string
  /** Refuses all connections from now on. */
  readonly close: () => Promise<void>
  /** Listens again under the same port. */
  readonly reopen: () => Promise<void>
}

/** Serves on 127.0.0.1, records each call, and lets faults strike. */
export async function serve(options: Serving): Promise<Listening> {
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    // A mistake of the stand-in itself: let the caller's test show what it was.
    handleCall(options, request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(error instanceof Error ? error.stack : String(error))
    })
  }
  const { tls } = options
  const server: Server =
    tls === undefined
      ? createServer(handle)
      : createTlsServer({ cert: tls.certificatePem, key: tls.keyPem }, handle)
  await listen(server, options.port ?? 0)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    reopen: () => listen(server, port),
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function handleCall(
  options: Serving,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await readRequest(message)
  const { calls, scrub } = options
  const index = calls.push(scrub(noted(request, options.now()))) - 1
  const note = (change: Partial<RecordedCall>): void => {
    const call = calls[index]
    if (call !== undefined) calls[index] = scrub({ ...call, ...change })
  }
  const latency = options.latencyMs(request.method, request.path)
  if (latency > 0) await wait(latency, undefined, { ref: false })
  const struck = options.faults.strike(request.method, request.path)
  const happen = (): Reply => {
    const reply = options.answer(request)
    note({ happened: reply.status })
    return reply
  }
  const gone = new Promise<void>((resolve) => response.once('close', resolve))
  const reply = struck === undefined ? happen() : await strike(options, request, struck, happen, gone)
  if (reply === undefined) {
    note({ status: 0 })
    response.destroy()
    return
  }
  const isMadeUp = struck !== undefined && options.faultReply(struck.fault, request) !== undefined
  note({ status: reply.status, responseBody: reply.json, responseHeaders: reply.headers ?? {}, isMadeUp })
  response.writeHead(reply.status, { date: new Date(options.now()).toUTCString(), ...reply.headers })
  response.end(reply.text ?? (reply.json === undefined ? undefined : JSON.stringify(reply.json)))
}

async function strike(
  options: Serving,
  request: Incoming,
  { fault, lifted }: Struck<Fault>,
  happen: () => Reply,
  gone: Promise<void>,
): Promise<Reply | undefined> {
  const own = options.faultReply(fault, request)
  if (own !== undefined) return own
  switch (fault.kind) {
    case 'slow': {
      const reply = happen()
      await Promise.race([wait(fault.delayMs, undefined, { ref: false }), lifted])
      return reply
    }
    case 'hang':
      await Promise.race([lifted, gone])
      return undefined
    case 'hang_after':
      happen()
      await Promise.race([lifted, gone])
      return undefined
    case 'lose_answer':
      happen()
      return undefined
    case 'meanwhile':
      fault.happen()
      return happen()
    case 'afterwards': {
      const reply = happen()
      fault.happen()
      return reply
    }
    case 'cut':
    case 'graph_error':
    case 'authority_error':
    case 'throttled':
    case 'page':
    case 'garbage':
    case 'body':
    case 'redirect':
      return undefined
  }
}

async function readRequest(message: IncomingMessage): Promise<Incoming> {
  const parts: Buffer[] = []
  for await (const part of message) if (Buffer.isBuffer(part)) parts.push(part)
  const url = message.url ?? '/'
  const mark = url.indexOf('?')
  return {
    method: message.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? '' : url.slice(mark + 1),
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    ),
    body: Buffer.concat(parts).toString('utf8'),
  }
}

function noted(request: Incoming, at: number): RecordedCall {
  const { method, path, query, headers, body } = request
  return {
    method,
    path,
    query,
    headers,
    requestBody: body,
    at,
    status: undefined,
    happened: undefined,
    responseBody: undefined,
    responseHeaders: {},
  }
}
