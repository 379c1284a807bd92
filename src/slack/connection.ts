import { SocketModeClient } from '@slack/socket-mode'
import { WebAPIPlatformError } from '@slack/web-api'
import { z } from 'zod'
import { sortProblem, webClientOptions } from '#src/slack/clients.ts'
import type { Log } from '#src/slack/context.ts'
import type { Intake } from '#src/slack/receiving.ts'
import { appTokenError, socketModeOff } from '#src/slack/start-up.ts'
import type { Secret } from '#src/secrets.ts'

/** One Socket Mode connection, used once: it is replaced, never reconnected. */
export interface Connection {
  /** Resolves when Slack asks us to go elsewhere; the connection still works. */
  readonly leaving: Promise<void>
  /** Resolves when it is closed, by whomever. */
  readonly closed: Promise<void>
  /** Closes it at a quiet moment: just after an ack or when nothing came for a while; after the time in any case. */
  readonly retire: (limitMs: number) => Promise<void>
}

/** What one connection is made of. */
export interface ConnectionDeps {
  readonly appToken: Secret
  readonly apiUrl: string
  readonly log: Log
  readonly intake: Intake
}

const openLimitMs = 15_000
const httpTimeoutMs = 10_000
const idleMs = 300
// Longer than the client's own interval of 5 s between pings, so that one late pong does not cut a good connection.
const pongLimitMs = 12_000

const Disconnect = z.object({ type: z.literal('disconnect'), reason: z.string().optional() })
const Envelope = z.object({
  ack: z.custom<(response?: unknown) => Promise<void>>((value) => typeof value === 'function'),
  body: z.record(z.string(), z.unknown()),
  retry_num: z.number().optional(),
  retry_reason: z.string().optional(),
})

/**
 * Opens a connection and waits for Slack's hello. Throws `StartUpError` when Slack refuses for a reason that waiting
 * does not mend; any other error means that Slack is away.
 */
export async function openConnection(deps: ConnectionDeps): Promise<Connection> {
  // The client's own reconnecting leaves a gap and can end the process with an unhandled rejection; it is switched off.
  const client = new SocketModeClient({
    appToken: deps.appToken.reveal(),
    autoReconnectEnabled: false,
    clientPingTimeout: pongLimitMs,
    ...libraryOptions(deps),
  })
  const leaving = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const refused = Promise.withResolvers<never>()
  refused.promise.catch(() => {})
  const acks = createAcks()

  client.once('disconnected', () => closed.resolve())
  interceptMessages(client, deps.log, (reason) => {
    if (reason === 'link_disabled') refused.reject(socketModeOff())
    // A replacement would only be one connection more: this one is closed, and the next try waits.
    if (reason === 'too_many_websockets') void client.disconnect().catch(() => {})
    else leaving.resolve()
  })
  client.on('slack_event', (raw: unknown) => takeEnvelope(deps, acks, raw))

  try {
    await Promise.race([client.start(), refused.promise, openDeadline()])
  } catch (error) {
    client.disconnect().catch(() => {})
    if (error instanceof WebAPIPlatformError) throw refusalOf(error)
    throw error ?? new Error('the connection was closed before Slack said hello')
  }
  return {
    leaving: leaving.promise,
    closed: closed.promise,
    retire: async (limitMs) => {
      // Slack sends envelopes to any connection until it reads our close. Right behind an ack is the moment when it is
      // least likely to be sending one here.
      acks.whenQuiet(() => void client.disconnect().catch(() => {}))
      await Promise.race([closed.promise, after(limitMs)])
      await Promise.race([client.disconnect(), closed.promise, after(limitMs)])
      closed.resolve()
    },
  }
}

interface Acks {
  /** Starts waiting for one ack; the answer ends it. */
  readonly begin: () => () => void
  /** Calls back once: just after the last open ack was sent, or after a while without any. */
  readonly whenQuiet: (callback: () => void) => void
}

function createAcks(): Acks {
  const unanswered = new Set<symbol>()
  let waiting: (() => void) | undefined
  const check = () => {
    if (unanswered.size > 0) return
    waiting?.()
    waiting = undefined
  }
  return {
    begin: () => {
      const id = Symbol('envelope')
      unanswered.add(id)
      return () => {
        if (unanswered.delete(id)) check()
      }
    },
    whenQuiet: (callback) => {
      waiting = callback
      setTimeout(check, idleMs).unref()
    },
  }
}

// clientOptions has no logger of its own; the client hands it the one given here.
function libraryOptions(deps: ConnectionDeps) {
  const { logger, ...clientOptions } = webClientOptions({ ...deps, timeoutMs: httpTimeoutMs })
  return { logger, clientOptions }
}

/**
 * Takes Slack's "disconnect" out of the messages, because the client would close at once, acks in flight or not; and
 * catches what the client's asynchronous handler throws on a message it cannot read.
 */
function interceptMessages(
  client: SocketModeClient,
  log: Log,
  onDisconnect: (reason: string | undefined) => void,
): void {
  const handlers = client.listeners('ws_message')
  client.removeAllListeners('ws_message')
  client.on('ws_message', (data: unknown, isBinary: boolean) => {
    const disconnect = readDisconnect(data)
    if (disconnect !== undefined) return onDisconnect(disconnect.reason)
    Promise.all(handlers.map(async (handle) => handle(data, isBinary))).catch((error: unknown) =>
      log.warn({ err: error }, 'A message of Slack could not be read'),
    )
  })
}

// Every envelope passes here on its way to its ack: only what can be a "disconnect" is parsed, for the client parses all.
function readDisconnect(data: unknown): z.infer<typeof Disconnect> | undefined {
  if (typeof data !== 'string' || !data.includes('"disconnect"')) return undefined
  return Disconnect.safeParse(parseJson(data)).data
}

function takeEnvelope(deps: ConnectionDeps, acks: Acks, raw: unknown): void {
  const envelope = Envelope.safeParse(raw)
  if (!envelope.success)
    return deps.log.error({ issues: envelope.error.issues }, 'An envelope of Slack could not be read')
  const answered = acks.begin()
  const ack = (response?: unknown) => envelope.data.ack(response).finally(answered)
  const { body, retry_num: retryNum, retry_reason: retryReason } = envelope.data
  void deps.intake.take({ body, ack, retryNum, retryReason }).finally(answered)
}

function refusalOf(error: WebAPIPlatformError): Error {
  const problem = sortProblem(error)
  return problem.kind === 'platform' ? appTokenError(problem.code) : error
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}

async function openDeadline(): Promise<never> {
  await after(openLimitMs)
  throw new Error(`Slack did not say hello within ${openLimitMs} ms`)
}
