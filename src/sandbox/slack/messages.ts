import type { Json } from '#src/sandbox/json.ts'
import { pingsIn } from '#src/sandbox/slack/pings.ts'
import { messageAt } from '#src/sandbox/slack/places.ts'
import type { SlackFile, SlackMessage, World } from '#src/sandbox/slack/world.ts'

/** What is put into a message. */
export interface Content {
  readonly text: string
  readonly blocks: readonly Json[]
  readonly metadata?: Json | undefined
  readonly files?: readonly SlackFile[]
}

/** Puts a message into a channel, for everybody in it. `plainPings`: `@channel` without markup pings too. */
export function post(
  world: World,
  options: Content & {
    readonly channelId: string
    readonly userId: string
    readonly threadTs?: string | undefined
    readonly plainPings?: boolean
  },
): SlackMessage {
  const message = newMessage(world, options, undefined)
  const all = world.messages.get(options.channelId) ?? []
  all.push(message)
  world.messages.set(options.channelId, all)
  for (const ping of pingsIn(message.text, message.blocks, options.plainPings ?? false))
    world.pings.push({ ...ping, channelId: message.channelId, ts: message.ts, at: world.now() })
  world.changes.tell()
  return message
}

/** Shows something to one person only. Nothing keeps it, nothing can edit it but a response_url. */
export function showOnlyTo(
  world: World,
  options: Content & {
    readonly channelId: string
    readonly userId: string
    readonly person: string
    readonly threadTs?: string | undefined
  },
): SlackMessage {
  const message = newMessage(world, options, options.person)
  world.ephemerals.push(message)
  world.changes.tell()
  return message
}

function newMessage(
  world: World,
  options: Content & {
    readonly channelId: string
    readonly userId: string
    readonly threadTs?: string | undefined
  },
  onlyFor: string | undefined,
): SlackMessage {
  return {
    channelId: options.channelId,
    ts: world.ids.ts(),
    threadTs: options.threadTs,
    userId: options.userId,
    text: options.text.slice(0, 40_000), // Slack cuts what is longer
    blocks: withIds(world, options.blocks),
    metadata: options.metadata,
    files: options.files ?? [],
    postedAt: world.now(),
    edits: [],
    deletedAt: undefined,
    onlyFor,
  }
}

/** Changes what a message says and keeps what it said before. The message must stand there, or nothing happens. */
export function edit(world: World, old: SlackMessage, content: Content): SlackMessage {
  const edited: SlackMessage = {
    ...old,
    text: content.text,
    blocks: withIds(world, content.blocks),
    metadata: content.metadata ?? old.metadata,
    edits: [...old.edits, { at: world.now(), text: old.text, blocks: old.blocks }],
  }
  replace(world, edited)
  return edited
}

/** Takes a message away; what it said stays on record. */
export function remove(world: World, old: SlackMessage): void {
  replace(world, { ...old, deletedAt: world.now() })
}

function replace(world: World, message: SlackMessage): void {
  const all = message.onlyFor === undefined ? (world.messages.get(message.channelId) ?? []) : world.ephemerals
  const index = all.findIndex((each) => each.ts === message.ts)
  if (index !== -1) all[index] = message
  world.changes.tell()
}

/** Blocks with the block_ids and action_ids that Slack makes up where the app gave none. */
export function withIds(world: World, blocks: readonly Json[]): readonly Json[] {
  return blocks.map((block) => ({
    ...block,
    block_id: block['block_id'] ?? world.ids.word().slice(0, 5),
    ...(Array.isArray(block['elements']) &&
      block['type'] === 'actions' && {
        elements: block['elements'].map((each) => withActionId(world, each)),
      }),
    ...(block['accessory'] !== undefined && { accessory: withActionId(world, block['accessory']) }),
    ...(block['element'] !== undefined && { element: withActionId(world, block['element']) }),
  }))
}

function withActionId(world: World, element: unknown): unknown {
  if (typeof element !== 'object' || element === null || 'action_id' in element) return element
  if ('type' in element && element.type === 'image') return element
  return { ...element, action_id: world.ids.word().slice(0, 5) }
}

/** A message as the Web API and payloads give it. */
export function messageJson(world: World, message: SlackMessage, withMetadata = false): Json {
  const byApp = message.userId === world.app.botUserId
  const replies = (world.messages.get(message.channelId) ?? []).filter(
    (each) => each.threadTs === message.ts && each.deletedAt === undefined,
  )
  const last = message.edits.at(-1)
  return {
    type: 'message',
    user: message.userId,
    ts: message.ts,
    team: world.team.id,
    text: message.text,
    ...(byApp && { bot_id: world.app.botId, app_id: world.app.id }),
    ...(message.blocks.length > 0 && { blocks: message.blocks }),
    ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
    ...(message.threadTs === undefined &&
      replies.length > 0 && { thread_ts: message.ts, reply_count: replies.length }),
    ...(last !== undefined && {
      edited: { user: byApp ? world.app.botId : message.userId, ts: `${Math.floor(last.at / 1000)}.000000` },
    }),
    ...(message.files.length > 0 && { files: message.files.map((file) => fileJson(world, file)) }),
    ...(withMetadata && message.metadata !== undefined && { metadata: message.metadata }),
  }
}

/** A file as payloads give it; its URL needs the bot's token. */
export function fileJson(world: World, file: SlackFile): Json {
  const address = `${world.baseUrl}/files-pri/${world.team.id}-${file.id}`
  return {
    id: file.id,
    created: Math.floor(file.uploadedAt / 1000),
    timestamp: Math.floor(file.uploadedAt / 1000),
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.name.includes('.') ? file.name.slice(file.name.lastIndexOf('.') + 1) : 'binary',
    user: file.userId,
    user_team: world.team.id,
    size: file.bytes.length,
    mode: 'hosted',
    is_external: false,
    is_public: false,
    url_private: `${address}/${encodeURIComponent(file.name)}`,
    url_private_download: `${address}/download/${encodeURIComponent(file.name)}`,
  }
}

/** The message a thread hangs under, if the given `ts` is one. */
export function rootOf(world: World, channelId: string, ts: string): SlackMessage | undefined {
  const message = messageAt(world, channelId, ts)
  return message?.threadTs === undefined ? message : undefined
}
