import { z } from 'zod'
import { id, url } from '#src/sandbox/slack/blocks/parts.ts'

const style = z
  .strictObject({
    bold: z.boolean().optional(),
    italic: z.boolean().optional(),
    strike: z.boolean().optional(),
    code: z.boolean().optional(),
    underline: z.boolean().optional(),
    highlight: z.boolean().optional(),
    client_highlight: z.boolean().optional(),
    unlink: z.boolean().optional(),
  })
  .optional()

const word = z.string().min(1)

const element = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: word, style }),
  z.strictObject({
    type: z.literal('link'),
    url,
    text: z.string().optional(),
    unsafe: z.boolean().optional(),
    style,
  }),
  z.strictObject({ type: z.literal('user'), user_id: word, style }),
  z.strictObject({ type: z.literal('usergroup'), usergroup_id: word, style }),
  z.strictObject({ type: z.literal('channel'), channel_id: word, style }),
  z.strictObject({ type: z.literal('team'), team_id: word, style }),
  z.strictObject({ type: z.literal('broadcast'), range: z.enum(['here', 'channel', 'everyone']), style }),
  z.strictObject({ type: z.literal('emoji'), name: word, unicode: z.string().optional(), style }),
  z.strictObject({ type: z.literal('color'), value: word, style }),
  z.strictObject({
    type: z.literal('date'),
    timestamp: z.int(),
    format: word,
    url: url.optional(),
    fallback: z.string().optional(),
    style,
  }),
])

const border = z.int().min(0).max(1).optional()
const section = z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(element) })

/** Formatted text as a block, and as details and output of task cards. */
export const richText = z.strictObject({
  type: z.literal('rich_text'),
  block_id: id,
  elements: z
    .array(
      z.discriminatedUnion('type', [
        section,
        z.strictObject({
          type: z.literal('rich_text_list'),
          style: z.enum(['bullet', 'ordered']),
          elements: z.array(section).min(1),
          indent: z.int().min(0).max(8).optional(),
          offset: z.int().min(0).optional(),
          border,
        }),
        z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(element), border }),
        z.strictObject({
          type: z.literal('rich_text_preformatted'),
          elements: z.array(element),
          border,
          language: z.string().optional(),
        }),
      ]),
    )
    .min(1),
})
