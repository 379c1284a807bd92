import { z } from 'zod'
import { showHome } from '#src/slack/home/publish.ts'
import { defineEvent } from '#src/slack/services.ts'

/** Somebody opened the app: its Home tab is written down to be published. */
export const homeOpened = defineEvent({
  name: 'app_home_opened',
  // Opening the messages with the app fires it too.
  event: z.object({ user: z.string(), tab: z.literal('home') }),
  userId: ({ user }) => user,
  run: ({ user }, ctx) => showHome(ctx.services.tasks, user),
})
