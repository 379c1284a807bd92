import { complain } from '#src/sandbox/slack/calls.ts'
import { checkBlocks } from '#src/sandbox/slack/blocks/message.ts'
import type { Json } from '#src/sandbox/json.ts'
import { isObject, objects, someText, text } from '#src/sandbox/json.ts'
import { edit, post, remove, showOnlyTo } from '#src/sandbox/slack/messages.ts'
import { Refusal } from '#src/sandbox/slack/methods/method.ts'
import { words } from '#src/sandbox/slack/methods/facts.ts'
import { messageAt } from '#src/sandbox/slack/places.ts'
import type { Reply } from '#src/sandbox/slack/wire/reply.ts'
import type { ResponseUrl, SlackMessage, World } from '#src/sandbox/slack/world.ts'

/** Makes the URL under which the app may answer what a person just did. */
export function makeResponseUrl(
  world: World,
  options: { readonly userId: string; readonly channelId: string; readonly message?: SlackMessage },
): string {
  const word = world.ids.word()
  const { message } = options
  world.responseUrls.set(word, {
    word,
    userId: options.userId,
    channelId: options.channelId,
    madeAt: world.now(),
    uses: 0,
    message: message && {
      ts: message.ts,
      ephemeral: message.onlyFor !== undefined,
      threadTs: message.threadTs,
    },
  })
  const kind = message === undefined ? 'commands' : 'actions'
  return `${world.baseUrl}/${kind}/${world.team.id}/${word}`
}

const known = words(
  'text blocks response_type replace_original delete_original thread_ts metadata unfurl_links unfurl_media',
)

/** What Slack answers to a POST to a response_url: five uses in 30 minutes, then `used_url` or `expired_url`. */
export function answerResponseUrl(world: World, word: string, body: unknown): Reply {
  try {
    const url = world.responseUrls.get(word)
    if (url === undefined || world.now() - url.madeAt > world.limits.responseUrlMs)
      return refuse(404, 'expired_url')
    if (url.uses >= world.limits.responseUrlUses) return refuse(404, 'used_url')
    if (!isObject(body) || Object.keys(body).some((key) => !known.includes(key)))
      return refuse(400, 'invalid_payload')
    speak(world, url, body)
    world.responseUrls.set(word, { ...url, uses: url.uses + 1 })
    return { status: 200, body: { ok: true } }
  } catch (error) {
    if (error instanceof Refusal) return refuse(400, error.code, error.extra)
    throw error
  }
}

function refuse(status: number, error: string, extra: Json = {}): Reply {
  return { status, body: { ok: false, error, ...extra } }
}

function speak(world: World, url: ResponseUrl, body: Json): void {
  const original = originalOf(world, url)
  if (body['delete_original'] === true) {
    if (original !== undefined) remove(world, original)
    return
  }
  const content = { text: text(body['text']), blocks: objects(body['blocks']) }
  if (content.text === '' && content.blocks.length === 0) throw new Refusal('no_text')
  checkBlocks(world, body['blocks'])
  if (body['replace_original'] === true) {
    if (original !== undefined) return void edit(world, original, content)
    complain(world, 'replace_original, but there is nothing to replace: what a person typed stays')
  }
  const threadTs = someText(body['thread_ts']) ?? url.message?.threadTs
  const place = { ...content, channelId: url.channelId, userId: world.app.botUserId, threadTs }
  if (body['response_type'] === 'in_channel') post(world, place)
  else showOnlyTo(world, { ...place, person: url.userId })
}

function originalOf(world: World, url: ResponseUrl): SlackMessage | undefined {
  const { message } = url
  if (message === undefined) return undefined
  if (!message.ephemeral) return messageAt(world, url.channelId, message.ts)
  return world.ephemerals.find((each) => each.ts === message.ts && each.deletedAt === undefined)
}
