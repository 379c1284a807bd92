import assert from 'node:assert/strict'
import { afterEach, describe, expect, test } from 'vitest'
import { UserError } from '#src/errors.ts'
import { modal, plainSection } from '#src/slack/block-kit/index.ts'
import { defineCommand, defineFormCommand, type Edge, startEdge } from '#test/slack/harness.ts'

const facts = { description: 'x', usageHint: '', help: 'Type */ping* and see.', right: 'responder' } as const
const loading = modal({ id: 'hello', title: 'Hello', blocks: [plainSection('Looking …')] })

let edge: Edge
afterEach(async () => {
  const complaints = [...edge.slack.complaints]
  await edge[Symbol.asyncDispose]()
  assert.deepEqual(complaints, [])
})

const said = (userId: string) =>
  edge.slack
    .as(userId)
    .ephemerals()
    .map((message) => message.text)
const waitForAnswer = (userId: string) => edge.slack.waitUntil(() => said(userId)[0])

describe('a command that answers', () => {
  const ping = defineCommand({
    ...facts,
    name: '/ping',
    run: async (text, ctx) => {
      if (text.rest === 'refuse') throw new UserError('nothing_to_do', 'There is nothing to do.')
      if (text.rest === 'break') throw new TypeError('a bug')
      await ctx.respond({ text: `pong to ${ctx.actor.name} in ${ctx.channelId}` })
    },
  })

  test('is acknowledged and answered, seen by nobody else', async () => {
    edge = await startEdge([ping])
    expect(await edge.slack.as(edge.rita).command(edge.channel, '/ping x')).toEqual({ kind: 'acknowledged' })
    expect(await waitForAnswer(edge.rita)).toBe(`pong to Rita in ${edge.channel}`)
    expect(edge.slack.as(edge.ana).sees(edge.channel)).toEqual([])
  })

  test('is waited for until it is answered, and no longer than is said', async () => {
    const [begun, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const slow = defineCommand({
      ...facts,
      name: '/slow',
      run: async (_text, ctx) => {
        begun.resolve()
        await release.promise
        await ctx.respond({ text: 'at last' })
      },
    })
    edge = await startEdge([slow])
    await edge.slack.as(edge.rita).command(edge.channel, '/slow')
    await begun.promise
    await edge.app.answered(1)
    expect(said(edge.rita)).toEqual([])
    const heard = edge.app.answered(60_000).then(() => said(edge.rita))
    release.resolve()
    expect(await heard).toEqual(['at last'])
  })

  test('answers help to people without any role', async () => {
    edge = await startEdge([ping])
    await edge.slack.as('U0NORA').command(edge.channel, '/ping HELP')
    expect(await waitForAnswer('U0NORA')).toBe('Type */ping* and see.')
  })

  test('refuses people without the role, and says which', async () => {
    edge = await startEdge([ping])
    await edge.slack.as(edge.ana).command(edge.channel, '/ping')
    expect(await waitForAnswer(edge.ana)).toContain('the role responder')
  })

  test('shows a refusal as written', async () => {
    edge = await startEdge([ping])
    await edge.slack.as(edge.rita).command(edge.channel, '/ping x refuse')
    expect(await waitForAnswer(edge.rita)).toBe('There is nothing to do.')
  })

  test('shows a bug as a reference that the log has with the stack', async () => {
    edge = await startEdge([ping])
    await edge.slack.as(edge.rita).command(edge.channel, '/ping x break')
    const answer = await waitForAnswer(edge.rita)
    const reference =
      /^Something went wrong on my side\. Reference ([0-9A-Z]{4}): the log has the details\.$/u.exec(
        answer,
      )?.[1]
    expect(edge.log.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        facts: expect.objectContaining({ reference, err: expect.any(TypeError) }),
      }),
    )
  })

  test('refuses deactivated people, guests and strangers', async () => {
    edge = await startEdge([ping])
    for (const change of [
      { deleted: true },
      { isRestricted: true },
      { isStranger: true, teamId: 'T0OTHER' },
    ]) {
      const user = edge.slack.addUser({ name: 'x', ...change })
      const here = edge.slack.addChannel({ name: `with-${user.id.toLowerCase()}` })
      await edge.slack.as(user.id).command(here.id, '/ping x')
      expect(await waitForAnswer(user.id)).not.toContain('pong')
    }
  })

  test('does not run while Slack cannot say who somebody is, and says so', async () => {
    edge = await startEdge([ping])
    edge.slack.faults.whenever('users.info', { kind: 'status', status: 503 })
    await edge.slack.as(edge.rita).command(edge.channel, '/ping x')
    expect(await waitForAnswer(edge.rita)).toContain('Please try again in a minute')
  })

  test('keeps an answer that Slack did not take, to give it later', async () => {
    edge = await startEdge([ping])
    edge.slack.faults.whenever('response_url', { kind: 'status', status: 500 })
    await edge.slack.as(edge.rita).command(edge.channel, '/ping x')
    await expect.poll(() => edge.late).toHaveLength(1)
    expect(edge.late[0]).toMatchObject({
      userId: edge.rita,
      teamId: edge.slack.teamId,
      responseUrl: expect.stringContaining('/commands/'),
      answer: { text: expect.stringContaining('pong') },
    })
  })

  test('that this version does not have is answered too', async () => {
    edge = await startEdge([ping])
    expect(await edge.slack.as(edge.rita).command(edge.channel, '/pong')).toEqual({ kind: 'acknowledged' })
    expect(await waitForAnswer(edge.rita)).toContain('does not have /pong')
  })
})

