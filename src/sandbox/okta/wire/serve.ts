import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Struck } from '#src/sandbox/http/fault-plan.ts'
import { parseJson } from '#src/sandbox/http/json.ts'
import type { RecordedCall } from '#src/sandbox/http/recorded-call.ts'
import type { Fault, OktaFaultPlan } from '#src/sandbox/okta/faults.ts'

/** A request as a handler sees it. */
export interface Incoming {
  readonly method: string
  /** As sent, percent-encoded, without the query. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What goes out; `isMadeUp` when a fault and not the org answers. */
export interface Outgoing {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly isMadeUp?: boolean
}

/** What a server is made of. */
export interface Serving {
  readonly port: number | undefined
  readonly faults: OktaFaultPlan
  readonly calls: RecordedCall[]
  readonly now: () => number
  readonly latencyMs: () => number
  readonly answer: (request: Incoming) => Outgoing
  /** The answer of a fault that has one of its own. */
  readonly faultAnswer: (fault: Fault) => Outgoing | undefined
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
  const server = createServer((message, response) => {
    // A mistake of the stand-in itself: let the caller's test show what it was.
    handleCall(options, message, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(error instanceof Error ? error.stack : String(error))
    })
  })
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  await listen(options.port ?? 0)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    reopen: () => listen(port),
  }
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
  const happen = (): Outgoing => {
    const answer = options.answer(request)
    note({ happened: answer.status })
    return answer
  }
  const latencyMs = options.latencyMs()
  if (latencyMs > 0) await wait(latencyMs, undefined, { ref: false })
  const gone = new Promise<void>((resolve) => response.once('close', resolve))
  const struck = options.faults.strike(request.method, request.path)
  const answer = struck === undefined ? happen() : await strike(options, struck, happen, gone)
  if (answer === undefined) {
    note({ status: 0 })
    response.destroy()
    return
  }
  const { status, headers, text, isMadeUp } = answer
  const responseBody = text === '' ? undefined : parseJson(text)
  note({ status, responseBody, responseHeaders: headers, isMadeUp })
  response.writeHead(status, { date: new Date(options.now()).toUTCString(), ...headers })
  response.end(text)
}

async function strike(
  options: Serving,
  { fault, lifted }: Struck<Fault>,
  happen: () => Outgoing,
  gone: Promise<void>,
): Promise<Outgoing | undefined> {
  const own = options.faultAnswer(fault)
  if (own !== undefined) return own
  switch (fault.kind) {
    case 'slow': {
      const answer = happen()
      await Promise.race([wait(fault.delayMs, undefined, { ref: false }), lifted])
      return answer
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
      const answer = happen()
      fault.happen()
      return answer
    }
    case 'cut':
    case 'error':
    case 'oauth_error':
    case 'rate_limited':
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
