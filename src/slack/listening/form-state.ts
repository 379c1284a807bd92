import { z } from 'zod'
import type { FormValues } from '#src/slack/context.ts'

const Option = z.object({ value: z.string() })

/** The parts of an element's state or of an action that carry what the person chose (facts: "view.state.values"). */
const ElementState = z.object({
  type: z.string(),
  value: z.string().nullish(),
  selected_option: Option.nullish(),
  selected_options: z.array(Option).nullish(),
  selected_user: z.string().nullish(),
  selected_users: z.array(z.string()).nullish(),
  selected_conversation: z.string().nullish(),
  selected_conversations: z.array(z.string()).nullish(),
  selected_channel: z.string().nullish(),
  selected_channels: z.array(z.string()).nullish(),
  selected_date: z.string().nullish(),
  selected_time: z.string().nullish(),
  selected_date_time: z.number().nullish(),
  rich_text_value: z.unknown().optional(),
  files: z.array(z.unknown()).nullish(),
})

/** What the person chose in one element, as `FormValues` tells. Undefined for nothing. */
export function readElement(raw: unknown): unknown {
  const read = ElementState.safeParse(raw)
  if (!read.success) return undefined
  const element = read.data
  switch (element.type) {
    case 'checkboxes':
    case 'multi_static_select':
    case 'multi_external_select':
      return (element.selected_options ?? []).map((option) => option.value)
    case 'radio_buttons':
    case 'static_select':
    case 'external_select':
    case 'overflow':
      return element.selected_option?.value
    case 'users_select':
      return element.selected_user ?? undefined
    case 'multi_users_select':
      return element.selected_users ?? []
    case 'conversations_select':
      return element.selected_conversation ?? undefined
    case 'multi_conversations_select':
      return element.selected_conversations ?? []
    case 'channels_select':
      return element.selected_channel ?? undefined
    case 'multi_channels_select':
      return element.selected_channels ?? []
    case 'datepicker':
      return element.selected_date ?? undefined
    case 'timepicker':
      return element.selected_time ?? undefined
    case 'datetimepicker':
      return element.selected_date_time ?? undefined
    case 'rich_text_input':
      return element.rich_text_value ?? undefined
    case 'file_input':
      return element.files ?? []
    default:
      if (element.value === null || element.value === '') return undefined
      // No database keeps a NUL in a text; the sign for an unreadable character is seen by whoever reads it.
      return element.value?.replaceAll('\0', '\uFFFD')
  }
}

/** Reads `view.state.values`: one element per block, so the block id alone is the key. */
export function readState(values: Readonly<Record<string, Readonly<Record<string, unknown>>>>): FormValues {
  return Object.fromEntries(
    Object.entries(values).map(([blockId, elements]) => [blockId, readElement(Object.values(elements)[0])]),
  )
}

/** `private_metadata` as it was put in by `modal`; undefined when empty or not JSON (it is untrusted). */
export function readMeta(text: string | undefined): unknown {
  if (text === undefined || text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
