import { z } from 'zod'
import type { SlackCall } from '#src/slack/clients.ts'

const eventType = 'drawbridge_line'

/** The mark on a message by which it is found again when Slack's answer was lost. Readable by everybody: an id only. */
export function lineMetadata(line: string) {
  return { event_type: eventType, event_payload: { line } }
}

const Page = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      bot_id: z.string().optional(),
      files: z.array(z.object({ name: z.string().nullish() })).optional(),
      metadata: z
        .object({
          event_type: z.string().optional(),
          event_payload: z.record(z.string(), z.unknown()).optional(),
        })
        .optional(),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
})

// 200 a page: ten pages are more than a channel or a thread gets in the minutes between two attempts.
const pageSize = 200
const pagesAtMost = 10
// Slack's clock may be behind ours.
const clockSkewMs = 60_000

/**
 * The ts of the message that carries the line, or undefined. Looks in a thread, or among a channel's messages since `since`.
 * Another app's message with a copied mark is not ours. Throws `SlackCallError`.
 */
export async function findLine(
  deps: { readonly call: SlackCall; readonly botId: () => string | undefined },
  where: { readonly line: string; readonly channel: string } & (
    | { readonly threadTs: string }
    | { readonly since: Date }
  ),
): Promise<string | undefined> {
  return await findMessage(deps, where, (message) => isLine(message, where.line, deps.botId()))
}

/** The ts of our own message in a thread that carries a file of this name, or undefined. Throws `SlackCallError`. */
export async function findFile(
  deps: { readonly call: SlackCall; readonly botId: () => string | undefined },
  where: { readonly name: string; readonly channel: string; readonly threadTs: string },
): Promise<string | undefined> {
  return await findMessage(
    deps,
    where,
    ({ files }) => files?.some((file) => file.name === where.name) === true,
  )
}

type Message = z.infer<typeof Page>['messages'][number]

async function findMessage(
  deps: { readonly call: SlackCall },
  where: { readonly channel: string } & ({ readonly threadTs: string } | { readonly since: Date }),
  isWanted: (message: Message) => boolean,
): Promise<string | undefined> {
  const inThread = 'threadTs' in where
  const method = inThread ? 'conversations.replies' : 'conversations.history'
  const place = inThread
    ? { ts: where.threadTs }
    : { oldest: String((where.since.getTime() - clockSkewMs) / 1000) }
  let cursor: string | undefined
  for (let page = 0; page < pagesAtMost; page += 1) {
    const args = {
      channel: where.channel,
      ...place,
      limit: pageSize,
      include_all_metadata: true,
      ...(cursor && { cursor }),
    }
    const said = await deps.call(method, args, Page)
    const found = said.messages.find(isWanted)
    if (found !== undefined) return found.ts
    cursor = said.response_metadata?.next_cursor
    if (cursor === undefined || cursor === '') return undefined
  }
  return undefined
}

function isLine(message: Message, line: string, botId: string | undefined): boolean {
  if (message.metadata?.event_type !== eventType || message.metadata.event_payload?.['line'] !== line)
    return false
  return botId === undefined || message.bot_id === undefined || message.bot_id === botId
}
