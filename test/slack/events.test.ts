import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineEvent, startEdge } from '#test/slack/harness.ts'

const opened = defineEvent({
  name: 'app_home_opened',
  event: z.object({ user: z.string(), tab: z.literal('home') }),
  userId: ({ user }) => user,
  run: async ({ user }, ctx) => {
    if (user === 'U0ANA') throw new Error('out of order')
    ctx.services.notes.push(user)
  },
})

test('an event is handed to its listener once, without looking anybody up', async () => {
  await using edge = await startEdge([opened])
  await edge.slack.as(edge.rita).openHome()
  await edge.slack.as('U0NORA').openHome()
  await expect.poll(() => edge.services.notes.map(String).toSorted()).toEqual(['U0NORA', edge.rita])
  expect(edge.slack.callsOf('users.info')).toEqual([])
})

test('an event that is not meant is left alone', async () => {
  await using edge = await startEdge([
    defineEvent({
      name: 'app_home_opened',
      event: z.object({ user: z.literal('U0NORA') }),
      userId: ({ user }) => user,
      run: async (event, ctx) => void ctx.services.notes.push(event.user),
    }),
  ])
  await edge.slack.as(edge.rita).openHome()
  await edge.slack.as('U0NORA').openHome()
  await expect.poll(() => edge.services.notes).toEqual(['U0NORA'])
})

test('what goes wrong with an event is in the log with a reference', async () => {
  await using edge = await startEdge([opened])
  await edge.slack.as(edge.ana).openHome()
  const errors = () => edge.log.lines.filter(({ level }) => level === 'error')
  await expect.poll(() => errors().length).toBe(1)
  expect(errors()[0]).toMatchObject({
    message: 'An event could not be taken',
    facts: { event: 'app_home_opened', reference: expect.stringMatching(/^\w{4}$/u) },
  })
})
