import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import type { FaultPlan } from '#src/sandbox/http/fault-plan.ts'
import type { ConnectionFault } from '#src/sandbox/http/faults.ts'
import { listen } from '#src/sandbox/http/listen.ts'
import type { Incoming, Reply } from '#src/sandbox/http/message.ts'
import type { RecordedCall } from '#src/sandbox/http/recorded-call.ts'

/** A key pair in PEM. */
export interface TlsPair {
  readonly certificatePem: string
  readonly keyPem: string
}

/** What a fault comes to: an answer that it makes up, or something that happens to the connection. */
export type FaultEffect = { readonly kind: 'reply'; readonly reply: Reply } | ConnectionFault

/** What a vendor's server is made of. */
export interface Serving<Fault> {
  /** Left out: http. */
  readonly tls?: TlsPair | undefined
  /** Left out: a free one. */
  readonly port: number | undefined
  readonly faults: FaultPlan<Fault>
  readonly calls: RecordedCall[]
  readonly now: () => number
  readonly latencyMs: (method: string, path: string) => number
  /** What becomes of a request. Never throws. */
  readonly answer: (request: Incoming) => Reply
  readonly effectOf: (fault: Fault, request: Incoming) => FaultEffect
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
export async function serve<Fault>(options: Serving<Fault>): Promise<Listening> {
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    // A mistake of the stand-in itself: let the caller's test show what it was.
    handleCall(options, request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(error instanceof Error ? error.stack : String(error))
    })
  }
  const { tls } = options
  const server =
    tls === undefined
      ? createServer(handle)
      : createTlsServer({ cert: tls.certificatePem, key: tls.keyPem }, handle)
  const port = await listen(server, options.port ?? 0)
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    reopen: async () => {
      await listen(server, port)
    },
  }
}

async function handleCall<Fault>(
  options: Serving<Fault>,
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
  const latencyMs = options.latencyMs(request.method, request.path)
  if (latencyMs > 0) await wait(latencyMs, undefined, { ref: false })
  const happen = (): Reply => {
    const reply = options.answer(request)
    note({ happened: reply.status })
    return reply
  }
  const gone = new Promise<void>((resolve) => response.once('close', resolve))
  const struck = options.faults.strike(request.method, request.path)
  const effect = struck === undefined ? undefined : options.effectOf(struck.fault, request)
  const reply =
    struck === undefined || effect === undefined
      ? happen()
      : await strike(effect, { happen, lifted: struck.lifted, gone })
  if (reply === undefined) {
    note({ status: 0 })
    response.destroy()
    return
  }
  const { status, headers, json, text } = reply
  const isMadeUp = effect?.kind === 'reply'
  note({ status, responseBody: json, responseHeaders: headers ?? {}, isMadeUp })
  response.writeHead(status, { date: new Date(options.now()).toUTCString(), ...headers })
  response.end(text ?? (json === undefined ? undefined : JSON.stringify(json)))
}

interface Struck {
  readonly happen: () => Reply
  readonly lifted: Promise<void>
  /** The caller has given up. */
  readonly gone: Promise<void>
}

/** Answers undefined when no answer goes out: the connection is cut then. */
async function strike(effect: FaultEffect, { happen, lifted, gone }: Struck): Promise<Reply | undefined> {
  switch (effect.kind) {
    case 'reply':
      return effect.reply
    case 'slow': {
      const reply = happen()
      await Promise.race([wait(effect.delayMs, undefined, { ref: false }), lifted])
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
    case 'cut':
      return undefined
    case 'meanwhile':
      effect.happen()
      return happen()
    case 'afterwards': {
      const reply = happen()
      effect.happen()
      return reply
    }
  }
}

async function readRequest(message: IncomingMessage): Promise<Incoming> {
  const parts: Buffer[] = []
  for await (const part of message) if (Buffer.isBuffer(part)) parts.push(part)
  const [path = '/', ...query] = (message.url ?? '/').split('?')
  const headers = Object.entries(message.headers).map(([name, value]) => [name, [value].flat().join(', ')])
  return {
    method: message.method ?? 'GET',
    path,
    query: query.join('?'),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(parts).toString('utf8'),
  }
}

function noted({ method, path, query, headers, body }: Incoming, at: number): RecordedCall {
  const open = { status: undefined, happened: undefined, responseBody: undefined, responseHeaders: {} }
  return { method, path, query, headers, requestBody: body, at, ...open }
}
