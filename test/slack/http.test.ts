import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHttpReceiver } from '#src/slack/http.ts'
import type { Incoming } from '#src/slack/receiving.ts'
import { secret } from '#src/secrets.ts'

const now = new Date('2026-03-04T03:12:00Z')
const seconds = (date: Date) => Math.floor(date.getTime() / 1000)
const log = { info: () => {}, warn: () => {}, error: () => {} }
const form = 'application/x-www-form-urlencoded'

let taken: Incoming[]
let seen: Set<string>
let answerWith: (incoming: Incoming) => Promise<void>
let storeIsAway: boolean
let receiver: ReturnType<typeof createHttpReceiver>
let counter = 0

beforeEach(async () => {
  taken = []
  seen = new Set()
  storeIsAway = false
  answerWith = (incoming) => incoming.ack()
  receiver = createHttpReceiver({
    signingSecret: secret('shh'),
    port: 0,
    host: '127.0.0.1',
    firstSeen: async (key) => {
      if (storeIsAway) throw new Error('the database is away')
      const isNew = !seen.has(key)
      seen.add(key)
      return isNew
    },
    intake: {
      take: async (incoming) => {
        taken.push(incoming)
        await answerWith(incoming)
      },
      settle: async () => {},
    },
    clock: { now: () => now },
    log,
    answerWithinMs: 50,
  })
  await receiver.start()
})

afterEach(async () => {
  await receiver.stop()
})

interface Options {
  readonly body?: string
  readonly type?: string
  readonly at?: number
  readonly headers?: Readonly<Record<string, string>>
}

function signed(options: Options = {}) {
  counter += 1
  const body = options.body ?? `command=%2Ftasks&text=${counter}`
  const at = String(options.at ?? seconds(now))
  const signature = `v0=${createHmac('sha256', 'shh').update(`v0:${at}:${body}`).digest('hex')}`
  const headers = {
    'content-type': options.type ?? form,
    'x-slack-request-timestamp': at,
    'x-slack-signature': signature,
    ...options.headers,
  }
  return { method: 'POST', body, headers }
}

function send(request: RequestInit, path = '/slack/events') {
  return fetch(`http://127.0.0.1:${receiver.port()}${path}`, request)
}

describe('requests of Slack over HTTP', () => {
  test('a signed one is handed on and answered with what the listener said', async () => {
    answerWith = (incoming) => incoming.ack({ response_action: 'clear' })
    const response = await send(signed({ body: 'command=%2Ftasks&text=a%20b' }))
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ response_action: 'clear' })
    expect(taken[0]?.body).toEqual({ command: '/tasks', text: 'a b' })
  })

  test('an empty answer has no body', async () => {
    const response = await send(signed())
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  test('a form type with a character set is a form type', async () => {
    expect((await send(signed({ type: `${form}; charset=utf-8` }))).status).toBe(200)
  })

  test('an interaction is read out of its form field', async () => {
    const payload = encodeURIComponent(JSON.stringify({ type: 'block_actions', text: 'ä & b' }))
    await send(signed({ body: `payload=${payload}` }))
    expect(taken[0]?.body).toEqual({ type: 'block_actions', text: 'ä & b' })
  })

  test('the number of the repetition of an event is handed on', async () => {
    const headers = { 'x-slack-retry-num': '2', 'x-slack-retry-reason': 'http_timeout' }
    await send(signed({ body: '{"type":"event_callback"}', type: 'application/json', headers }))
    expect(taken[0]).toMatchObject({ retryNum: 2, retryReason: 'http_timeout' })
  })

  test.each([
    ['five minutes and a second old', -301],
    ['five minutes and a second ahead', 301],
    ['a day ahead', 86_400],
  ])('one that is %s is refused', async (_, offset) => {
    expect((await send(signed({ at: seconds(now) + offset }))).status).toBe(401)
    expect(taken).toEqual([])
  })

  test('the same request a second time is refused', async () => {
    const request = signed()
    expect((await send(request)).status).toBe(200)
    expect((await send(request)).status).toBe(401)
    expect(taken).toHaveLength(1)
  })

  test('a signature for another body is refused', async () => {
    expect((await send({ ...signed(), body: 'command=%2Fdisable-user' })).status).toBe(401)
    expect(taken).toEqual([])
  })

  test('a request without a signature is refused', async () => {
    expect(
      (await send({ method: 'POST', body: 'command=%2Ftasks', headers: { 'content-type': form } })).status,
    ).toBe(401)
  })

  test('while the database is away nothing is taken, and Slack is told to come again', async () => {
    storeIsAway = true
    expect((await send(signed())).status).toBe(503)
    expect(taken).toEqual([])
  })

  test('a body over a megabyte is refused', async () => {
    const response = await send(signed({ body: `text=${'x'.repeat(1_100_000)}` })).catch(() => undefined)
    expect(response?.status ?? 413).toBe(413)
    expect(taken).toEqual([])
  })

  test('a type that Slack never sends is refused', async () => {
    expect((await send(signed({ type: 'text/plain' }))).status).toBe(415)
  })

  test('a certificate probe and the address check are answered', async () => {
    expect(
      (await send({ method: 'POST', body: 'ssl_check=1&token=x', headers: { 'content-type': form } })).status,
    ).toBe(200)
    const check = signed({ body: '{"type":"url_verification","challenge":"c0de"}', type: 'application/json' })
    expect(await (await send(check)).json()).toEqual({ challenge: 'c0de' })
    expect(taken).toEqual([])
  })

  test('a listener that says nothing in time leaves an empty answer, not a late 404', async () => {
    const late = Promise.withResolvers<void>()
    answerWith = async (incoming) => {
      await late.promise
      await incoming.ack({ text: 'too late' })
    }
    const response = await send(signed())
    expect([response.status, await response.text()]).toEqual([200, ''])
    late.resolve()
  })

  test('other addresses and methods are not served', async () => {
    expect((await send(signed(), '/')).status).toBe(404)
    expect((await send({ method: 'GET' })).status).toBe(405)
  })
})
