import assert from 'node:assert/strict'
import { afterEach, describe, expect, test } from 'vitest'
import { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import {
  actions,
  button,
  input,
  modal,
  overflow,
  plainSection,
  section,
  staticSelect,
  textInput,
} from '#src/slack/block-kit/index.ts'
import { defineAction, defineFormAction, type Edge, startEdge } from '#test/slack/harness.ts'

const TaskId = z.string().regex(/^T-/u)

const approve = defineAction({
  id: 'approve',
  right: 'approver',
  value: TaskId,
  run: async (id, ctx) => {
    ctx.services.notes.push([id, ctx.message?.channelId, ctx.form?.values])
    await ctx.respond({ text: `approved ${id}` })
  },
})
const refuse = defineAction({
  id: 'refuse',
  right: 'anyone',
  value: TaskId,
  run: () => Promise.reject(new UserError('already_decided', 'Already decided.')),
})
const menu = defineAction({
  id: 'menu',
  right: 'anyone',
  value: z.enum(['cancel', 'enable']),
  run: async (value, ctx) => ctx.respond({ text: `menu ${value}` }),
})
const ask = defineFormAction({
  id: 'ask',
  right: 'approver',
  value: TaskId,
  loadingView: (id) => form(`Looking at ${id}`),
  run: async (id, ctx) => {
    await ctx.view.update(form(`Approve ${id}?`))
  },
})
const listeners = [approve, refuse, menu, ask]

function form(text: string) {
  return modal({
    id: 'ask',
    title: 'Approve',
    submit: 'Approve',
    blocks: [
      plainSection(text),
      input({ blockId: 'note', label: 'Note', element: textInput({ id: 'note' }), optional: true }),
      actions([
        button({ id: 'approve', text: 'Now', value: 'T-1' }),
        button({ id: 'refuse', text: 'No', value: 'T-1' }),
      ]),
    ],
  })
}

let edge: Edge
afterEach(async () => {
  const complaints = [...edge.slack.complaints]
  await edge[Symbol.asyncDispose]()
  assert.deepEqual(complaints, [])
})

const blocks = [
  section('T-1'),
  actions([
    button({ id: 'approve:1', text: 'Approve', value: 'T-1' }),
    button({ id: 'ask', text: 'Ask', value: 'T-1' }),
    button({ id: 'refuse', text: 'Refuse', value: 'T-1' }),
    button({ id: 'refuse:odd', text: 'Odd', value: 'nonsense' }),
    button({ id: 'gone', text: 'Gone', value: 'T-1' }),
    overflow({
      id: 'menu',
      choices: [
        { value: 'cancel', text: 'Cancel task' },
        { value: 'enable', text: 'Enable' },
      ],
    }),
    staticSelect({
      id: 'menu:select',
      choices: [
        { value: 'cancel', text: 'Cancel task' },
        { value: 'enable', text: 'Enable' },
      ],
    }),
  ]),
]

async function message() {
  edge = await startEdge(listeners)
  const client = new WebClient(edge.slack.botToken, { slackApiUrl: edge.slack.apiUrl })
  await client.apiCall('chat.postMessage', { channel: edge.channel, text: 'T-1', blocks })
  const [posted] = edge.slack.messages(edge.channel)
  return posted!
}

const answers = (userId: string) => edge.slack.waitUntil(() => edge.slack.as(userId).ephemerals()[0]?.text)

describe('a click on a message', () => {
  test('reaches its listener with the id that the button carries', async () => {
    const posted = await message()
    expect(await edge.slack.as(edge.ana).press(posted, 'Approve')).toEqual({ kind: 'acknowledged' })
    expect(await answers(edge.ana)).toBe('approved T-1')
    expect(edge.services.notes).toEqual([['T-1', edge.channel, undefined]])
  })

  test('is refused without the role, seen only by who pressed', async () => {
    const posted = await message()
    await edge.slack.as(edge.rita).press(posted, 'Approve')
    expect(await answers(edge.rita)).toContain('the role approver')
    expect(edge.services.notes).toEqual([])
  })

  test('shows a refusal as written', async () => {
    const posted = await message()
    await edge.slack.as(edge.ana).press(posted, 'Refuse')
    expect(await answers(edge.ana)).toBe('Already decided.')
  })

  test.each([['Odd'], ['Gone']])('on a button of an earlier version is answered (%s)', async (name) => {
    const posted = await message()
    expect(await edge.slack.as(edge.ana).press(posted, name)).toEqual({ kind: 'acknowledged' })
    expect(await answers(edge.ana)).toContain('an earlier version')
  })

  test('in a menu carries the picked choice', async () => {
    const posted = await message()
    await edge.slack.as(edge.ana).press(posted, 'menu', { option: 'Enable' })
    expect(await answers(edge.ana)).toBe('menu enable')
  })

  test('in a select carries the picked choice', async () => {
    const posted = await message()
    await edge.slack.as(edge.ana).choose(posted, 'menu:select', 'cancel')
    expect(await answers(edge.ana)).toBe('menu cancel')
  })

  test('by somebody of another company in a shared channel is refused', async () => {
    const posted = await message()
    const stranger = edge.slack.addUser({ name: 'eve', isStranger: true, teamId: 'T0OTHER' })
    const channel = edge.slack.addChannel({ name: 'shared', members: [stranger.id] })
    const client = new WebClient(edge.slack.botToken, { slackApiUrl: edge.slack.apiUrl })
    await client.apiCall('chat.postMessage', { channel: channel.id, text: posted.text, blocks })
    await edge.slack.as(stranger.id).press(edge.slack.messages(channel.id)[0]!, 'Refuse')
    expect(await answers(stranger.id)).toContain('members of this workspace only')
    expect(edge.slack.callsOf('users.info')).toEqual([])
  })
})

describe('a click that opens a form', () => {
  test('opens it at once and fills it', async () => {
    const posted = await message()
    await edge.slack.as(edge.ana).press(posted, 'Ask')
    const view = await edge.slack.as(edge.ana).modal('ask')
    await expect.poll(() => JSON.stringify(view.view())).toContain('Approve T-1?')
  })

  test('shows in the form that the role is missing', async () => {
    const posted = await message()
    await edge.slack.as(edge.rita).press(posted, 'Ask')
    const view = await edge.slack.as(edge.rita).modal('notice')
    expect(JSON.stringify(view.view())).toContain('the role approver')
  })

  test('after the three seconds says to press again', async () => {
    const posted = await message()
    edge.slack.faults.whenever('views.open', { kind: 'error', error: 'expired_trigger_id' })
    await edge.slack.as(edge.ana).press(posted, 'Ask')
    expect(await answers(edge.ana)).toBe(
      "Slack's three seconds for opening the form had passed. Please press the button again.",
    )
  })
})

describe('a click inside a form', () => {
  async function inForm() {
    const posted = await message()
    await edge.slack.as(edge.ana).press(posted, 'Ask')
    const view = await edge.slack.as(edge.ana).modal('ask')
    await edge.slack.waitUntil(() => JSON.stringify(view.view()).includes('Approve T-1?'))
    return view
  }

  test('reaches its listener with what stands in the form', async () => {
    const view = await inForm()
    await view.fill('note', 'seen')
    await view.press('Now')
    await expect.poll(() => edge.services.notes).toEqual([['T-1', undefined, { note: 'seen' }]])
  })

  test('is answered by a small form on top, and the form stays', async () => {
    const view = await inForm()
    await view.press('No')
    const top = await edge.slack.as(edge.ana).modal('notice')
    expect(JSON.stringify(top.view())).toContain('Already decided.')
    expect(view.isOpen()).toBe(true)
  })

  test('is answered later when Slack does not take that form', async () => {
    const view = await inForm()
    edge.slack.faults.whenever('views.push', { kind: 'status', status: 500 })
    await view.press('No')
    await expect.poll(() => edge.late.map((late) => late.answer.text)).toEqual(['Already decided.'])
  })
})
