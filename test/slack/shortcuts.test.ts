import assert from 'node:assert/strict'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { UserError } from '#src/errors.ts'
import { modal, plainSection } from '#src/slack/block-kit/index.ts'
import { defineShortcut, type Edge, startEdge } from '#test/slack/harness.ts'

let edge: Edge
afterEach(async () => {
  const complaints = [...edge.slack.complaints]
  await edge[Symbol.asyncDispose]()
  assert.deepEqual(complaints, [])
})

const greet = defineShortcut({
  id: 'greet',
  place: 'message',
  name: 'Greet',
  description: 'x',
  right: 'responder',
  loadingView: () => modal({ id: 'greet', title: 'Greet', blocks: [plainSection('Looking …')] }),
  run: async (message, ctx) => {
    if (message?.text === 'refuse') throw new UserError('nobody_found', 'I found nobody.')
    const words = `${message?.text ?? 'no message'} in ${ctx.channelId}`
    await ctx.view.update(modal({ id: 'greet', title: 'Greet', blocks: [plainSection(words)] }))
  },
})
// What is kept for later changes nothing in the workspace, so this looks by itself.
const told = (userId: string) =>
  vi.waitFor(
    () => {
      const rita = edge.slack.as(userId)
      const [first] = [...rita.ephemerals(), ...rita.directMessages()]
      const said = first?.text ?? edge.late[0]?.answer.text
      if (said === undefined) throw new Error('nothing was said')
      return said
    },
    { timeout: 20_000 },
  )

describe('a shortcut', () => {
  test('is handed the message, and fills the form that it opened', async () => {
    edge = await startEdge([greet])
    const rita = edge.slack.as(edge.rita)
    await rita.shortcut('greet', await rita.say(edge.channel, 'hello'))
    const form = await rita.modal('greet')
    await expect.poll(() => form.read()).toContain(`hello in ${edge.channel}`)
  })

  test('has no message and the person for its channel when it is used from anywhere', async () => {
    edge = await startEdge([greet])
    const rita = edge.slack.as(edge.rita)
    await rita.shortcut('greet')
    const form = await rita.modal('greet')
    await expect.poll(() => form.read()).toContain(`no message in ${edge.rita}`)
  })

  test('shows a refusal in the form', async () => {
    edge = await startEdge([greet])
    const rita = edge.slack.as(edge.rita)
    await rita.shortcut('greet', await rita.say(edge.channel, 'refuse'))
    expect((await rita.modal('notice')).read()).toContain('I found nobody.')
  })

  test('says to use it again after its trigger has expired', async () => {
    edge = await startEdge([greet])
    edge.slack.faults.whenever('views.open', { kind: 'error', error: 'expired_trigger_id' })
    const rita = edge.slack.as(edge.rita)
    await rita.shortcut('greet', await rita.say(edge.channel, 'hello'))
    expect(await told(edge.rita)).toBe(
      "Slack's three seconds for opening the form had passed. Please use the shortcut again.",
    )
  })

  test('that this version does not have is answered too, also where Slack gives no address for it', async () => {
    edge = await startEdge([greet])
    const rita = edge.slack.as(edge.rita)
    await rita.shortcut('old')
    expect(await told(edge.rita)).toContain('does not have this shortcut')
  })
})
