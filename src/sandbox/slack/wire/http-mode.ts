import { createHmac } from 'node:crypto'
import type { Json } from '#src/sandbox/json.ts'
import { parseJson } from '#src/sandbox/json.ts'
import type { Carrier, Delivery, Outgoing } from '#src/sandbox/slack/wire/carrier.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** What is wrong with a request on purpose. */
export interface Tampering {
  /** How old its timestamp says it is; negative: from the future. */
  readonly ageSeconds?: number
  /** Signed with another secret, or not signed at all. */
  readonly signature?: 'wrong' | 'missing'
}

/** A request as it went out. */
interface SentRequest {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** What came back. `undefined` when nothing did within 3 s or nobody listens. */
interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: Headers
}

/** HTTP mode: signed requests to the app's request URL. */
export interface HttpMode extends Carrier {
  /** The requests that went out, oldest first. */
  readonly sent: readonly SentRequest[]
  /** Tampers with the next request only. */
  readonly tamperWithNext: (tampering: Tampering) => void
  /** Sends an earlier request (the last one) once more, byte for byte. */
  readonly replay: (request?: SentRequest) => Promise<Answer | undefined>
  /** Slack's look whether the URL has a good certificate: `ssl_check=1`. */
  readonly sslCheck: () => Promise<Answer | undefined>
  /** Slack's question when a request URL is set. */
  readonly verifyUrl: () => Promise<Answer | undefined>
}

/** Sends to the URL that `requestUrl` names at that moment. */
export function createHttpMode(world: World, requestUrl: () => string | undefined): HttpMode {
  const sent: SentRequest[] = []
  let next: Tampering = {}

  const deliver = async (request: SentRequest): Promise<Answer | 'timeout' | 'refused'> => {
    const url = requestUrl()
    if (url === undefined) return 'refused'
    try {
      const answer = await fetch(url, {
        method: 'POST',
        body: request.body,
        headers: request.headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(world.limits.ackMs),
      })
      return { status: answer.status, body: await answer.text(), headers: answer.headers }
    } catch (error) {
      return error instanceof DOMException && error.name === 'TimeoutError' ? 'timeout' : 'refused'
    }
  }

  const send = (
    body: string,
    type: string,
    extra: Readonly<Record<string, string>> = {},
  ): Promise<Answer | 'timeout' | 'refused'> => {
    const request = { body, headers: { ...signed(world, body, next), 'content-type': type, ...extra } }
    next = {}
    sent.push(request)
    return deliver(request)
  }

  return {
    sent,
    tamperWithNext: (tampering) => {
      next = tampering
    },
    send: async (outgoing) => taken(await send(bodyOf(outgoing), typeOf(outgoing), retryHeaders(outgoing))),
    replay: (request = sent.at(-1)) =>
      answerOf(request === undefined ? Promise.resolve('refused') : deliver(request)),
    sslCheck: () => answerOf(send(`ssl_check=1&token=${world.app.verificationToken}`, form)),
    verifyUrl: () => {
      const question = {
        token: world.app.verificationToken,
        challenge: world.ids.word(),
        type: 'url_verification',
      }
      return answerOf(send(JSON.stringify(question), 'application/json'))
    },
  }
}

async function answerOf(delivery: Promise<Answer | 'timeout' | 'refused'>): Promise<Answer | undefined> {
  const answer = await delivery
  return typeof answer === 'string' ? undefined : answer
}

const form = 'application/x-www-form-urlencoded'

/** The headers of a signed request (docs.slack.dev, "Verifying requests from Slack"). */
export function signed(
  world: { readonly app: { readonly signingSecret: string }; readonly now: () => number },
  body: string,
  tampering: Tampering = {},
): Record<string, string> {
  const timestamp = String(Math.floor(world.now() / 1000) - (tampering.ageSeconds ?? 0))
  const secret = tampering.signature === 'wrong' ? 'not the secret' : world.app.signingSecret
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
  return {
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    'x-slack-request-timestamp': timestamp,
    ...(tampering.signature !== 'missing' && { 'x-slack-signature': signature }),
  }
}

function bodyOf({ kind, payload }: Outgoing): string {
  if (kind === 'events_api') return JSON.stringify(payload)
  if (kind === 'interactive') return new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  const fields = Object.entries(payload).map(([key, value]): [string, string] => [key, String(value)])
  return new URLSearchParams(fields).toString()
}

function typeOf({ kind }: Outgoing): string {
  return kind === 'events_api' ? 'application/json' : form
}

function retryHeaders({ retry }: Outgoing): Record<string, string> {
  if (retry === undefined) return {}
  return { 'x-slack-retry-num': String(retry.attempt), 'x-slack-retry-reason': retry.reason }
}

function taken(answer: Answer | 'timeout' | 'refused'): Delivery {
  if (answer === 'timeout') return { kind: 'failed', error: 'operation_timeout' }
  if (answer === 'refused' || answer.status < 200 || answer.status > 299) {
    return { kind: 'failed', error: 'dispatch_failed' }
  }
  const stopRetries = answer.headers.get('x-slack-no-retry') === '1'
  return { kind: 'acknowledged', payload: payloadOf(answer.body), stopRetries }
}

function payloadOf(body: string): Json | string | undefined {
  if (body === '') return undefined
  const value = parseJson(body)
  return typeof value === 'object' && value !== null ? { ...value } : body
}
