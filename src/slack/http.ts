import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import type { Clock } from '#src/clock.ts'
import type { Log } from '#src/slack/context.ts'
import type { FirstSeen, Intake } from '#src/slack/receiving.ts'
import { isSignedBySlack } from '#src/slack/signature.ts'
import type { HealthyReceiver } from '#src/slack/sockets.ts'
import { StartUpError } from '#src/slack/start-up.ts'
import type { Secret } from '#src/secrets.ts'

/** What HTTP mode is made of. */
export interface HttpDeps {
  readonly signingSecret: Secret
  readonly port: number
  readonly host: string | undefined
  readonly firstSeen: FirstSeen
  readonly intake: Intake
  readonly clock: Clock
  readonly log: Log
  /** After how long Slack gets an empty answer; it gives up at 3 s. */
  readonly answerWithinMs: number
}

// A view may have 250 kB, and form encoding can treble it.
const bodyLimit = 1024 * 1024
const path = '/slack/events'

const Body = z.record(z.string(), z.unknown())

/** Receives signed requests at `/slack/events`. `start` throws `StartUpError` when the port is taken. */
export function createHttpReceiver(deps: HttpDeps): HealthyReceiver & { readonly port: () => number } {
  let since = deps.clock.now()
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
    serve(deps, request, response).catch((error: unknown) => {
      deps.log.error({ err: error }, 'A request of Slack could not be answered')
      answer(response, 500)
    })
  })
  return {
    init: () => {},
    start: () =>
      new Promise<void>((resolve, reject) => {
        server.once('error', (error) =>
          reject(new StartUpError('port_taken', `Port ${deps.port} for Slack's requests: ${error.message}.`)),
        )
        server.listen(deps.port, deps.host, () => {
          since = deps.clock.now()
          resolve()
        })
      }),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
    port: () => addressOf(server.address()),
    health: () => ({ open: server.listening ? 1 : 0, wanted: 1, since, problem: undefined }),
  }
}

function addressOf(address: AddressInfo | string | null): number {
  return address === null || typeof address === 'string' ? 0 : address.port
}

async function serve(deps: HttpDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [route] = (request.url ?? '').split('?')
  if (route !== path) return answer(response, 404)
  if (request.method !== 'POST') return answer(response, 405)
  const rawBody = await readBody(request)
  if (rawBody === undefined) return answer(response, 413)

  const timer = setTimeout(() => answer(response, 200), deps.answerWithinMs)
  try {
    await receive(deps, request, rawBody, response)
  } finally {
    clearTimeout(timer)
  }
}

async function receive(
  deps: HttpDeps,
  request: IncomingMessage,
  rawBody: Buffer,
  response: ServerResponse,
): Promise<void> {
  const body = parseBody(request.headers['content-type'], rawBody)
  // Slack's certificate probe changes nothing and asks for no proof.
  if (body?.['ssl_check'] === '1') return answer(response, 200)
  const signature = header(request, 'x-slack-signature')
  const signed = { timestamp: header(request, 'x-slack-request-timestamp'), signature, rawBody }
  if (!isSignedBySlack(signed, deps.signingSecret.reveal(), deps.clock.now())) {
    deps.log.warn({ from: request.socket.remoteAddress }, 'Refused: a request without a good signature')
    return answer(response, 401)
  }
  if (body === undefined) return answer(response, 415)
  const isNew = await deps.firstSeen(`slack-signature:${signature}`).catch((error: unknown) => {
    deps.log.error({ err: error }, 'Whether a request was seen before could not be looked up')
    return undefined
  })
  if (isNew === undefined) return answer(response, 503)
  if (!isNew) {
    deps.log.warn({ from: request.socket.remoteAddress }, 'Refused: a request that was here before')
    return answer(response, 401)
  }
  if (body['type'] === 'url_verification') return answer(response, 200, { challenge: body['challenge'] })
  const retryNum = Number(header(request, 'x-slack-retry-num'))
  await deps.intake.take({
    body,
    ack: async (said) => answer(response, 200, said),
    retryNum: Number.isInteger(retryNum) ? retryNum : undefined,
    retryReason: header(request, 'x-slack-retry-reason'),
  })
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** The whole body, or undefined when it is over the limit. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) return undefined
    length += chunk.length
    if (length > bodyLimit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Reads forms (with the JSON in `payload` taken out) and JSON; undefined for anything else. */
function parseBody(contentType: string | undefined, rawBody: Buffer): z.infer<typeof Body> | undefined {
  const type = contentType?.split(';')[0]?.trim().toLowerCase()
  const text = rawBody.toString('utf8')
  if (type === 'application/json') return parseJson(text)
  if (type !== 'application/x-www-form-urlencoded') return undefined
  const form = Object.fromEntries(new URLSearchParams(text))
  return form['payload'] === undefined ? form : parseJson(form['payload'])
}

function parseJson(text: string): z.infer<typeof Body> | undefined {
  try {
    return Body.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Answers once; what comes after the first answer is dropped. */
function answer(response: ServerResponse, status: number, said?: unknown): void {
  if (response.headersSent || response.destroyed) return
  if (said === undefined || said === '') {
    response.writeHead(status, status >= 400 ? { connection: 'close' } : {}).end()
    return
  }
  const isText = typeof said === 'string'
  response.writeHead(status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
  })
  response.end(isText ? said : JSON.stringify(said))
}
