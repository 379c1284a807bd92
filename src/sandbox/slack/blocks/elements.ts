import { z } from 'zod'
import * as parts from '#src/sandbox/slack/blocks/parts.ts'
import { richText } from '#src/sandbox/slack/blocks/rich-text.ts'

const { id, plain } = parts
const yes = z.boolean().optional()
const confirm = parts.confirm.optional()
const placeholder = plain(150).optional()
const focusable = { focus_on_load: yes }
const menu = { action_id: id, confirm, placeholder, ...focusable }
const maxSelected = { max_selected_items: z.int().min(1).optional() }
const label = { accessibility_label: z.string().max(75).optional() }
const style = z.enum(['primary', 'danger']).optional()
const name = z.string().min(1)

const filter = z
  .strictObject({
    include: z
      .array(z.enum(['im', 'mpim', 'private', 'public']))
      .min(1)
      .optional(),
    exclude_external_shared_channels: yes,
    exclude_bot_users: yes,
  })
  .optional()

const staticOptions = {
  options: z.array(parts.option).min(1).max(100).optional(),
  option_groups: z.array(parts.optionGroup).min(1).max(100).optional(),
}
const conversations = { default_to_current_conversation: yes, filter }

const button = z.strictObject({
  type: z.literal('button'),
  action_id: id,
  text: plain(75),
  value: z.string().max(2000).optional(),
  url: parts.url.optional(),
  style,
  confirm,
  ...label,
})

const overflow = z.strictObject({
  type: z.literal('overflow'),
  action_id: id,
  options: z.array(parts.overflowOption).min(1).max(5),
  confirm,
})

const choices = { action_id: id, options: z.array(parts.choice).min(1).max(10), confirm, ...focusable }

const pickers = [
  z.strictObject({
    type: z.literal('checkboxes'),
    ...choices,
    initial_options: z.array(parts.choice).min(1).optional(),
  }),
  z.strictObject({ type: z.literal('radio_buttons'), ...choices, initial_option: parts.choice.optional() }),
  z.strictObject({
    type: z.literal('static_select'),
    ...menu,
    ...staticOptions,
    initial_option: parts.option.optional(),
  }),
  z.strictObject({
    type: z.literal('multi_static_select'),
    ...menu,
    ...maxSelected,
    ...staticOptions,
    initial_options: z.array(parts.option).min(1).optional(),
  }),
  z.strictObject({
    type: z.literal('external_select'),
    ...menu,
    initial_option: parts.option.optional(),
    min_query_length: z.int().min(0).optional(),
  }),
  z.strictObject({
    type: z.literal('multi_external_select'),
    ...menu,
    ...maxSelected,
    initial_options: z.array(parts.option).min(1).optional(),
    min_query_length: z.int().min(0).optional(),
  }),
  z.strictObject({ type: z.literal('users_select'), ...menu, initial_user: name.optional() }),
  z.strictObject({
    type: z.literal('multi_users_select'),
    ...menu,
    ...maxSelected,
    initial_users: z.array(name).min(1).optional(),
  }),
  z.strictObject({
    type: z.literal('conversations_select'),
    ...menu,
    ...conversations,
    initial_conversation: name.optional(),
    response_url_enabled: yes,
  }),
  z.strictObject({
    type: z.literal('multi_conversations_select'),
    ...menu,
    ...maxSelected,
    ...conversations,
    initial_conversations: z.array(name).min(1).optional(),
  }),
  z.strictObject({
    type: z.literal('channels_select'),
    ...menu,
    initial_channel: name.optional(),
    response_url_enabled: yes,
  }),
  z.strictObject({
    type: z.literal('multi_channels_select'),
    ...menu,
    ...maxSelected,
    initial_channels: z.array(name).min(1).optional(),
  }),
  z.strictObject({
    type: z.literal('datepicker'),
    ...menu,
    initial_date: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/u)
      .optional(),
  }),
  z.strictObject({
    type: z.literal('timepicker'),
    ...menu,
    initial_time: z
      .string()
      .regex(/^\d{2}:\d{2}$/u)
      .optional(),
    timezone: name.optional(),
  }),
] as const

const datetimepicker = z.strictObject({
  type: z.literal('datetimepicker'),
  action_id: id,
  confirm,
  ...focusable,
  initial_date_time: z.int().min(1_000_000_000).max(9_999_999_999).optional(),
})

const typing = {
  action_id: id,
  placeholder,
  dispatch_action_config: parts.dispatchConfig.optional(),
  ...focusable,
}
const numeral = z
  .string()
  .refine((value) => value !== '' && Number.isFinite(Number(value)), 'must be a number')

const richTextInput = z.strictObject({
  type: z.literal('rich_text_input'),
  ...typing,
  initial_value: richText.optional(),
  min_length: z.int().min(0).max(3000).optional(),
  max_length: z.int().min(1).max(3000).optional(),
})

const inputs = [
  z.strictObject({
    type: z.literal('plain_text_input'),
    ...typing,
    initial_value: z.string().max(3000).optional(),
    multiline: yes,
    min_length: z.int().min(0).max(3000).optional(),
    max_length: z.int().min(1).max(3000).optional(),
  }),
  z.strictObject({ type: z.literal('email_text_input'), ...typing, initial_value: z.string().optional() }),
  z.strictObject({ type: z.literal('url_text_input'), ...typing, initial_value: z.string().optional() }),
  z.strictObject({
    type: z.literal('number_input'),
    ...typing,
    is_decimal_allowed: z.boolean(),
    initial_value: numeral.optional(),
    min_value: numeral.optional(),
    max_value: numeral.optional(),
  }),
  z.strictObject({
    type: z.literal('file_input'),
    action_id: id,
    filetypes: z.array(name).min(1).optional(),
    max_files: z.int().min(1).max(10).optional(),
  }),
] as const

/** A small picture beside or between words. */
export const image = z
  .strictObject({ type: z.literal('image'), alt_text: z.string().min(1).max(2000), ...parts.picture })
  .refine(parts.hasOnePicture, 'must have one of image_url and slack_file')

/** A button; cards have only these. */
export const buttonElement = button

/** What may stand beside a section's text. */
export const accessory = z.discriminatedUnion('type', [button, overflow, image, ...pickers])

/** What may stand in a row of actions. */
export const actionElement = z.discriminatedUnion('type', [
  button,
  overflow,
  datetimepicker,
  richTextInput,
  ...pickers,
])

/** What may stand in an input block. */
export const inputElement = z.discriminatedUnion('type', [
  datetimepicker,
  richTextInput,
  ...inputs,
  ...pickers,
])

const feedback = z.strictObject({ text: plain(75), value: z.string().max(2000), ...label })

/** What may stand in a row of context actions. */
export const contextAction = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('feedback_buttons'),
    action_id: id,
    positive_button: feedback,
    negative_button: feedback,
  }),
  z.strictObject({
    type: z.literal('icon_button'),
    action_id: id,
    icon: name,
    text: plain(75),
    value: z.string().max(2000).optional(),
    visible_to_user_ids: z.array(name).optional(),
    confirm,
    ...label,
  }),
])
