import assert from 'node:assert/strict'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import { input, modal, plainSection, textInput } from '#src/slack/block-kit/index.ts'
import type { SubmitAnswer } from '#src/slack/context.ts'
import { defineFormCommand, defineModal, type Edge, startEdge } from '#test/slack/harness.ts'

const inputs = [
  input({ blockId: 'person', label: 'Person', element: textInput({ id: 'person' }) }),
  input({ blockId: 'note', label: 'Note', element: textInput({ id: 'note' }), optional: true }),
]
const form = (blocks = inputs) =>
  modal({ id: 'ask', title: 'Ask', submit: 'Create', blocks, meta: { draft: 'd1' } })

const command = defineFormCommand({
  name: '/ask',
  description: 'x',
  usageHint: '',
  help: 'x',
  right: 'anyone',
  loadingView: (text) =>
    text.text === 'bare'
      ? modal({
          id: 'ask',
          title: 'Ask',
          submit: 'Create',
          blocks: [plainSection('Sure?')],
          meta: { draft: 'd1' },
        })
      : form(),
  run: async () => {},
})

const askModal = (submit: (person: string | undefined, draft: string) => Promise<SubmitAnswer>) =>
  defineModal({
    id: 'ask',
    right: 'responder',
    state: z.object({
      person: z.string().max(5, 'Please type at most five letters.').optional(),
      note: z.string().optional(),
    }),
    meta: z.object({ draft: z.string() }),
    submit: (state, meta) => submit(state.person, meta.draft),
  })

let edge: Edge
afterEach(async () => {
  const complaints = [...edge.slack.complaints]
  await edge[Symbol.asyncDispose]()
  assert.deepEqual(complaints, [])
})

async function opened(text = '') {
  await edge.slack.as(edge.rita).command(edge.channel, `/ask ${text}`)
  return edge.slack.as(edge.rita).modal('ask')
}

describe('a submitted form', () => {
  test('reaches its listener with what was typed and its own note, and closes', async () => {
    const got: unknown[] = []
    edge = await startEdge([
      command,
      askModal(async (...all) => {
        got.push(all)
        return { kind: 'close' }
      }),
    ])
    const view = await opened()
    await view.fill('person', 'alice')
    expect(await view.submit()).toEqual({ kind: 'closed' })
    expect(got).toEqual([['alice', 'd1']])
  })

  test('shows what does not fit under its input', async () => {
    edge = await startEdge([command, askModal(async () => ({ kind: 'close' }))])
    const view = await opened()
    await view.fill('person', 'too long')
    expect(await view.submit()).toEqual({
      kind: 'errors',
      errors: { person: 'Please type at most five letters.' },
    })
  })

  test.each([
    ['its own field', 'note', 'note'],
    ['the first input when it has no field', undefined, 'person'],
    ['the first input when its field is not shown', 'elsewhere', 'person'],
  ])('shows a refusal under %s', async (_, field, under) => {
    edge = await startEdge([
      command,
      askModal(() => Promise.reject(new UserError('protected', 'That account is protected.', field))),
    ])
    const view = await opened()
    await view.fill('person', 'alice')
    expect(await view.submit()).toEqual({ kind: 'errors', errors: { [under]: 'That account is protected.' } })
  })

  test('without any input shows a refusal in its place', async () => {
    edge = await startEdge([command, askModal(() => Promise.reject(new UserError('stale', 'That is over.')))])
    const view = await opened('bare')
    expect(await view.submit()).toEqual({ kind: 'updated' })
    expect(JSON.stringify(view.view())).toContain('That is over.')
  })

  test('is refused to people without the right', async () => {
    edge = await startEdge([command, askModal(async () => ({ kind: 'close' }))])
    await edge.slack.as(edge.ana).command(edge.channel, '/ask')
    const view = await edge.slack.as(edge.ana).modal('ask')
    await view.fill('person', 'alice')
    expect(await view.submit()).toMatchObject({
      kind: 'errors',
      errors: { person: expect.stringContaining('the role responder') },
    })
  })

  test('shows a bug as a reference', async () => {
    edge = await startEdge([command, askModal(() => Promise.reject(new TypeError('a bug')))])
    const view = await opened()
    await view.fill('person', 'alice')
    expect(await view.submit()).toMatchObject({
      kind: 'errors',
      errors: { person: expect.stringContaining('Reference ') },
    })
  })

  test('that this version does not have is answered', async () => {
    edge = await startEdge([command])
    const view = await opened()
    await view.fill('person', 'alice')
    expect(await view.submit()).toEqual({ kind: 'updated' })
    expect(JSON.stringify(view.view())).toContain('an earlier version')
  })

  test('may show another view and fill it afterwards', async () => {
    edge = await startEdge([
      command,
      askModal(async () => ({
        kind: 'update',
        view: form(),
        afterwards: async (handle) => {
          await handle.update(modal({ id: 'ask', title: 'Found', blocks: [plainSection('Here it is')] }))
        },
      })),
    ])
    const view = await opened()
    await view.fill('person', 'alice')
    expect(await view.submit()).toEqual({ kind: 'updated' })
    await edge.slack.waitUntil(() => view.title() === 'Found')
  })
})

describe('a submission that takes longer than Slack waits', () => {
  async function slow(answer: () => Promise<SubmitAnswer>) {
    const gate = Promise.withResolvers<void>()
    edge = await startEdge(
      [
        command,
        askModal(async () => {
          await gate.promise
          return answer()
        }),
      ],
      { limits: { submitMs: 20 } },
    )
    const view = await opened()
    await view.fill('person', 'alice')
    expect(await view.submit()).toEqual({ kind: 'updated' })
    expect(JSON.stringify(view.view())).toContain('Working on it')
    return { view, release: gate.resolve }
  }

  test('shows a working view and then that it is done', async () => {
    const { view, release } = await slow(async () => ({ kind: 'close' }))
    release()
    await expect.poll(() => JSON.stringify(view.view())).toContain('It is done.')
  })

  test('shows a working view and then the refusal', async () => {
    const { view, release } = await slow(() =>
      Promise.reject(new UserError('protected', 'That account is protected.')),
    )
    release()
    await expect.poll(() => JSON.stringify(view.view())).toContain('That account is protected.')
  })

  test('keeps the refusal for later when the form was closed meanwhile', async () => {
    const { view, release } = await slow(() =>
      Promise.reject(new UserError('protected', 'That account is protected.')),
    )
    await view.close()
    release()
    await expect
      .poll(() => edge.late.map((late) => late.answer.text))
      .toEqual([expect.stringContaining('That account is protected.')])
  })
})
