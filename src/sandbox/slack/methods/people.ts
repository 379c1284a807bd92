import type { Json } from '#src/sandbox/json.ts'
import { text } from '#src/sandbox/json.ts'
import { type Handler, Refusal } from '#src/sandbox/slack/methods/method.ts'
import { page } from '#src/sandbox/slack/methods/page.ts'
import type { SlackUser, UserGroup, World } from '#src/sandbox/slack/world.ts'

/** `auth.test`, `bots.info`, `users.*` and `usergroups.*`. */
export const peopleMethods: Readonly<Record<string, Handler>> = {
  'auth.test': (world) => ({
    url: `https://${world.team.domain}.slack.com/`,
    team: world.team.name,
    user: world.users.get(world.app.botUserId)?.name ?? '',
    team_id: world.team.id,
    user_id: world.app.botUserId,
    bot_id: world.app.botId,
    is_enterprise_install: false,
  }),
  'bots.info': (world, args) => {
    if (args['bot'] !== undefined && args['bot'] !== world.app.botId) throw new Refusal('bot_not_found')
    const name = world.users.get(world.app.botUserId)?.name ?? ''
    return {
      bot: { id: world.app.botId, deleted: false, name, app_id: world.app.id, user_id: world.app.botUserId },
    }
  },
  'users.info': (world, args) => {
    const user = world.users.get(text(args['user']))
    if (user === undefined) throw new Refusal('user_not_found')
    return { user: userJson(world, user) }
  },
  'users.lookupByEmail': (world, args) => {
    const email = text(args['email']).toLowerCase()
    const user = [...world.users.values()].find(
      (each) => each.email?.toLowerCase() === email && !each.deleted && !each.isStranger,
    )
    if (user === undefined) throw new Refusal('users_not_found')
    return { user: userJson(world, user) }
  },
  'users.list': (world, args) => {
    const { items, nextCursor } = page([...world.users.values()], args, 1000)
    return {
      members: items.map((user) => userJson(world, user)),
      cache_ts: Math.floor(world.now() / 1000),
      response_metadata: { next_cursor: nextCursor },
    }
  },
  'usergroups.list': (world, args) => {
    mustBePaid(world)
    const groups = [...world.groups.values()].filter(
      (group) => args['include_disabled'] === true || !group.disabled,
    )
    return {
      usergroups: groups.map((group) => ({
        ...groupJson(world, group),
        ...(args['include_users'] === true && { users: group.users }),
        ...(args['include_count'] === true && { user_count: group.users.length }),
      })),
    }
  },
  'usergroups.users.list': (world, args) => {
    mustBePaid(world)
    const group = world.groups.get(text(args['usergroup']))
    if (group === undefined || (group.disabled && args['include_disabled'] !== true))
      throw new Refusal('no_such_subteam')
    return { users: group.users }
  },
}

function mustBePaid(world: World): void {
  if (!world.settings.paid) throw new Refusal('plan_upgrade_required')
}

function groupJson(world: World, group: UserGroup): Json {
  return {
    id: group.id,
    team_id: world.team.id,
    is_usergroup: true,
    name: group.name,
    description: '',
    handle: group.handle,
    is_external: false,
    date_delete: group.disabled ? Math.floor(world.now() / 1000) : 0,
  }
}

/** A user as `users.info` gives it. The e-mail needs its own scope; deactivated people show little. */
function userJson(world: World, user: SlackUser): Json {
  const seesEmail = world.scopes.has('users:read.email') && user.email !== undefined && !user.isStranger
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    deleted: user.deleted,
    real_name: user.realName,
    ...(!user.deleted && { tz: user.tz, tz_label: user.tz, tz_offset: 0, color: '9f69e7' }),
    profile: {
      real_name: user.realName,
      display_name: user.name,
      team: user.teamId,
      ...(seesEmail && { email: user.email }),
    },
    is_bot: user.isBot,
    is_app_user: user.isAppUser,
    updated: Math.floor(world.now() / 1000),
    ...(!user.deleted && {
      is_admin: false,
      is_owner: false,
      is_primary_owner: false,
      is_restricted: user.isRestricted,
      is_ultra_restricted: user.isUltraRestricted,
      ...(user.isInvited && { is_invited_user: true }),
    }),
    ...(user.isStranger && { is_stranger: true }),
    ...(user.enterprise !== undefined && {
      enterprise_user: {
        id: user.enterprise.id,
        enterprise_id: user.enterprise.enterpriseId,
        teams: user.enterprise.teams,
      },
    }),
  }
}
