import type { Channel, SlackUser, UserGroup, World } from '#src/sandbox/slack/world.ts'

/** The id of Slackbot in every workspace. */
export const slackbot = 'USLACKBOT'

/** A person to add; only the handle is needed. */
export type NewUser = Partial<SlackUser> & { readonly name: string }

/** A channel to add. `members`: user ids; default everybody there now. `withBot`: whether the app was invited, default yes. */
export interface NewChannel {
  readonly id?: string
  readonly name: string
  readonly kind?: 'public' | 'private'
  readonly members?: readonly string[]
  readonly withBot?: boolean
  readonly archived?: boolean
}

/** A user group to add. */
export interface NewUserGroup {
  readonly id?: string
  readonly handle: string
  readonly name?: string
  readonly users?: readonly string[]
  readonly disabled?: boolean
}

/** Adds a person of this workspace, if nothing else is said; `NAME@corp.example` is their e-mail. */
export function addUser(world: World, wanted: NewUser): SlackUser {
  const user: SlackUser = {
    id: wanted.id ?? world.ids.id('U'),
    name: wanted.name,
    realName: wanted.realName ?? wanted.name.charAt(0).toUpperCase() + wanted.name.slice(1),
    email:
      'email' in wanted ? wanted.email : wanted.isBot === true ? undefined : `${wanted.name}@corp.example`,
    teamId: wanted.teamId ?? (wanted.isStranger === true ? 'T0STRANGER' : world.team.id),
    deleted: wanted.deleted ?? false,
    isBot: wanted.isBot ?? false,
    isAppUser: wanted.isAppUser ?? false,
    isRestricted: wanted.isRestricted ?? wanted.isUltraRestricted ?? false,
    isUltraRestricted: wanted.isUltraRestricted ?? false,
    isStranger: wanted.isStranger ?? false,
    isInvited: wanted.isInvited ?? false,
    tz: wanted.tz ?? 'Etc/UTC',
    enterprise: wanted.enterprise,
  }
  world.users.set(user.id, user)
  return user
}

/** Adds a channel. */
export function addChannel(world: World, wanted: NewChannel): Channel {
  const people =
    wanted.members ??
    [...world.users.values()].filter((user) => !user.isBot && user.id !== slackbot).map((user) => user.id)
  const channel: Channel = {
    id: wanted.id ?? world.ids.id('C'),
    name: wanted.name,
    kind: wanted.kind ?? 'public',
    members: wanted.withBot === false ? people : [...people, world.app.botUserId],
    archived: wanted.archived ?? false,
  }
  world.channels.set(channel.id, channel)
  return channel
}

/** Adds a user group. */
export function addUserGroup(world: World, wanted: NewUserGroup): UserGroup {
  const group: UserGroup = {
    id: wanted.id ?? world.ids.id('S'),
    handle: wanted.handle,
    name: wanted.name ?? wanted.handle,
    users: wanted.users ?? [],
    disabled: wanted.disabled ?? false,
  }
  world.groups.set(group.id, group)
  return group
}
