import { acrossBlocks } from '#src/sandbox/slack/blocks/across.ts'
import { anyBlock } from '#src/sandbox/slack/blocks/blocks.ts'
import { asMessages, type Problem, problemsOf } from '#src/sandbox/slack/blocks/problems.ts'
import type { Json } from '#src/sandbox/json.ts'
import { isObject, objects, text } from '#src/sandbox/json.ts'
import { Refusal } from '#src/sandbox/slack/methods/method.ts'
import type { World } from '#src/sandbox/slack/world.ts'
import { z } from 'zod'

const messageBlocks = z.array(anyBlock).max(50)

/**
 * Refuses blocks that Slack would refuse in a message: `invalid_blocks_format`, `invalid_blocks` with a pointer for each
 * problem, or `msg_blocks_too_long`.
 */
export function checkBlocks(world: Pick<World, 'limits' | 'settings'>, blocks: unknown): void {
  if (blocks === undefined) return
  if (!Array.isArray(blocks)) throw new Refusal('invalid_blocks_format')
  const parsed = messageBlocks.safeParse(blocks, { reportInput: true })
  const shape = parsed.success ? [] : problemsOf(parsed.error.issues, '/blocks')
  const all = [
    ...shape,
    ...acrossBlocks(objects(blocks), 'V', '/blocks'),
    ...inMessage(world, objects(blocks)),
  ]
  if (all.length > 0) throw invalidBlocks(all)
  if (characters(blocks) > world.limits.blocksCharacters) throw new Refusal('msg_blocks_too_long')
}

function invalidBlocks(problems: readonly Problem[]): Refusal {
  const messages = asMessages(problems)
  return new Refusal('invalid_blocks', {
    errors: messages.map((message) => message.replace('[ERROR] ', '')),
    response_metadata: { messages },
  })
}

function inMessage(world: Pick<World, 'settings'>, blocks: readonly Json[]): readonly Problem[] {
  const count = (...types: readonly string[]): number =>
    blocks.filter((block) => types.includes(text(block['type']))).length
  const markdown = blocks
    .filter((block) => block['type'] === 'markdown')
    .map((block) => text(block['text']).length)
  const sentences = [
    count('plan') > 1 && 'only one plan allowed',
    count('table', 'data_table') > 1 && 'only one table allowed',
    markdown.reduce((sum, each) => sum + each, 0) > 12_000 &&
      'markdown blocks must be less than 12001 characters together',
    !world.settings.planBlocks && count('plan', 'task_card') > 0 && 'unsupported type',
  ]
  return sentences.filter((each) => each !== false).map((sentence) => ({ pointer: '/blocks', sentence }))
}

const shown = new Set(['text', 'title', 'alt_text', 'description'])

// The characters of all texts that people see.
function characters(value: unknown, key = ''): number {
  if (typeof value === 'string') return shown.has(key) ? value.length : 0
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + characters(each), 0)
  if (!isObject(value)) return 0
  return Object.entries(value).reduce((sum, [name, part]) => sum + characters(part, name), 0)
}
