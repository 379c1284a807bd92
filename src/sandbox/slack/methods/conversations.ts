import type { Json } from '#src/sandbox/json.ts'
import { text } from '#src/sandbox/json.ts'
import { messageJson } from '#src/sandbox/slack/messages.ts'
import { mustHaveScope } from '#src/sandbox/slack/methods/authorize.ts'
import { type Handler, Refusal } from '#src/sandbox/slack/methods/method.ts'
import { page } from '#src/sandbox/slack/methods/page.ts'
import { botIsIn, directMessage, messageAt, visibleChannel } from '#src/sandbox/slack/places.ts'
import type { Channel, SlackMessage, World } from '#src/sandbox/slack/world.ts'

/** `conversations.*`. The scope depends on what the channel is. */
export const conversationMethods: Readonly<Record<string, Handler>> = {
  'conversations.open': (world, args) => {
    if (args['channel'] !== undefined) {
      const channel = visibleChannel(world, text(args['channel']))
      return { channel: { id: channel.id }, no_op: true, already_open: true }
    }
    const users = text(args['users']).split(',').filter(Boolean)
    if (users.length === 0) throw new Refusal('users_list_not_supplied')
    mustHaveScope(world, users.length === 1 ? ['im:write'] : ['mpim:write'])
    const [userId] = users
    if (userId === undefined || users.length > 1) throw new Refusal('invalid_user_combination') // groups are not served
    const user = world.users.get(userId)
    if (user === undefined) throw new Refusal('user_not_found')
    if (user.deleted) throw new Refusal('user_disabled')
    if (user.isBot) throw new Refusal('user_not_visible')
    const channel = directMessage(world, userId)
    return { channel: args['return_im'] === true ? channelJson(world, channel) : { id: channel.id } }
  },
  'conversations.info': (world, args) => {
    const channel = visibleChannel(world, text(args['channel']))
    mustHaveScope(world, [scopeFor(channel, 'read')])
    const count = args['include_num_members'] === true ? { num_members: channel.members.length } : {}
    return { channel: { ...channelJson(world, channel), ...count } }
  },
  'conversations.members': (world, args) => {
    const channel = visibleChannel(world, text(args['channel']))
    mustHaveScope(world, [scopeFor(channel, 'read')])
    const { items, nextCursor } = page(channel.members, args, 1000)
    return { members: items, response_metadata: { next_cursor: nextCursor } }
  },
  'conversations.history': (world, args) => {
    const channel = readable(world, args)
    const roots = standing(world, channel).filter((message) => message.threadTs === undefined)
    return listing(world, roots.toReversed(), args)
  },
  'conversations.replies': (world, args) => {
    const channel = readable(world, args)
    const ts = text(args['ts'])
    const message = messageAt(world, channel.id, ts)
    if (message === undefined) throw new Refusal('thread_not_found')
    if (message.threadTs !== undefined) return listing(world, [message], args)
    const thread = standing(world, channel).filter((each) => each.threadTs === ts)
    const [root] = between([message], args)
    const { items, nextCursor } = page(between(thread, args), args, 1000)
    return answer(world, root === undefined ? items : [root, ...items], nextCursor, args)
  },
}

function readable(world: World, args: Json): Channel {
  const channel = visibleChannel(world, text(args['channel']))
  mustHaveScope(world, [scopeFor(channel, 'history')])
  if (!botIsIn(world, channel)) throw new Refusal('not_in_channel')
  return channel
}

function scopeFor(channel: Channel, right: 'read' | 'history'): string {
  const kinds = { public: 'channels', private: 'groups', im: 'im' } as const
  return `${kinds[channel.kind]}:${right}`
}

function standing(world: World, channel: Channel): readonly SlackMessage[] {
  return (world.messages.get(channel.id) ?? []).filter((message) => message.deletedAt === undefined)
}

function listing(world: World, messages: readonly SlackMessage[], args: Json): Json {
  const limited = typeof args['limit'] === 'number' ? args : { ...args, limit: 100 }
  const { items, nextCursor } = page(between(messages, args), limited, 999)
  return answer(world, items, nextCursor, args)
}

function answer(world: World, items: readonly SlackMessage[], nextCursor: string, args: Json): Json {
  const withMetadata = args['include_all_metadata'] === true
  return {
    messages: items.map((message) => messageJson(world, message, withMetadata)),
    has_more: nextCursor !== '',
    ...(nextCursor !== '' && { response_metadata: { next_cursor: nextCursor } }),
  }
}

function between(messages: readonly SlackMessage[], args: Json): readonly SlackMessage[] {
  const oldest = stamp(args['oldest'], 'oldest') ?? 0
  const latest = stamp(args['latest'], 'latest') ?? Infinity
  const inclusive = args['inclusive'] === true
  return messages.filter(({ ts }) => {
    const at = Number(ts)
    return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest
  })
}

function stamp(value: unknown, name: 'oldest' | 'latest'): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (!Number.isFinite(number)) throw new Refusal(`invalid_ts_${name}`)
  return number
}

function channelJson(world: World, channel: Channel): Json {
  const person = channel.members.find((id) => id !== world.app.botUserId)
  if (channel.kind === 'im')
    return { id: channel.id, is_im: true, is_archived: channel.archived, user: person, is_org_shared: false }
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_im: false,
    is_private: channel.kind === 'private',
    is_archived: channel.archived,
    is_member: botIsIn(world, channel),
  }
}
