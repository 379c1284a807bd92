import type { Json } from '#src/sandbox/json.ts'
import { object, objects, text } from '#src/sandbox/json.ts'
import { flag, type Html, html, nothing } from '#src/sandbox/slack/render/html/markup.ts'
import type { Eyes } from '#src/sandbox/slack/render/html/mentions.ts'
import { textHtml } from '#src/sandbox/slack/render/html/mrkdwn.ts'
import { type Option, optionsOf, pickedOf } from '#src/sandbox/slack/render/html/options.ts'
import { startState, type Values } from '#src/sandbox/slack/views/elements.ts'

/** Eyes on a form: also what was typed and picked, and what its ids begin with where several forms stand on one page. */
export interface FormEyes extends Eyes {
  readonly values: Values
  readonly scope?: string
}

/** Where an element stands. `input` is set in an input block, which has a label, and perhaps a hint and an error. */
export interface Place {
  readonly blockId: string
  readonly input?: {
    readonly isOptional: boolean
    readonly isWrong: boolean
    /** Ids of the hint and the error. */
    readonly describedBy: string
    readonly sendsOnEnter: boolean
  }
}

/** The id of the element that a label is for. */
export function fieldId(eyes: FormEyes, blockId: string, actionId: string): string {
  return [eyes.scope ?? '', blockId, actionId].map(encodeURIComponent).join('/')
}

/** Whether an element is a group of boxes, which a legend names and not a label. */
export function isGroup(element: Json): boolean {
  const type = text(element['type'])
  return type === 'checkboxes' || type === 'radio_buttons' || (type.startsWith('multi_') && !isLookedUp(type))
}

function isLookedUp(type: string): boolean {
  return type.endsWith('external_select')
}

interface Field extends Place {
  readonly type: string
  readonly element: Json
  readonly state: Json
  readonly id: string
  readonly placeholder: string
  /** What any control says of itself to scripts and to screen readers. */
  readonly marks: Html
}

/** An element with a state, as people see it and fill it in. */
export function fieldHtml(eyes: FormEyes, element: Json, place: Place): Html {
  const { blockId } = place
  const actionId = text(element['action_id'])
  const state = object(eyes.values[blockId]?.[actionId] ?? startState(element))
  const type = text(element['type'])
  const id = fieldId(eyes, blockId, actionId)
  const placeholder = text(object(element['placeholder'])['text'])
  const marks = marksOf(place, { type, actionId, placeholder, isAlone: !isGroup(element) })
  const field: Field = { ...place, type, element, state, id, placeholder, marks }
  if (isGroup(element)) return boxes(eyes, field)
  if (isLookedUp(type)) return lookUp(eyes, field)
  if (type.endsWith('_select')) return select(eyes, field)
  if (type === 'file_input') return files(field)
  return typed(eyes, field)
}

function marksOf(
  { blockId, input }: Place,
  about: {
    readonly type: string
    readonly actionId: string
    readonly placeholder: string
    readonly isAlone: boolean
  },
): Html {
  const { type, actionId, placeholder, isAlone } = about
  const describedBy = input?.describedBy ?? ''
  return html` data-block="${blockId}" data-action="${actionId}"
  data-kind="${type}"${
    input?.sendsOnEnter === true ? html` data-enter` : nothing
  }${input === undefined ? html` aria-label="${placeholder === '' ? actionId : placeholder}"` : nothing}${
    input?.isOptional === false && isAlone ? html` aria-required="true"` : nothing
  }${input?.isWrong === true && isAlone ? html` aria-invalid="true"` : nothing}${
    describedBy === '' || !isAlone ? nothing : html` aria-describedby="${describedBy}"`
  }`
}

function boxes(eyes: FormEyes, { element, state, id, marks }: Field): Html {
  const picked = new Set(pickedOf(eyes, state).map(({ value }) => value))
  const kind = element['type'] === 'radio_buttons' ? 'radio' : 'checkbox'
  const options = optionsOf(eyes, element).flatMap((group) => group.options)
  return html`<div class="boxes${options.length > 10 ? ' many' : ''}" id="${id}" ${marks}>
    ${options.map(
      (option, index) =>
        html`<label
          ><input
            type="${kind}"
            id="${id}/${index}"
            name="${id}"
            value="${option.value}"
            ${flag('checked', picked.has(option.value))}
          /><span
            >${textHtml(eyes, option.text)}${
              option.description === undefined
                ? nothing
                : html`<small>${textHtml(eyes, option.description)}</small>`
            }</span
          ></label
        >`,
    )}
  </div>`
}

