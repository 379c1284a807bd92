import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { StartUpError } from '#src/slack/start-up.ts'
import { modal, plainSection } from '#src/slack/block-kit/index.ts'
import { defineCommand, defineFormCommand, defineModal, type Edge, startEdge } from '#test/slack/harness.ts'

const facts = { description: 'x', usageHint: '', help: 'x', right: 'anyone' } as const
const ping = defineCommand({
  ...facts,
  name: '/ping',
  run: async (text, ctx) => {
    ctx.services.notes.push(text.text)
  },
})

const form = modal({ id: 'ask', title: 'Ask', submit: 'Create', blocks: [plainSection('Sure?')] })

let edge: Edge
const unhandled: unknown[] = []
const note = (reason: unknown) => unhandled.push(reason)

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  await edge[Symbol.asyncDispose]()
  process.off('unhandledRejection', note)
  assert.deepEqual(unhandled, [])
})

const type = (text: string) => edge.slack.as(edge.rita).command(edge.channel, `/ping ${text}`)

/** Types commands without a pause until `until` has ended; tells how Slack took each. */
async function typeDuring(until: Promise<unknown>) {
  const taken: unknown[] = []
  const ended = new AbortController()
  const watch = until.finally(() => ended.abort())
  while (!ended.signal.aborted) {
    taken.push(await type(String(taken.length)))
    await new Promise(setImmediate)
  }
  await watch
  return taken
}

describe('the connections', () => {
  test('are two, from different tickets', async () => {
    edge = await startEdge([ping])
    expect(edge.slack.sockets.count()).toBe(2)
    expect(edge.app.health()).toMatchObject({ isReady: true, open: 2, wanted: 2, problem: undefined })
  })

  test('lose no command while Slack refreshes them one after the other', async () => {
    edge = await startEdge([ping])
    async function refreshThreeTimes() {
      for (let round = 0; round < 3; round += 1) {
        const before = edge.slack.sockets.open()
        await edge.slack.sockets.refresh({ warnedMs: 3000 })
        await edge.slack.waitUntil(() => edge.slack.sockets.open().every((id) => !before.includes(id)))
      }
    }
    const taken = await typeDuring(refreshThreeTimes())
    expect(taken.length).toBeGreaterThan(20)
    expect(taken.filter((one) => JSON.stringify(one) !== '{"kind":"acknowledged"}')).toEqual([])
    await expect.poll(() => edge.services.notes).toHaveLength(taken.length)
    expect(edge.app.health()).toMatchObject({ isReady: true, problem: undefined })
  })

  test('come back after being cut, and one alone is enough meanwhile', async () => {
    edge = await startEdge([ping])
    const [first] = edge.slack.sockets.open()
    edge.slack.faults.whenever('apps.connections.open', { kind: 'status', status: 503 }, { times: 1 })
    edge.slack.sockets.cut(first)
    expect(await type('during')).toEqual({ kind: 'acknowledged' })
    await edge.slack.waitUntil(() => edge.slack.sockets.count() === 2)
    expect(edge.slack.sockets.open()).not.toContain(first)
  })

  test('all cut at once come back', async () => {
    edge = await startEdge([ping])
    const before = edge.slack.sockets.open()
    edge.slack.sockets.cut()
    await edge.slack.waitUntil(() => {
      const open = edge.slack.sockets.open()
      return open.length === 2 && open.every((id) => !before.includes(id))
    })
    expect(await type('after')).toEqual({ kind: 'acknowledged' })
  })

  test('are closed on stop only when what was being answered has been answered', async () => {
    const gate = Promise.withResolvers<void>()
    const submitted = Promise.withResolvers<void>()
    const ask = defineFormCommand({ ...facts, name: '/ask', loadingView: () => form, run: async () => {} })
    const asked = defineModal({
      id: 'ask',
      right: 'anyone',
      state: z.object({}),
      meta: z.undefined(),
      submit: async () => {
        submitted.resolve()
        await gate.promise
        return { kind: 'close' }
      },
    })
    edge = await startEdge([ask, asked])
    await edge.slack.as(edge.rita).command(edge.channel, '/ask')
    const view = await edge.slack.as(edge.rita).modal('ask')
    const answer = view.submit()
    await submitted.promise
    const stopped = edge.app.stop(20_000)
    // The idle one goes first; the other waits for its answer.
    await edge.slack.waitUntil(() => edge.slack.sockets.count() === 1)
    gate.resolve()
    expect(await answer).toEqual({ kind: 'closed' })
    await stopped
    await edge.slack.waitUntil(() => edge.slack.sockets.count() === 0)
  })

  test('a revoked token at reconnect does not end the process; health says what to do', async () => {
    edge = await startEdge([ping])
    edge.slack.faults.revokeToken(edge.slack.appToken)
    edge.slack.sockets.cut()
    await expect
      .poll(() => edge.app.health())
      .toMatchObject({ isReady: false, open: 0, problem: expect.stringContaining('slack.app_token') })
  })

  test('a page in place of JSON at reconnect does not end the process', async () => {
    edge = await startEdge([ping])
    const fault = edge.slack.faults.whenever('apps.connections.open', { kind: 'status', status: 200 })
    edge.slack.sockets.cut()
    await expect.poll(() => fault.hits()).toBeGreaterThan(1)
    fault.lift()
    await edge.slack.waitUntil(() => edge.slack.sockets.count() === 2)
  })

  test('Socket Mode switched off is said in health', async () => {
    edge = await startEdge([ping])
    edge.slack.sockets.disable()
    await expect
      .poll(() => edge.app.health())
      .toMatchObject({ isReady: false, open: 0, problem: expect.any(String) })
  })
})

describe('starting', () => {
  async function startFailing(prepare: (edge: Edge) => void) {
    edge = await startEdge([ping], { start: false })
    prepare(edge)
    return edge.app.start().then(
      () => undefined,
      (error: unknown) => (error instanceof StartUpError ? error.code : error),
    )
  }

  test('with a revoked bot token ends with a sentence', async () => {
    expect(await startFailing((one) => one.slack.faults.revokeToken(one.slack.botToken))).toBe(
      'bad_bot_token',
    )
  })

  test('with a revoked app token ends with a sentence', async () => {
    expect(await startFailing((one) => one.slack.faults.revokeToken(one.slack.appToken))).toBe(
      'bad_app_token',
    )
  })

  test('without a needed scope ends with a sentence that names it', async () => {
    expect(await startFailing((one) => one.slack.scopes.delete('groups:history'))).toBe('missing_scopes')
  })

  test('with the wrong kind of token ends with a sentence', async () => {
    edge = await startEdge([ping], {
      start: false,
      settings: (slack) => ({ appToken: slack.botToken }),
    })
    await expect(edge.app.start()).rejects.toMatchObject({ code: 'bad_app_token' })
  })

  test('while Slack is away returns, is not ready, and connects once Slack is back', async () => {
    edge = await startEdge([ping], { start: false })
    await edge.slack.faults.closeApi()
    await edge.app.start()
    expect(edge.app.health()).toMatchObject({ isReady: false, problem: 'Slack cannot be reached' })
    expect(edge.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: expect.stringContaining('cannot be reached') }),
    )
    await edge.slack.faults.reopenApi()
    await expect.poll(() => edge.app.health()).toMatchObject({ isReady: true, problem: undefined })
    expect(await type('x')).toEqual({ kind: 'acknowledged' })
  })
})
