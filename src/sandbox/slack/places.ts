import { Refusal } from '#src/sandbox/slack/methods/method.ts'
import type { Channel, SlackMessage, World } from '#src/sandbox/slack/world.ts'

/** The direct message between the app and a person, made when there is none yet. */
export function directMessage(world: World, userId: string): Channel {
  const known = [...world.channels.values()].find(
    (channel) => channel.kind === 'im' && channel.members.includes(userId),
  )
  if (known !== undefined) return known
  const channel: Channel = {
    id: world.ids.id('D'),
    name: 'directmessage',
    kind: 'im',
    members: [userId, world.app.botUserId],
    archived: false,
  }
  world.channels.set(channel.id, channel)
  return channel
}

/** Whether the app is in the channel. */
export function botIsIn(world: World, channel: Channel): boolean {
  return channel.members.includes(world.app.botUserId)
}

/** A channel the app knows of: private ones without it do not exist for it. Throws `channel_not_found`. */
export function visibleChannel(world: World, id: string): Channel {
  const channel = world.channels.get(id)
  if (channel === undefined || (channel.kind !== 'public' && !botIsIn(world, channel)))
    throw new Refusal('channel_not_found')
  return channel
}

/** A channel the app may write to. A person's id stands for the direct message with them. Throws what Slack answers. */
export function writableChannel(world: World, id: string): Channel {
  const channel = /^[UW]/u.test(id) ? directMessageFor(world, id) : visibleChannel(world, id)
  if (channel.archived) throw new Refusal('is_archived')
  if (!botIsIn(world, channel) && !world.scopes.has('chat:write.public')) throw new Refusal('not_in_channel')
  return channel
}

function directMessageFor(world: World, userId: string): Channel {
  const user = world.users.get(userId)
  if (user === undefined || user.deleted || user.isBot) throw new Refusal('channel_not_found')
  return directMessage(world, userId)
}

/** The message that stands there, not one that was deleted or is ephemeral. */
export function messageAt(world: World, channelId: string, ts: string): SlackMessage | undefined {
  return world.messages
    .get(channelId)
    ?.findLast((message) => message.ts === ts && message.deletedAt === undefined)
}

/** The name as payloads give it. */
export function channelNameInPayload(channel: Channel): string {
  if (channel.kind === 'im') return 'directmessage'
  return channel.kind === 'private' ? 'privategroup' : channel.name
}
