import { complain } from '#src/sandbox/slack/calls.ts'
import { isObject, type Json, object, objects, text } from '#src/sandbox/json.ts'
import { checkBlocks } from '#src/sandbox/slack/blocks/message.ts'
import { post, remove, showOnlyTo } from '#src/sandbox/slack/messages.ts'
import { keepFile, type NewFile } from '#src/sandbox/slack/people/attach.ts'
import { type Choice, chosenState, ClientRefusal } from '#src/sandbox/slack/people/choose.ts'
import { actionOf, find } from '#src/sandbox/slack/people/find.ts'
import { type Clicked, clicked, pressAction } from '#src/sandbox/slack/people/modal.ts'
import { commandPayload, messageActionsPayload, shortcutPayload } from '#src/sandbox/slack/people/payloads.ts'
import { ephemeralsOf, placeOf, type Self, userOf } from '#src/sandbox/slack/people/self.ts'
import { typed, type TypingOptions } from '#src/sandbox/slack/people/typing.ts'
import { directMessage } from '#src/sandbox/slack/places.ts'
import { closeAll } from '#src/sandbox/slack/views/modals.ts'
import { slackbot } from '#src/sandbox/slack/residents.ts'
import type { SlackMessage, World } from '#src/sandbox/slack/world.ts'

/** What somebody does in Slack's client. Each throws `ClientRefusal` for what the client does not let them do. */
export interface Hands {
  /** Types a slash command in a channel, e.g. `/disable-user alice@corp.example`. Ends when Slack stops waiting for the app. */
  readonly command: (channelId: string, line: string, options?: TypingOptions) => Promise<Clicked>
  /** Uses a global shortcut, or with a message the one in its menu. */
  readonly shortcut: (callbackId: string, message?: SlackMessage) => Promise<Clicked>
  /** Writes a message. */
  readonly say: (
    channelId: string,
    text: string,
    options?: { readonly threadTs?: string },
  ) => Promise<SlackMessage>
  /** Shares a file; the app is told with `file_shared`, if it subscribed to that. */
  readonly share: (
    channelId: string,
    file: NewFile,
    options?: { readonly threadTs?: string },
  ) => Promise<SlackMessage>
  /** Presses a button in a message, or chooses `option` in an overflow menu; the message may be an old one that was kept. */
  readonly press: (
    message: SlackMessage,
    name: string,
    options?: { readonly option?: string; readonly value?: string; readonly confirm?: boolean },
  ) => Promise<Clicked>
  /** Picks in a select, picker or checkboxes of a message. */
  readonly choose: (message: SlackMessage, name: string, choice: Choice) => Promise<Clicked>
  /** Starts the client anew: ephemeral messages and open modals are gone. */
  readonly reload: () => void
  /** Opens the app's Home tab: the app is told. What it then publishes is found with `home`. */
  readonly openHome: () => Promise<void>
}

