import type { Json } from '#src/sandbox/json.ts'
import { object, objects, someText, strings, text } from '#src/sandbox/json.ts'

/** An element with a state, and where it stands. */
export interface Placed {
  readonly block: Json
  readonly blockId: string
  readonly element: Json
  readonly actionId: string
}

/** All interactive elements of blocks, buttons and menus too, in the order people see them. */
export function elementsOf(blocks: readonly Json[]): readonly Placed[] {
  return blocks.flatMap((block) =>
    candidates(block)
      .filter((element) => someText(element['action_id']) !== undefined)
      .map((element) => ({
        block,
        blockId: text(block['block_id']),
        element,
        actionId: text(element['action_id']),
      })),
  )
}

function candidates(block: Json): readonly Json[] {
  switch (block['type']) {
    case 'actions':
    case 'context_actions':
      return objects(block['elements'])
    case 'card':
      return objects(block['actions'])
    case 'carousel':
      return objects(block['elements']).flatMap(candidates)
    case 'container':
      return objects(block['child_blocks']).flatMap(candidates)
    case 'input':
      return [object(block['element'])]
    default:
      return [object(block['accessory'])]
  }
}

type Start = (element: Json) => Json

const selectedOption: Start = (element) => ({ selected_option: element['initial_option'] ?? null })
const selectedOptions: Start = (element) => ({ selected_options: objects(element['initial_options']) })
const value: Start = (element) => ({ value: someText(element['initial_value']) ?? null })
const one =
  (from: string, to: string): Start =>
  (element) => ({ [to]: someText(element[from]) ?? null })
const many =
  (from: string, to: string): Start =>
  (element) => ({ [to]: strings(element[from]) })

/** What an element's state is before anybody touches it, by type; docs.slack.dev, "view submission payload". */
const starts: Readonly<Record<string, Start>> = {
  plain_text_input: value,
  email_text_input: value,
  url_text_input: value,
  number_input: value,
  rich_text_input: (element) => ({ rich_text_value: element['initial_value'] ?? null }),
  datepicker: one('initial_date', 'selected_date'),
  timepicker: (element) => ({
    selected_time: someText(element['initial_time']) ?? null,
    ...(element['timezone'] !== undefined && { timezone: element['timezone'] }),
  }),
  datetimepicker: (element) => ({ selected_date_time: element['initial_date_time'] ?? null }),
  checkboxes: selectedOptions,
  multi_static_select: selectedOptions,
  multi_external_select: selectedOptions,
  radio_buttons: selectedOption,
  static_select: selectedOption,
  external_select: selectedOption,
  users_select: one('initial_user', 'selected_user'),
  conversations_select: one('initial_conversation', 'selected_conversation'),
  channels_select: one('initial_channel', 'selected_channel'),
  multi_users_select: many('initial_users', 'selected_users'),
  multi_conversations_select: many('initial_conversations', 'selected_conversations'),
  multi_channels_select: many('initial_channels', 'selected_channels'),
  file_input: () => ({ files: [] }),
}

/** The state of an untouched element, with its type; undefined for elements without one (buttons, menus). */
export function startState(element: Json): Json | undefined {
  const type = text(element['type'])
  const start = starts[type]
  return start === undefined ? undefined : { type, ...start(element) }
}

/** `state.values`: block_id, action_id, state. */
export type Values = Readonly<Record<string, Readonly<Record<string, Json>>>>

/** The values of blocks; what was typed before stays where block_id, action_id and type are the same. */
export function valuesOf(blocks: readonly Json[], before: Values = {}): Values {
  const values: Record<string, Record<string, Json>> = {}
  for (const { blockId, actionId, element } of elementsOf(blocks)) {
    const start = startState(element)
    if (start === undefined) continue
    const kept = before[blockId]?.[actionId]
    const keeps = kept !== undefined && kept['type'] === start['type']
    values[blockId] = { ...values[blockId], [actionId]: keeps ? kept : start }
  }
  return values
}

/** Whether a state says nothing: no text, nothing picked. */
export function isEmptyState(state: Json): boolean {
  return Object.entries(state).every(
    ([key, part]) =>
      key === 'type' ||
      key === 'timezone' ||
      part === null ||
      part === '' ||
      (Array.isArray(part) && part.length === 0),
  )
}
