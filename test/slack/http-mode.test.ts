import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { input, modal, plainSection, textInput } from '#src/slack/block-kit/index.ts'
import { defineFormCommand, defineModal, type Edge, startEdge } from '#test/slack/harness.ts'

const blocks = [input({ blockId: 'note', label: 'Note', element: textInput({ id: 'note' }), optional: true })]

const ask = defineFormCommand({
  name: '/ask',
  description: 'x',
  usageHint: '',
  help: 'x',
  right: 'anyone',
  loadingView: () => modal({ id: 'ask', title: 'Ask', submit: 'Create', blocks }),
  run: async () => {},
})
const gates: Promise<void>[] = []
const asked = defineModal({
  id: 'ask',
  right: 'anyone',
  state: z.object({ note: z.string().max(3, 'Three letters at most.').optional() }),
  meta: z.undefined(),
  submit: async () => {
    await gates[0]
    return { kind: 'update', view: modal({ id: 'done', title: 'Done', blocks: [plainSection('Done')] }) }
  },
})

let edge: Edge
afterEach(async () => {
  gates.length = 0
  await edge[Symbol.asyncDispose]()
})

const start = (limits = {}) =>
  startEdge([ask, asked], {
    slack: { mode: { requestUrl: undefined }, limits: { rateScale: Infinity } },
    settings: () => ({ mode: 'http' }),
    limits,
  })

async function opened() {
  await edge.slack.as(edge.rita).command(edge.channel, '/ask')
  return edge.slack.as(edge.rita).modal('ask')
}

describe('HTTP mode', () => {
  test('takes a command, opens its form and answers its submission', async () => {
    edge = await start()
    const view = await opened()
    await view.fill('note', 'long')
    expect(await view.submit()).toEqual({ kind: 'errors', errors: { note: 'Three letters at most.' } })
    await view.fill('note', 'ok')
    expect(await view.submit()).toEqual({ kind: 'updated' })
    expect(view.title()).toBe('Done')
    expect(edge.slack.complaints).toEqual([])
  })

  test('gives Slack a working view in time, and the outcome afterwards', async () => {
    const gate = Promise.withResolvers<void>()
    gates.push(gate.promise)
    edge = await start({ submitMs: 20 })
    const view = await opened()
    expect(await view.submit()).toEqual({ kind: 'updated' })
    expect(JSON.stringify(view.view())).toContain('Working on it')
    gate.resolve()
    await edge.slack.waitUntil(() => view.title() === 'Done')
  })

  test('is ready while it listens, and refuses once stopped', async () => {
    edge = await start()
    expect(edge.app.health()).toMatchObject({ isReady: true, open: 1, wanted: 1 })
    await edge.app.stop(100)
    expect(edge.app.health().isReady).toBe(false)
    expect(await edge.slack.as(edge.rita).command(edge.channel, '/ask')).toMatchObject({ kind: 'trouble' })
  })
})
