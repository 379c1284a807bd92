import type { Json } from '#src/sandbox/json.ts'
import { messageJson } from '#src/sandbox/slack/messages.ts'
import { channelNameInPayload } from '#src/sandbox/slack/places.ts'
import { makeTrigger } from '#src/sandbox/slack/triggers.ts'
import { valuesOf } from '#src/sandbox/slack/views/elements.ts'
import { viewJson } from '#src/sandbox/slack/views/modals.ts'
import { makeResponseUrl } from '#src/sandbox/slack/wire/response-urls.ts'
import type { Channel, SlackMessage, SlackUser, View, World } from '#src/sandbox/slack/world.ts'

/** What each payload of an interaction starts with; docs.slack.dev, "Interaction payloads". */
function head(world: World, user: SlackUser, type: string): Json {
  return {
    type,
    team: { id: world.team.id, domain: world.team.domain },
    user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
    api_app_id: world.app.id,
    token: world.app.verificationToken,
    enterprise: null,
    is_enterprise_install: false,
  }
}

/** A typed command, as the form that Slack posts. All values are text. */
export function commandPayload(
  world: World,
  user: SlackUser,
  channel: Channel,
  command: string,
  text: string,
): Json {
  return {
    token: world.app.verificationToken,
    team_id: world.team.id,
    team_domain: world.team.domain,
    channel_id: channel.id,
    channel_name: channelNameInPayload(channel),
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: world.app.id,
    is_enterprise_install: 'false',
    response_url: makeResponseUrl(world, { userId: user.id, channelId: channel.id }),
    trigger_id: makeTrigger(world, user.id),
  }
}

/** A click or a choice in a message. Ephemeral messages are not sent along. */
export function messageActionsPayload(
  world: World,
  user: SlackUser,
  channel: Channel,
  message: SlackMessage,
  state: Json,
  action: Json,
): Json {
  const ephemeral = message.onlyFor !== undefined
  const thread = message.threadTs === undefined ? {} : { thread_ts: message.threadTs }
  return {
    ...head(world, user, 'block_actions'),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: ephemeral,
      ...thread,
    },
    trigger_id: makeTrigger(world, user.id),
    channel: { id: channel.id, name: channelNameInPayload(channel) },
    ...(!ephemeral && { message: messageJson(world, message) }),
    state: { values: { ...valuesOf(message.blocks), ...state } },
    response_url: makeResponseUrl(world, { userId: user.id, channelId: channel.id, message }),
    actions: [action],
  }
}

/** A click or a choice in a modal or the Home tab. */
export function viewActionsPayload(world: World, user: SlackUser, view: View, action: Json): Json {
  return {
    ...head(world, user, 'block_actions'),
    container: { type: 'view', view_id: view.id },
    trigger_id: makeTrigger(world, user.id, view.kind === 'modal' ? view.id : undefined),
    view: viewJson(world, view),
    actions: [action],
  }
}

/** A modal's submit button. */
export function submissionPayload(world: World, user: SlackUser, view: View): Json {
  return {
    ...head(world, user, 'view_submission'),
    trigger_id: makeTrigger(world, user.id, view.id),
    view: viewJson(world, view),
    response_urls: [],
  }
}

/** Cancel (`cleared` false) or the x (`cleared` true). */
export function closedPayload(world: World, user: SlackUser, view: View, cleared: boolean): Json {
  return { ...head(world, user, 'view_closed'), view: viewJson(world, view), is_cleared: cleared }
}

/** Typing in a menu whose options the app looks up. */
export function suggestionPayload(
  world: World,
  user: SlackUser,
  view: View,
  at: { readonly blockId: string; readonly actionId: string; readonly value: string },
): Json {
  return {
    ...head(world, user, 'block_suggestion'),
    container: { type: 'view', view_id: view.id },
    view: viewJson(world, view),
    block_id: at.blockId,
    action_id: at.actionId,
    value: at.value,
  }
}

/** A global shortcut, or with a message the one in that message's menu. */
export function shortcutPayload(
  world: World,
  user: SlackUser,
  callbackId: string,
  on: { readonly channel: Channel; readonly message: SlackMessage } | undefined,
): Json {
  const trigger = {
    callback_id: callbackId,
    trigger_id: makeTrigger(world, user.id),
    action_ts: world.ids.ts(),
  }
  if (on === undefined) return { ...head(world, user, 'shortcut'), ...trigger }
  const { channel, message } = on
  return {
    ...head(world, user, 'message_action'),
    ...trigger,
    message_ts: message.ts,
    channel: { id: channel.id, name: channelNameInPayload(channel) },
    message: messageJson(world, message),
    response_url: makeResponseUrl(world, { userId: user.id, channelId: channel.id, message }),
  }
}
