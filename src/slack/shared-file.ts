import { z } from 'zod'
import { enqueueLine } from '#src/outbox/outbox.ts'
import { defineEvent } from '#src/slack/services.ts'

/** Somebody shared a file. Those in the direct messages with the bot are written down to be read; others are nobody's business. */
export const fileShared = defineEvent({
  name: 'file_shared',
  event: z.object({
    file_id: z.string().max(50),
    user_id: z.string(),
    channel_id: z.string().startsWith('D'),
  }),
  userId: (event) => event.user_id,
  async run({ file_id: fileId, user_id: userId }, ctx) {
    const { store, clock } = ctx.services.tasks
    const message = { v: 1, kind: 'shared_file', userId, fileId } as const
    await store.write((c) => enqueueLine(c, clock, { stream: `file:${fileId}`, lane: 'direct', message }))
  },
})