/** Gives a person's hands. */
export function handsOf(self: Self): Hands {
  const { world, carrier, events, userId } = self
  const clickIn = async (message: SlackMessage, action: Json, state: Json): Promise<Clicked> => {
    if (message.onlyFor !== undefined && message.onlyFor !== userId)
      throw new ClientRefusal(`${userOf(self).name} does not see this message`)
    const payload = messageActionsPayload(
      world,
      userOf(self),
      placeOf(self, message.channelId),
      message,
      state,
      action,
    )
    return clicked(await carrier.send({ kind: 'interactive', payload }))
  }
  return {
    command: async (channelId, line, options) => {
      const channel = placeOf(self, channelId)
      const [, command = '', rest = ''] = /^(\/\S+)\s*([\s\S]*)$/u.exec(line) ?? []
      const known =
        world.settings.commands === undefined ? { shouldEscape: true } : world.settings.commands.get(command)
      if (known === undefined || command === '') throw new ClientRefusal(`${line} is not a valid command`)
      if (channel.archived) throw new ClientRefusal('the channel is archived')
      const payload = commandPayload(
        world,
        userOf(self),
        channel,
        command,
        typed(world, rest.trim(), known.shouldEscape, options),
      )
      const delivery = await carrier.send({ kind: 'slash_commands', payload })
      if (delivery.kind === 'failed') {
        slackSays(world, channelId, userId, `${command} failed with the error "${delivery.error}"`)
        return { kind: 'trouble', error: delivery.error }
      }
      answerInAck(world, channelId, userId, delivery.payload)
      return { kind: 'acknowledged' }
    },
    shortcut: async (callbackId, message) => {
      const on = message === undefined ? undefined : { channel: placeOf(self, message.channelId), message }
      if (message?.onlyFor !== undefined) throw new ClientRefusal('an ephemeral message has no shortcuts')
      const { shortcuts } = world.settings
      const menu = message === undefined ? 'global' : 'message'
      if (shortcuts !== undefined && shortcuts.get(callbackId) !== menu)
        throw new ClientRefusal(`there is no ${menu} shortcut ${callbackId}`)
      return clicked(
        await carrier.send({
          kind: 'interactive',
          payload: shortcutPayload(world, userOf(self), callbackId, on),
        }),
      )
    },
    say: async (channelId, words, { threadTs } = {}) => {
      const line = typed(world, words, true, { bareMentions: true })
      const message = post(world, {
        channelId: placeOf(self, channelId).id,
        userId,
        text: line,
        blocks: [],
        threadTs,
      })
      if (line.includes(`<@${world.app.botUserId}>`))
        await events.send({ type: 'app_mention', ...eventMessage(message) })
      return message
    },
    share: async (channelId, wanted, { threadTs } = {}) => {
      const file = keepFile(world, userId, wanted)
      const where = { channelId: placeOf(self, channelId).id, userId, threadTs }
      const message = post(world, { ...where, text: '', blocks: [], files: [file] })
      await events.send({
        type: 'file_shared',
        file_id: file.id,
        user_id: userId,
        file: { id: file.id },
        channel_id: channelId,
        event_ts: message.ts,
      })
      return message
    },
    press: async (message, name, options = {}) => {
      const placed = find(message.blocks, name, options.value)
      if (placed.element['confirm'] !== undefined && options.confirm === false)
        return { kind: 'nothing_sent' }
      return clickIn(message, pressAction(placed, world.ids.ts(), options.option), {})
    },
    choose: async (message, name, choice) => {
      const placed = find(message.blocks, name)
      const state = chosenState(placed.element, choice)
      const values = { [placed.blockId]: { [placed.actionId]: state } }
      return clickIn(message, actionOf(placed, world.ids.ts(), state), values)
    },
    reload: () => {
      for (const message of ephemeralsOf(self)) remove(world, message)
      closeAll(world, userId)
    },
    openHome: async () => {
      const channel = directMessage(world, userId)
      await events.send({
        type: 'app_home_opened',
        user: userId,
        channel: channel.id,
        tab: 'home',
        event_ts: world.ids.ts(),
      })
    },
  }
}

function eventMessage(message: SlackMessage): Json {
  const { channelId, userId, text: words, ts, threadTs } = message
  return {
    user: userId,
    text: words,
    ts,
    channel: channelId,
    event_ts: ts,
    ...(threadTs !== undefined && { thread_ts: threadTs }),
  }
}

// What Slackbot says to one person.
function slackSays(world: World, channelId: string, person: string, sentence: string): void {
  showOnlyTo(world, { channelId, userId: slackbot, person, text: sentence, blocks: [] })
}

function answerInAck(world: World, channelId: string, person: string, payload: unknown): void {
  const answer = isObject(payload) ? payload : { text: payload }
  const content = { text: text(answer['text']), blocks: objects(answer['blocks']) }
  if (content.text === '' && content.blocks.length === 0) return
  if (object(answer)['response_type'] === 'in_channel')
    complain(world, 'in_channel in an answer shows the typed command to all')
  try {
    checkBlocks(world, answer['blocks'])
  } catch (error) {
    complain(world, `answer to a command: ${String(error)}`)
    return
  }
  showOnlyTo(world, { ...content, channelId, userId: world.app.botUserId, person })
}
