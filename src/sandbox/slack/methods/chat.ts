import { checkBlocks } from '#src/sandbox/slack/blocks/message.ts'
import { complain } from '#src/sandbox/slack/calls.ts'
import type { Json } from '#src/sandbox/json.ts'
import { isObject, objects, someText, text } from '#src/sandbox/json.ts'
import { edit, messageJson, post, remove, rootOf, showOnlyTo } from '#src/sandbox/slack/messages.ts'
import { type Handler, Refusal } from '#src/sandbox/slack/methods/method.ts'
import { messageAt, visibleChannel, writableChannel } from '#src/sandbox/slack/places.ts'
import type { SlackMessage, World } from '#src/sandbox/slack/world.ts'

/** `chat.*`. Attachments and markdown_text are not served: nothing in a new app should need them. */
export const chatMethods: Readonly<Record<string, Handler>> = {
  'chat.postMessage': (world, args) => {
    const channel = writableChannel(world, text(args['channel']))
    const content = contentOf(world, args)
    const threadTs = threadOf(world, channel.id, args)
    const message = post(world, {
      ...content,
      channelId: channel.id,
      userId: world.app.botUserId,
      threadTs,
      plainPings: args['link_names'] === true || args['parse'] === 'full',
    })
    return { channel: channel.id, ts: message.ts, message: messageJson(world, message, true) }
  },
  'chat.update': (world, args) => {
    const message = ownMessage(world, args, 'cant_update_message')
    if (world.channels.get(message.channelId)?.archived === true) throw new Refusal('is_inactive')
    if (text(args['text']).length > 4000) throw new Refusal('msg_too_long')
    const content = contentOf(world, args)
    const blocks = args['blocks'] === undefined ? message.blocks : content.blocks
    const edited = edit(world, message, { ...content, blocks, text: content.text || message.text })
    return {
      channel: edited.channelId,
      ts: edited.ts,
      text: edited.text,
      message: messageJson(world, edited, true),
    }
  },
  'chat.delete': (world, args) => {
    const message = ownMessage(world, args, 'cant_delete_message')
    remove(world, message)
    return { channel: message.channelId, ts: message.ts }
  },
  'chat.postEphemeral': (world, args) => {
    const channel = writableChannel(world, text(args['channel']))
    const person = text(args['user'])
    if (!channel.members.includes(person)) throw new Refusal('user_not_in_channel')
    const content = contentOf(world, args)
    const threadTs = threadOf(world, channel.id, args)
    const message = showOnlyTo(world, {
      ...content,
      channelId: channel.id,
      userId: world.app.botUserId,
      person,
      threadTs,
    })
    return { message_ts: message.ts }
  },
  'chat.getPermalink': (world, args) => {
    const channel = visibleChannel(world, text(args['channel']))
    const message = messageAt(world, channel.id, text(args['message_ts']))
    if (message === undefined) throw new Refusal('message_not_found')
    return { channel: channel.id, permalink: permalink(world, message) }
  },
}

function contentOf(world: World, args: Json): { text: string; blocks: readonly Json[]; metadata?: Json } {
  const unserved = ['attachments', 'markdown_text'].find((name) => args[name] !== undefined)
  if (unserved !== undefined) throw new Error(`The local Slack does not serve ${unserved}: see its README`)
  const blocks = objects(args['blocks'])
  if (someText(args['text']) === undefined && blocks.length === 0) throw new Refusal('no_text')
  checkBlocks(world, args['blocks'])
  if (someText(args['text']) === undefined)
    complain(world, 'a message without text: screen readers and phones have nothing to say')
  const metadata = metadataOf(args)
  return { text: text(args['text']), blocks, ...(metadata !== undefined && { metadata }) }
}

function metadataOf(args: Json): Json | undefined {
  const metadata = args['metadata']
  if (!isObject(metadata)) return undefined
  const { event_type: type, event_payload: payload } = metadata
  if (someText(type) === undefined || !isObject(payload)) throw new Refusal('invalid_metadata_format')
  if (JSON.stringify(metadata).length > 8000) throw new Refusal('metadata_too_large')
  return metadata
}

function threadOf(world: World, channelId: string, args: Json): string | undefined {
  const threadTs = someText(args['thread_ts'])
  if (threadTs === undefined) return undefined
  if (rootOf(world, channelId, threadTs) === undefined) throw new Refusal('cannot_reply_to_message')
  return threadTs
}

function ownMessage(world: World, args: Json, refusal: string): SlackMessage {
  const channel = visibleChannel(world, text(args['channel']))
  const ts = text(args['ts'])
  const message = messageAt(world, channel.id, ts)
  // An ephemeral message has a ts too, but for the Web API there is no such message.
  if (message === undefined) throw new Refusal('message_not_found')
  if (message.userId !== world.app.botUserId) throw new Refusal(refusal)
  return message
}

/** The link to a message, as people see it in the browser. */
function permalink(world: World, message: SlackMessage): string {
  const address = `https://${world.team.domain}.slack.com/archives/${message.channelId}/p${message.ts.replace('.', '')}`
  if (message.threadTs === undefined) return address
  return `${address}?thread_ts=${message.threadTs}&cid=${message.channelId}`
}
