import { ClientRefusal } from '#src/sandbox/slack/people/choose.ts'
import type { Carrier } from '#src/sandbox/slack/wire/carrier.ts'
import type { Events } from '#src/sandbox/slack/wire/events.ts'
import type { Channel, SlackMessage, SlackUser, World } from '#src/sandbox/slack/world.ts'

/** Somebody and the workspace around them. */
export interface Self {
  readonly world: World
  readonly carrier: Carrier
  readonly events: Events
  readonly userId: string
}

/** As the workspace knows them now. Throws when nobody has this id. */
export function userOf({ world, userId }: Self): SlackUser {
  const found = world.users.get(userId)
  if (found === undefined) throw new Error(`nobody has the id ${userId}`)
  return found
}

/** A channel that they are in. Throws `ClientRefusal`. */
export function placeOf(self: Self, channelId: string): Channel {
  const channel = self.world.channels.get(channelId)
  if (channel === undefined || !channel.members.includes(self.userId))
    throw new ClientRefusal(`${userOf(self).name} is not in ${channelId}`)
  return channel
}

/** The ephemeral messages that they see, everywhere or in one channel, oldest first. */
export function ephemeralsOf({ world, userId }: Self, channelId?: string): readonly SlackMessage[] {
  return world.ephemerals.filter(
    (each) =>
      each.onlyFor === userId &&
      each.deletedAt === undefined &&
      (channelId === undefined || each.channelId === channelId),
  )
}
