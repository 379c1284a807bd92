import type { Json } from '#src/sandbox/json.ts'
import { isObject, object, objects, someText, strings, text } from '#src/sandbox/json.ts'
import { renderMrkdwn } from '#src/sandbox/slack/render/mrkdwn.ts'
import { startState, type Values } from '#src/sandbox/slack/views/elements.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** What rendering needs to know besides the blocks. */
export interface Reader {
  readonly world: World
  /** The reader's zone, e.g. `Europe/Berlin`. */
  readonly tz: string
  /** What was typed and picked, for forms. */
  readonly values: Values
}

/** The words of a text object as people read them. */
export function renderText(reader: Reader, textObject: unknown): string {
  const { type, text: words } = object(textObject)
  return type === 'mrkdwn' ? renderMrkdwn(reader.world, text(words), reader.tz) : text(words)
}

/** An element as one word or more: `[Approve]`, `( no end ▾ )`, `[x] corp-ad`. */
export function renderElement(reader: Reader, element: Json, blockId: string): string {
  const type = text(element['type'])
  if (type === 'button') return `[${renderText(reader, element['text'])}]`
  if (type === 'overflow')
    return `[⋯ ${objects(element['options'])
      .map((option) => renderText(reader, option['text']))
      .join(' | ')}]`
  if (type === 'image') return `(picture: ${text(element['alt_text'])})`
  const state = reader.values[blockId]?.[text(element['action_id'])] ?? startState(element)
  if (type === 'checkboxes' || type === 'radio_buttons') return ticks(reader, element, object(state))
  const shown = stateWords(reader, object(state))
  return `( ${shown === '' ? placeholder(reader, element) : shown}${type.endsWith('select') ? ' ▾' : ''} )`
}

function placeholder(reader: Reader, element: Json): string {
  const words = renderText(reader, element['placeholder'])
  return words === '' ? '…' : words
}

function ticks(reader: Reader, element: Json, state: Json): string {
  const picked = [state['selected_option'], ...objects(state['selected_options'])].filter(isObject)
  const values = picked.map((option) => option['value'])
  return objects(element['options'])
    .map((option) => {
      const sign = values.includes(option['value']) ? '[x]' : '[ ]'
      const description = renderText(reader, option['description'])
      return `${sign} ${renderText(reader, option['text'])}${description === '' ? '' : ` (${description})`}`
    })
    .join('\n')
}

function stateWords(reader: Reader, state: Json): string {
  const options = [state['selected_option'], ...objects(state['selected_options'])].filter(isObject)
  if (options.length > 0) return options.map((option) => renderText(reader, option['text'])).join(', ')
  const users = [someText(state['selected_user']), ...strings(state['selected_users'])].filter(
    (id) => id !== undefined,
  )
  if (users.length > 0) return users.map((id) => `@${reader.world.users.get(id)?.name ?? id}`).join(', ')
  const seconds = state['selected_date_time']
  if (typeof seconds === 'number') return new Date(seconds * 1000).toISOString()
  const plain =
    state['value'] ?? state['selected_date'] ?? state['selected_time'] ?? state['selected_channel']
  const files = objects(state['files']).map((file) => text(file['name']))
  return files.length > 0 ? files.join(', ') : text(plain ?? state['selected_conversation'])
}
