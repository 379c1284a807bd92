import { z } from 'zod'

/** A `plain_text` object of 1 to `max` characters. */
export const plain = (max: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(max),
    emoji: z.boolean().optional(),
  })

const mrkdwn = (max: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(max),
    verbatim: z.boolean().optional(),
  })

/** A text object of either kind, of 1 to `max` characters. */
export const words = (max: number) => z.discriminatedUnion('type', [plain(max), mrkdwn(max)])

/** `action_id` and `block_id`. */
export const id = z.string().min(1).max(255).optional()

/** A URL of at most 3000 characters. */
export const url = z
  .string()
  .max(3000)
  .refine((value) => URL.canParse(value), 'must be a valid URL')

/** The question before a click counts. */
export const confirm = z.strictObject({
  title: plain(100).optional(),
  text: plain(300),
  confirm: plain(30).optional(),
  deny: plain(30).optional(),
  style: z.enum(['primary', 'danger']).optional(),
})

const value = z.string().min(1).max(150)

/** Something to pick in a menu. */
export const option = z.strictObject({ text: plain(75), value, description: plain(75).optional() })

/** Something to tick; its text may be mrkdwn. */
export const choice = z.strictObject({ text: words(75), value, description: words(75).optional() })

/** Something to pick in an overflow menu; it may lead to a URL. */
export const overflowOption = z.strictObject({
  text: plain(75),
  value,
  description: plain(75).optional(),
  url: url.optional(),
})

/** Options under a heading. */
export const optionGroup = z.strictObject({ label: plain(75), options: z.array(option).min(1).max(100) })

/** When a text input tells the app. */
export const dispatchConfig = z.strictObject({
  trigger_actions_on: z
    .array(z.enum(['on_enter_pressed', 'on_character_entered']))
    .min(1)
    .max(2),
})

/** Where a picture is: its URL, or a file in Slack. */
export const picture = {
  image_url: url.optional(),
  slack_file: z.strictObject({ id: z.string().optional(), url: url.optional() }).optional(),
}

/** What every kind of picture must fulfil. */
export function hasOnePicture(image: {
  readonly image_url?: unknown
  readonly slack_file?: unknown
}): boolean {
  return (image.image_url === undefined) !== (image.slack_file === undefined)
}
