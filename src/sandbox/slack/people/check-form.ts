import type { Json } from '#src/sandbox/json.ts'
import { object, objects, text } from '#src/sandbox/json.ts'
import { isEmptyState } from '#src/sandbox/slack/views/elements.ts'
import type { View } from '#src/sandbox/slack/world.ts'

/** What the client finds wrong with a form before it sends it, by block_id; empty when it may go. */
export function formErrors(view: View): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {}
  for (const block of objects(view.content['blocks'])) {
    if (block['type'] !== 'input') continue
    const element = object(block['element'])
    const blockId = text(block['block_id'])
    const state = view.values[blockId]?.[text(element['action_id'])] ?? {}
    const wrong = isEmptyState(state) ? missing(block) : wrongValue(element, state)
    if (wrong !== undefined) errors[blockId] = wrong
  }
  return errors
}

function missing(block: Json): string | undefined {
  return block['optional'] === true ? undefined : 'Please complete this required field.'
}

function wrongValue(element: Json, state: Json): string | undefined {
  const value = text(state['value'])
  switch (element['type']) {
    case 'email_text_input':
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(value) ? undefined : 'Please enter a valid email address.'
    case 'url_text_input':
      return URL.canParse(value) ? undefined : 'Please enter a valid URL.'
    case 'number_input':
      return wrongNumber(element, value)
    case 'plain_text_input': {
      const min = element['min_length']
      return typeof min === 'number' && value.length < min
        ? `Please enter at least ${min} characters.`
        : undefined
    }
    default:
      return undefined
  }
}

function wrongNumber(element: Json, value: string): string | undefined {
  const number = Number(value)
  if (!Number.isFinite(number)) return 'Please enter a valid number.'
  if (element['is_decimal_allowed'] !== true && !Number.isInteger(number))
    return 'Please enter a whole number.'
  if (number < Number(element['min_value'] ?? -Infinity))
    return `Please enter at least ${text(element['min_value'])}.`
  if (number > Number(element['max_value'] ?? Infinity))
    return `Please enter at most ${text(element['max_value'])}.`
  return undefined
}
