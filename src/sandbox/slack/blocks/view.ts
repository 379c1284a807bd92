import { acrossBlocks } from '#src/sandbox/slack/blocks/across.ts'
import { anyBlock } from '#src/sandbox/slack/blocks/blocks.ts'
import { plain } from '#src/sandbox/slack/blocks/parts.ts'
import { asMessages, type Problem, problemsOf } from '#src/sandbox/slack/blocks/problems.ts'
import type { Json } from '#src/sandbox/json.ts'
import { objects } from '#src/sandbox/json.ts'
import { Refusal } from '#src/sandbox/slack/methods/method.ts'
import { z } from 'zod'

const common = {
  blocks: z.array(anyBlock).max(100),
  private_metadata: z.string().max(3000).optional(),
  callback_id: z.string().max(255).optional(),
  external_id: z.string().max(255).optional(),
}

const views = {
  modal: z.strictObject({
    type: z.literal('modal'),
    title: plain(24),
    submit: plain(24).optional(),
    close: plain(24).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    submit_disabled: z.boolean().optional(),
    ...common,
  }),
  home: z.strictObject({ type: z.literal('home'), ...common }),
}

const largest = 250_000

/** Refuses a view that Slack would refuse: `view_too_large`, or `invalid_arguments` with a pointer for each problem. */
export function checkView(view: Json, kind: 'modal' | 'home'): void {
  if (Buffer.byteLength(JSON.stringify(view)) > largest) throw new Refusal('view_too_large')
  const parsed = views[kind].safeParse(view, { reportInput: true })
  const shape = parsed.success ? [] : problemsOf(parsed.error.issues, '/view')
  const blocks = objects(view['blocks'])
  const all: readonly Problem[] = [
    ...shape,
    ...acrossBlocks(blocks, kind === 'modal' ? 'M' : 'H', '/view/blocks'),
    ...(kind === 'modal' ? withoutSubmit(view, blocks) : []),
  ]
  if (all.length > 0)
    throw new Refusal('invalid_arguments', { response_metadata: { messages: asMessages(all) } })
}

function withoutSubmit(view: Json, blocks: readonly Json[]): readonly Problem[] {
  if (view['submit'] !== undefined || blocks.every((block) => block['type'] !== 'input')) return []
  return [
    { pointer: '/view/submit', sentence: 'missing required field: a modal with input blocks needs submit' },
  ]
}
