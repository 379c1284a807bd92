import type { Json } from '#src/sandbox/json.ts'
import { isObject, object, objects, someText, strings, text } from '#src/sandbox/json.ts'
import { flag, type Html, html, nothing } from '#src/sandbox/slack/render/html/markup.ts'
import { anchor, type Eyes } from '#src/sandbox/slack/render/html/mentions.ts'
import { mrkdwnHtml } from '#src/sandbox/slack/render/html/mrkdwn.ts'
import { startState, type Values } from '#src/sandbox/slack/views/elements.ts'

/** Eyes on a form: also what was typed and picked. */
export interface FormEyes extends Eyes {
  readonly values: Values
}

/** A text object as HTML. */
export function textHtml(eyes: Eyes, textObject: unknown): Html {
  const { type, text: words } = object(textObject)
  return type === 'mrkdwn' ? mrkdwnHtml(eyes, text(words)) : html`<span class="lines">${text(words)}</span>`
}

/** An element as people see it. Its block_id, action_id and value stand in `data-` attributes. */
export function elementHtml(eyes: FormEyes, element: Json, blockId: string): Html {
  const type = text(element['type'])
  const actionId = text(element['action_id'])
  switch (type) {
    case 'button':
      return buttonHtml(element, blockId)
    case 'overflow':
      return html`<details class="menu">
        <summary aria-label="More actions">⋯</summary>
        <div>
          ${objects(element['options']).map(
            (option) =>
              html`<button
                type="button"
                data-block="${blockId}"
                data-action="${actionId}"
                data-option="${text(option['value'])}"
              >
                ${textHtml(eyes, option['text'])}
              </button>`,
          )}
        </div>
      </details>`
    case 'image':
      return html`<span class="image" role="img" aria-label="${text(element['alt_text'])}"></span>`
  }
  const state = object(eyes.values[blockId]?.[actionId] ?? startState(element))
  if (type === 'checkboxes' || type === 'radio_buttons') return boxes(eyes, element, blockId, state)
  if (type === 'static_select' || type === 'multi_static_select') return select(element, blockId, state)
  return field(eyes, element, blockId, state)
}

function buttonHtml(element: Json, blockId: string): Html {
  const style = someText(element['style'])
  const label = html`${text(object(element['text'])['text'])}`
  const spoken = someText(element['accessibility_label'])
  const url = someText(element['url'])
  const look = `button${style === 'primary' || style === 'danger' ? ` ${style}` : ''}`
  if (url !== undefined) return html`<span class="${look}">${anchor(url, label)}</span>`
  return html`<button
    type="button"
    class="${look}"
    ${spoken === undefined ? nothing : html` aria-label="${spoken}"`}
    data-block="${blockId}"
    data-action="${text(element['action_id'])}"
    data-value="${text(element['value'])}"
  >
    ${label}
  </button>`
}

function boxes(eyes: Eyes, element: Json, blockId: string, state: Json): Html {
  const picked = [state['selected_option'], ...objects(state['selected_options'])].filter(isObject)
  const values = new Set(picked.map((option) => option['value']))
  const kind = element['type'] === 'checkboxes' ? 'checkbox' : 'radio'
  const name = `${blockId}/${text(element['action_id'])}`
  return html`<div class="boxes">
    ${objects(element['options']).map(
      (option) =>
        html`<label
          ><input
            type="${kind}"
            name="${name}"
            value="${text(option['value'])}"
            ${flag('checked', values.has(option['value']))}
          /><span
            >${textHtml(eyes, option['text'])}${
              isObject(option['description'])
                ? html`<small>${textHtml(eyes, option['description'])}</small>`
                : nothing
            }</span
          ></label
        >`,
    )}
  </div>`
}

function select(element: Json, blockId: string, state: Json): Html {
  const picked = [state['selected_option'], ...objects(state['selected_options'])].filter(isObject)
  const values = new Set(picked.map((option) => option['value']))
  const grouped = objects(element['option_groups']).flatMap((group) => objects(group['options']))
  const placeholder = text(object(element['placeholder'])['text'])
  const empty = picked.length === 0 ? html`<option selected>${placeholder}</option>` : nothing
  return html`<select name="${blockId}/${text(element['action_id'])}">
    ${empty}${[...objects(element['options']), ...grouped].map(
      (option) =>
        html`<option value="${text(option['value'])}" ${flag('selected', values.has(option['value']))}>
          ${text(object(option['text'])['text'])}
        </option>`,
    )}
  </select>`
}

function field(eyes: Eyes, element: Json, blockId: string, state: Json): Html {
  const name = `${blockId}/${text(element['action_id'])}`
  const shown = stateWords(eyes, state)
  const placeholder = text(object(element['placeholder'])['text'])
  if (element['multiline'] === true)
    return html`<textarea name="${name}" rows="3" placeholder="${placeholder}">${shown}</textarea>`
  return html`<input
    class="field"
    type="text"
    name="${name}"
    value="${shown}"
    placeholder="${placeholder}"
  />`
}

function stateWords(eyes: Eyes, state: Json): string {
  const users = [someText(state['selected_user']), ...strings(state['selected_users'])].filter(
    (id) => id !== undefined,
  )
  if (users.length > 0) return users.map((id) => `@${eyes.world.users.get(id)?.name ?? id}`).join(', ')
  const options = [state['selected_option'], ...objects(state['selected_options'])].filter(isObject)
  if (options.length > 0) return options.map((option) => text(object(option['text'])['text'])).join(', ')
  const seconds = state['selected_date_time']
  if (typeof seconds === 'number')
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: eyes.tz,
      dateStyle: 'medium',
      timeStyle: 'short',
    }).format(new Date(seconds * 1000))
  const files = objects(state['files']).map((file) => text(file['name']))
  const plain = state['value'] ?? state['selected_date'] ?? state['selected_time']
  return files.length > 0 ? files.join(', ') : text(plain)
}
