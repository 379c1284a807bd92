import type { AnyBlock, ModalView } from '#src/slack/context.ts'
import { plainSection } from '#src/slack/block-kit/blocks.ts'
import { limits } from '#src/slack/block-kit/limits.ts'
import { plain } from '#src/slack/text.ts'

/**
 * A form. `id` is its `callback_id`, `meta` goes into `private_metadata` as JSON (an id; at most 3,000 characters, throws
 * over that). Without `submit` it has no button, and then it may hold no input.
 */
export function modal(options: {
  readonly id: string
  readonly title: string
  readonly blocks: readonly AnyBlock[]
  readonly submit?: string | undefined
  readonly close?: string | undefined
  readonly meta?: unknown
}): ModalView {
  const meta = options.meta === undefined ? undefined : JSON.stringify(options.meta)
  if (meta !== undefined && meta.length > limits.privateMetadata)
    throw new Error(`private_metadata of ${options.id} would be ${meta.length} characters`)
  return {
    type: 'modal',
    callback_id: options.id,
    title: plain(options.title, limits.modalTitle),
    blocks: options.blocks.slice(0, limits.modalBlocks),
    close: plain(options.close ?? (options.submit === undefined ? 'Close' : 'Cancel'), limits.modalTitle),
    ...(options.submit !== undefined && { submit: plain(options.submit, limits.modalTitle) }),
    ...(meta !== undefined && { private_metadata: meta }),
  }
}

/** The `callback_id` of forms that only say something. */
export const noticeId = 'notice'

/** A form that only says something. */
export function notice(title: string, sentence: string): ModalView {
  return modal({ id: noticeId, title, blocks: [plainSection(sentence)] })
}
