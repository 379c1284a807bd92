import type { Json } from '#src/sandbox/json.ts'
import { isObject, object, objects, someText, strings, text } from '#src/sandbox/json.ts'
import type { Eyes } from '#src/sandbox/slack/render/html/mentions.ts'

/** One thing to pick; texts are text objects. */
export interface Option {
  readonly value: string
  readonly text: Json
  readonly description?: Json | undefined
}

/** What a menu offers, in groups where it has them: the app's own options, or people and channels of the workspace. */
export function optionsOf(
  eyes: Eyes,
  element: Json,
): readonly { readonly label?: string; readonly options: readonly Option[] }[] {
  const type = text(element['type'])
  if (type.endsWith('users_select')) return [{ options: people(eyes) }]
  if (type.endsWith('conversations_select') || type.endsWith('channels_select'))
    return [{ options: channels(eyes) }]
  const groups = objects(element['option_groups']).map((group) => ({
    label: text(object(group['label'])['text']),
    options: objects(group['options']).map(optionOf),
  }))
  return [{ options: objects(element['options']).map(optionOf) }, ...groups]
}

/** What is picked, by an element's state. */
export function pickedOf(eyes: Eyes, state: Json): readonly Option[] {
  const options = [state['selected_option'], ...objects(state['selected_options'])].filter(isObject)
  const users = [someText(state['selected_user']), ...strings(state['selected_users'])].filter(isText)
  const places = ['conversation', 'channel'].flatMap((kind) =>
    [someText(state[`selected_${kind}`]), ...strings(state[`selected_${kind}s`])].filter(isText),
  )
  return [
    ...options.map(optionOf),
    ...users.map((id) => named(id, eyes.world.users.get(id)?.realName ?? id)),
    ...places.map((id) => named(id, `#${eyes.world.channels.get(id)?.name ?? id}`)),
  ]
}

function isText(value: string | undefined): value is string {
  return value !== undefined
}

function optionOf(option: Json): Option {
  return {
    value: text(option['value']),
    text: object(option['text']),
    ...(isObject(option['description']) && { description: option['description'] }),
  }
}

function named(value: string, words: string): Option {
  return { value, text: { type: 'plain_text', text: words } }
}

function people(eyes: Eyes): readonly Option[] {
  return [...eyes.world.users.values()]
    .filter((user) => !user.isBot && !user.deleted && user.email !== undefined)
    .map((user) => named(user.id, `${user.realName} (@${user.name})`))
}

function channels(eyes: Eyes): readonly Option[] {
  return [...eyes.world.channels.values()]
    .filter((channel) => channel.kind !== 'im')
    .map((channel) => named(channel.id, `#${channel.name}`))
}