function select(eyes: FormEyes, field: Field): Html {
  const picked = new Set(pickedOf(eyes, field.state).map(({ value }) => value))
  const mayBeEmpty = picked.size === 0 || field.input?.isOptional === true
  return html`<select id="${field.id}" name="${field.id}" ${field.marks}>
    ${mayBeEmpty ? html`<option value="" ${flag('selected', picked.size === 0)}>${field.placeholder}</option>` : nothing}${optionsOf(
      eyes,
      field.element,
    ).map(({ label, options }) => {
      const drawn = options.map((option) => optionHtml(option, picked.has(option.value)))
      return label === undefined ? html`${drawn}` : html`<optgroup label="${label}">${drawn}</optgroup>`
    })}
  </select>`
}

function optionHtml({ value, text: words }: Option, isPicked: boolean): Html {
  return html`<option value="${value}" ${flag('selected', isPicked)}>${text(words['text'])}</option>`
}

/** A menu whose options the app looks up: what was picked, and a list that whoever handles typing fills. */
function lookUp(eyes: FormEyes, field: Field): Html {
  const picked = pickedOf(eyes, field.state)
  const isMulti = field.type.startsWith('multi_')
  const words = picked.map(({ text: each }) => text(each['text']))
  return html`<div class="combo">
    ${isMulti && picked.length > 0 ? html`<div class="lines">${words.join(', ')}</div>` : nothing}<input
      class="field"
      type="text"
      role="combobox"
      autocomplete="off"
      aria-expanded="false"
      aria-autocomplete="list"
      aria-controls="${field.id}/list"
      id="${field.id}"
      value="${isMulti ? '' : words.join(', ')}"
      placeholder="${field.placeholder}"
      data-picked="${JSON.stringify(picked.map(({ value }) => value))}"
      ${field.marks}
    />
    <ul role="listbox" id="${field.id}/list" aria-label="What was found" hidden></ul>
  </div>`
}

function files({ id, element, state, marks }: Field): Html {
  const kinds = Array.isArray(element['filetypes'])
    ? element['filetypes'].map((kind) => `.${text(kind)}`)
    : []
  const names = objects(state['files']).map((file) => text(file['name']))
  return html`<input
      class="field"
      type="file"
      id="${id}"
      ${kinds.length === 0 ? nothing : html` accept="${kinds.join(',')}"`}
      ${element['max_files'] === 1 ? nothing : flag('multiple', true)}
      ${marks}
    />${names.length === 0 ? nothing : html`<div class="hint">Attached: ${names.join(', ')}</div>`}`
}

const inputTypes: Readonly<Record<string, string>> = {
  email_text_input: 'email',
  url_text_input: 'url',
  datepicker: 'date',
  timepicker: 'time',
}

function typed(eyes: Eyes, field: Field): Html {
  const { element, id, marks, placeholder, state, type } = field
  const shown = stateWords(eyes, state)
  const max =
    typeof element['max_length'] === 'number' ? html` maxlength="${element['max_length']}"` : nothing
  if (element['multiline'] === true || type === 'rich_text_input')
    return html`<textarea id="${id}" rows="3" placeholder="${placeholder}" ${max}${marks}>${shown}</textarea>`
  return html`<input
    class="field"
    type="${inputTypes[type] ?? 'text'}"
    ${type === 'number_input' ? html` inputmode="decimal"` : nothing}
    id="${id}"
    value="${shown}"
    placeholder="${placeholder}"
    ${flag('disabled', type === 'datetimepicker')}
    ${max}${marks}
  />`
}

function stateWords(eyes: Eyes, state: Json): string {
  const seconds = state['selected_date_time']
  if (typeof seconds === 'number')
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: eyes.tz,
      dateStyle: 'medium',
      timeStyle: 'short',
    }).format(new Date(seconds * 1000))
  return text(state['value'] ?? state['selected_date'] ?? state['selected_time'])
}
