import { objects, text } from '#src/sandbox/json.ts'
import { renderBlocks } from '#src/sandbox/slack/render/blocks.ts'
import type { Reader } from '#src/sandbox/slack/render/elements.ts'
import { renderMrkdwn } from '#src/sandbox/slack/render/mrkdwn.ts'
import { plainWords } from '#src/sandbox/slack/render/words.ts'
import { object } from '#src/sandbox/json.ts'
import type { SlackMessage, View, World } from '#src/sandbox/slack/world.ts'

/** How to read. */
export interface ReadingOptions {
  /** The reader's time zone; default UTC. */
  readonly tz?: string
  /** Also the top-level text, which screen readers and phones read, where a message has blocks. */
  readonly withText?: boolean
}

/** Messages as people read them, one below the other, replies indented. */
export function renderMessages(
  world: World,
  messages: readonly SlackMessage[],
  options: ReadingOptions = {},
): string {
  return messages.map((message) => renderMessage(world, message, options)).join('\n')
}

/** Replies directly below their message; the rest in order. */
export function grouped(messages: readonly SlackMessage[]): readonly SlackMessage[] {
  const roots = messages.filter((message) => message.threadTs === undefined)
  return roots.flatMap((root) => [root, ...messages.filter((message) => message.threadTs === root.ts)])
}

/** One message: who, when, what it says, buttons as `[Label]`. */
function renderMessage(world: World, message: SlackMessage, options: ReadingOptions = {}): string {
  const tz = options.tz ?? 'Etc/UTC'
  const reader: Reader = { world, tz, values: {} }
  const words = renderMrkdwn(world, message.text, tz).split('\n')
  const lines = [
    ...(message.blocks.length === 0 ? words : renderBlocks(reader, message.blocks)),
    ...(options.withText === true && message.blocks.length > 0 ? words.map((line) => `« ${line} »`) : []),
    ...message.files.map((file) => `(file: ${file.name}, ${file.bytes.length} bytes)`),
  ]
  const indent = message.threadTs === undefined ? '' : '    '
  return [head(world, message), ...lines.map((line) => `  ${line}`)]
    .map((line) => `${indent}${line}`.trimEnd())
    .join('\n')
}

function head(world: World, message: SlackMessage): string {
  const name = world.users.get(message.userId)?.name ?? message.userId
  const only =
    message.onlyFor === undefined
      ? ''
      : ` (only visible to @${world.users.get(message.onlyFor)?.name ?? message.onlyFor})`
  return `${name}${only}${message.edits.length > 0 ? ' (edited)' : ''}:`
}

/** A modal or Home tab as its person sees it, with what was typed and the sentences under inputs. */
export function renderView(world: World, view: View, tz = 'Etc/UTC'): string {
  const reader: Reader = { world, tz, values: view.values }
  const lines = objects(view.content['blocks']).flatMap((block) => {
    const error = view.errors[text(block['block_id'])]
    return [...renderBlocks(reader, [block]), ...(error === undefined ? [] : [`  ⚠ ${error}`])]
  })
  if (view.kind === 'home') return lines.join('\n')
  const buttons = [view.content['close'] ?? { text: 'Cancel' }, view.content['submit']]
    .filter((each) => each !== undefined)
    .map((each) => `[${plainWords(object(each))}]`)
  return [`== ${plainWords(object(view.content['title']))} ==`, ...lines, buttons.join(' ')].join('\n')
}
