import { z } from 'zod'
import * as elements from '#src/sandbox/slack/blocks/elements.ts'
import { hasOnePicture, id, picture, plain, url, words } from '#src/sandbox/slack/blocks/parts.ts'
import { richText } from '#src/sandbox/slack/blocks/rich-text.ts'

const yes = z.boolean().optional()
const title = z.string().min(1).max(255)

const section = z
  .strictObject({
    type: z.literal('section'),
    block_id: id,
    text: words(3000).optional(),
    fields: z.array(words(2000)).min(1).max(10).optional(),
    accessory: elements.accessory.optional(),
    expand: yes,
  })
  .refine(
    (block) => block.text !== undefined || block.fields !== undefined,
    'must have one of text and fields',
  )

const image = z
  .strictObject({
    type: z.literal('image'),
    block_id: id,
    alt_text: z.string().min(1).max(2000),
    title: plain(2000).optional(),
    ...picture,
  })
  .refine(hasOnePicture, 'must have one of image_url and slack_file')

const actions = z.strictObject({
  type: z.literal('actions'),
  block_id: id,
  elements: z.array(elements.actionElement).min(1).max(25),
})

const context = z.strictObject({
  type: z.literal('context'),
  block_id: id,
  elements: z
    .array(z.discriminatedUnion('type', [...words(3000).options, elements.image]))
    .min(1)
    .max(10),
})

const divider = z.strictObject({ type: z.literal('divider'), block_id: id })
const header = z.strictObject({ type: z.literal('header'), block_id: id, text: plain(150) })

const input = z.strictObject({
  type: z.literal('input'),
  block_id: id,
  label: plain(2000),
  element: elements.inputElement,
  hint: plain(2000).optional(),
  optional: yes,
  dispatch_action: yes,
})

const taskCard = z.strictObject({
  type: z.literal('task_card'),
  block_id: id,
  task_id: title,
  title,
  details: richText.optional(),
  output: richText.optional(),
  sources: z.array(z.strictObject({ type: z.literal('url'), url, text: z.string().min(1) })).optional(),
  status: z.enum(['pending', 'in_progress', 'complete', 'error']),
})

const plan = z.strictObject({
  type: z.literal('plan'),
  block_id: id,
  title,
  tasks: z.array(taskCard).optional(),
})

const cell = z.discriminatedUnion('type', [
  richText,
  z.strictObject({ type: z.literal('raw_text'), text: z.string() }),
  z.strictObject({ type: z.literal('raw_number'), value: z.number(), text: z.string() }),
])
const rows = (max: number) => z.array(z.array(cell).min(1).max(20)).min(1).max(max)

const table = z.strictObject({
  type: z.literal('table'),
  block_id: id,
  rows: rows(100),
  column_settings: z
    .array(z.strictObject({ align: z.enum(['left', 'center', 'right']).optional(), is_wrapped: yes }))
    .max(20)
    .optional(),
})

const dataTable = z.strictObject({
  type: z.literal('data_table'),
  block_id: id,
  rows: rows(201),
  caption: z.string().min(1),
  page_size: z.int().min(1).max(100).optional(),
  row_header_column_index: z.int().min(0).optional(),
})

const card = z.strictObject({
  type: z.literal('card'),
  block_id: id,
  hero_image: elements.image.optional(),
  icon: elements.image.optional(),
  title: words(150).optional(),
  subtitle: words(150).optional(),
  body: words(200).optional(),
  actions: z.array(elements.buttonElement).min(1).max(3).optional(),
})

const container = z
  .strictObject({
    type: z.literal('container'),
    block_id: id,
    title: plain(150).optional(),
    rich_text_title: richText.optional(),
    subtitle: words(150).optional(),
    child_blocks: z
      .array(
        z.discriminatedUnion('type', [
          actions,
          context,
          divider,
          header,
          image,
          input,
          richText,
          section,
          table,
        ]),
      )
      .min(1)
      .max(10),
    width: z.enum(['narrow', 'standard', 'wide', 'full']).optional(),
    icon: elements.image.optional(),
    is_collapsible: yes,
    default_collapsed: yes,
    has_header_divider: yes,
  })
  .refine((block) => block.title !== undefined || block.rich_text_title !== undefined, 'must have a title')

/** All blocks this workspace knows, by type; docs.slack.dev, "Block Kit reference", and @slack/types 3.2. */
export const anyBlock = z.discriminatedUnion('type', [
  section,
  image,
  actions,
  context,
  divider,
  header,
  input,
  richText,
  taskCard,
  plan,
  table,
  dataTable,
  card,
  container,
  z.strictObject({ type: z.literal('markdown'), block_id: id, text: z.string().min(1).max(12_000) }),
  z.strictObject({
    type: z.literal('alert'),
    block_id: id,
    text: words(3000),
    level: z.enum(['default', 'info', 'warning', 'error', 'success']).optional(),
  }),
  z.strictObject({ type: z.literal('carousel'), block_id: id, elements: z.array(card).min(1).max(10) }),
  z.strictObject({
    type: z.literal('context_actions'),
    block_id: id,
    elements: z.array(elements.contextAction).min(1).max(5),
  }),
])
