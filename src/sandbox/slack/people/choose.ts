import type { Json } from '#src/sandbox/json.ts'
import { object, objects, text } from '#src/sandbox/json.ts'
import { startState } from '#src/sandbox/slack/views/elements.ts'
import { plainWords } from '#src/sandbox/slack/render/words.ts'

/** What a person can put into an element: text, a date, one or several values, or nothing. */
export type Choice = string | number | Date | readonly string[] | null

/** A person tried what Slack's client does not let them do. */
export class ClientRefusal extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'ClientRefusal'
  }
}

/**
 * The state of an element after a person chose something. Options are named by value or by the words on them. Throws
 * `ClientRefusal` for what the client does not offer.
 */
export function chosenState(element: Json, choice: Choice): Json {
  const start = startState(element)
  if (start === undefined) throw new ClientRefusal(`one cannot fill in a ${text(element['type'])}`)
  const rest = start['timezone'] === undefined ? {} : { timezone: start['timezone'] }
  return { type: start['type'], ...rest, ...chosen(element, choice) }
}

function chosen(element: Json, choice: Choice): Json {
  const type = text(element['type'])
  switch (type) {
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return { value: typedText(element, choice) }
    case 'rich_text_input':
      return { rich_text_value: choice === null ? null : richText(String(choice)) }
    case 'datepicker':
      return { selected_date: matching(choice, /^\d{4}-\d{2}-\d{2}$/u) }
    case 'timepicker':
      return { selected_time: matching(choice, /^\d{2}:\d{2}$/u) }
    case 'datetimepicker':
      return { selected_date_time: choice === null ? null : seconds(choice) }
    case 'static_select':
    case 'radio_buttons':
    case 'external_select':
      return { selected_option: choice === null ? null : optionOf(element, one(choice)) }
    case 'checkboxes':
    case 'multi_static_select':
    case 'multi_external_select':
      return { selected_options: several(element, choice).map((each) => optionOf(element, each)) }
    case 'users_select':
    case 'conversations_select':
    case 'channels_select':
      return { [`selected_${singular(type)}`]: choice === null ? null : one(choice) }
    case 'multi_users_select':
    case 'multi_conversations_select':
    case 'multi_channels_select':
      return { [`selected_${type.split('_')[1]}`]: several(element, choice) }
    default:
      throw new ClientRefusal(`one cannot fill in a ${type}`)
  }
}

function singular(type: string): string {
  return type.slice(0, type.indexOf('s_select'))
}

function one(choice: Choice): string {
  if (typeof choice === 'string') return choice
  throw new ClientRefusal('one picks a single thing here')
}

function several(element: Json, choice: Choice): readonly string[] {
  const items = choice === null ? [] : Array.isArray(choice) ? choice.map(String) : [String(choice)]
  const max = element['max_selected_items']
  if (typeof max === 'number' && items.length > max) throw new ClientRefusal(`one can pick ${max} at most`)
  return items
}

function typedText(element: Json, choice: Choice): string | null {
  if (choice === null || choice === '') return null
  const value = String(choice)
  const max = typeof element['max_length'] === 'number' ? element['max_length'] : 3000
  if (value.length > max) throw new ClientRefusal(`the field takes ${max} characters`)
  if (element['multiline'] !== true && value.includes('\n')) throw new ClientRefusal('the field has one line')
  return value
}

function matching(choice: Choice, pattern: RegExp): string | null {
  if (choice === null) return null
  if (typeof choice === 'string' && pattern.test(choice)) return choice
  throw new ClientRefusal(`the picker offers no ${String(choice)}`)
}

function seconds(choice: Choice): number {
  const value = choice instanceof Date ? Math.floor(choice.getTime() / 1000) : Number(choice)
  if (!Number.isSafeInteger(value)) throw new ClientRefusal('the picker offers whole seconds')
  return value
}

function richText(line: string): Json {
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: line }] }],
  }
}

/** The option of an element with this value, or with these words on it. Throws `ClientRefusal` when there is none. */
export function optionOf(element: Json, wanted: string): Json {
  const all = [
    ...objects(element['options']),
    ...objects(element['option_groups']).flatMap((group) => objects(group['options'])),
  ]
  const found =
    all.find((option) => option['value'] === wanted) ??
    all.find((option) => plainWords(object(option['text'])) === wanted)
  if (found !== undefined) return found
  const offered = all.map((option) => text(option['value'])).join(', ')
  throw new ClientRefusal(`${text(element['action_id'])} offers no ${wanted}, only ${offered}`)
}