describe('a command that opens a form', () => {
  const hello = defineFormCommand({
    ...facts,
    name: '/hello',
    loadingView: () => loading,
    run: async (text, ctx) => {
      if (text.text === 'refuse') throw new UserError('nobody_found', 'I found nobody.')
      await ctx.view.update(
        modal({ id: 'hello', title: 'Hello', blocks: [plainSection(`Hello ${text.text}`)] }),
      )
    },
  })

  test('opens it before anything slow, then fills it', async () => {
    edge = await startEdge([hello])
    await edge.slack.as(edge.rita).command(edge.channel, '/hello world')
    const form = await edge.slack.as(edge.rita).modal('hello')
    await edge.slack.waitUntil(() => JSON.stringify(form.view()).includes('Hello world'))
    const methods = edge.slack.calls
      .map((call) => call.method)
      .filter((method) => method !== 'auth.test' && method !== 'apps.connections.open')
    expect(methods).toEqual(['views.open', 'users.info', 'views.update'])
  })

  test('shows a refusal in the form', async () => {
    edge = await startEdge([hello])
    await edge.slack.as(edge.rita).command(edge.channel, '/hello refuse')
    const form = await edge.slack.as(edge.rita).modal('notice')
    expect(JSON.stringify(form.view())).toContain('I found nobody.')
    expect(form.title()).toBe('Hello')
  })

  test('shows in the form that the role is missing', async () => {
    edge = await startEdge([hello])
    await edge.slack.as('U0NORA').command(edge.channel, '/hello x')
    const form = await edge.slack.as('U0NORA').modal('notice')
    expect(JSON.stringify(form.view())).toContain('the role responder')
  })

  test('answers beside it when the person has closed it meanwhile', async () => {
    edge = await startEdge([hello])
    const held = edge.slack.faults.whenever('users.info', { kind: 'hang_after' })
    await edge.slack.as('U0NORA').command(edge.channel, '/hello x')
    const form = await edge.slack.as('U0NORA').modal('hello')
    await form.close()
    held.lift()
    expect(await edge.slack.waitUntil(() => said('U0NORA')[0])).not.toBe('')
  })

  test.each([['expired_trigger_id'], ['exchanged_trigger_id']])(
    'says to type it again after %s',
    async (error) => {
      edge = await startEdge([hello])
      edge.slack.faults.whenever('views.open', { kind: 'error', error })
      await edge.slack.as(edge.rita).command(edge.channel, '/hello x')
      expect(await waitForAnswer(edge.rita)).toBe(
        "Slack's three seconds for opening the form had passed. Please type the command again.",
      )
    },
  )

  test.each([
    [{ kind: 'status', status: 503 }],
    [{ kind: 'rate_limited', retryAfterSeconds: 30 }],
    [{ kind: 'cut' }],
  ] as const)('says that Slack did not open it after %j', async (fault) => {
    edge = await startEdge([hello])
    edge.slack.faults.whenever('views.open', fault)
    await edge.slack.as(edge.rita).command(edge.channel, '/hello x')
    expect(await waitForAnswer(edge.rita)).toBe(
      'Slack did not open the form just now, and nothing was done. Please type the command again in a minute.',
    )
    expect(edge.slack.callsOf('views.open')).toHaveLength(1)
  })

  test('keeps that answer for later when nothing of Slack answers any more', async () => {
    edge = await startEdge([hello])
    void edge.slack.faults.closeApi()
    await edge.slack.as(edge.rita).command(edge.channel, '/hello x')
    await expect.poll(() => edge.late).toHaveLength(1)
    expect(edge.late[0]?.answer.text).toContain('Slack did not open the form')
    await edge.slack.faults.reopenApi()
  })
})
