import type { types } from '@slack/bolt'
import { limits } from '#src/slack/block-kit/limits.ts'
import { cut, mrkdwn, plain } from '#src/slack/text.ts'

/** One thing to pick. `value` is an id of at most 150 characters; over that Slack refuses the block. */
export interface Choice {
  readonly value: string
  readonly text: string
  readonly description?: string | undefined
}

/** The question Slack asks before a click counts. */
export interface Confirm {
  readonly title: string
  readonly text: string
  readonly yes: string
  readonly no: string
  readonly danger?: boolean
}

function confirmDialog(confirm: Confirm): types.ConfirmationDialog {
  return {
    title: plain(confirm.title, limits.confirmTitle),
    text: plain(confirm.text, limits.confirmText),
    confirm: plain(confirm.yes, limits.confirmButton),
    deny: plain(confirm.no, limits.confirmButton),
    ...(confirm.danger === true && { style: 'danger' as const }),
  }
}

/** A button. `id` is the `action_id`; `value` an id only; `spoken` says the object too ("Approve T-4F7K2"). */
export function button(options: {
  readonly id: string
  readonly text: string
  readonly value?: string | undefined
  readonly url?: string | undefined
  readonly style?: 'primary' | 'danger' | undefined
  readonly spoken?: string | undefined
  readonly confirm?: Confirm | undefined
}): types.Button {
  return {
    type: 'button',
    action_id: options.id,
    text: plain(options.text, limits.buttonText),
    ...(options.value !== undefined && { value: options.value }),
    ...(options.url !== undefined && { url: options.url }),
    ...(options.style !== undefined && { style: options.style }),
    ...(options.spoken !== undefined && {
      accessibility_label: cut(options.spoken, limits.accessibilityLabel),
    }),
    ...(options.confirm !== undefined && { confirm: confirmDialog(options.confirm) }),
  }
}

function plainOption(choice: Choice): types.PlainTextOption {
  return {
    value: choice.value,
    text: plain(choice.text, limits.optionText),
    ...(choice.description !== undefined && { description: plain(choice.description, limits.optionText) }),
  }
}

// Radio buttons and checkboxes take mrkdwn (their descriptions do not), and its cut must not break markup.
function richOption(choice: Choice): types.MrkdwnOption {
  return {
    value: choice.value,
    text: mrkdwn(choice.text, limits.optionText),
    ...(choice.description !== undefined && { description: plain(choice.description, limits.optionText) }),
  }
}

/** The ⋯ menu: one to five choices. */
export function overflow(options: {
  readonly id: string
  readonly choices: readonly Choice[]
  readonly confirm?: Confirm | undefined
}): types.Overflow {
  return {
    type: 'overflow',
    action_id: options.id,
    options: options.choices.slice(0, limits.overflowOptions).map(plainOption),
    ...(options.confirm !== undefined && { confirm: confirmDialog(options.confirm) }),
  }
}

/** A menu of up to 100 choices; `picked` is the value that stands there first. */
export function staticSelect(options: {
  readonly id: string
  readonly choices: readonly Choice[]
  readonly picked?: string | undefined
  readonly placeholder?: string | undefined
}): types.StaticSelect {
  const choices = options.choices.slice(0, limits.selectOptions).map(plainOption)
  const picked = choices.find((choice) => choice.value === options.picked)
  return {
    type: 'static_select',
    action_id: options.id,
    options: choices,
    ...(picked !== undefined && { initial_option: picked }),
    ...(options.placeholder !== undefined && { placeholder: plain(options.placeholder, limits.placeholder) }),
  }
}

/** A menu of all people of the workspace; `picked` is a Slack id. */
export function usersSelect(options: {
  readonly id: string
  readonly placeholder: string
  readonly picked?: string | undefined
}): types.UsersSelect {
  return {
    type: 'users_select',
    action_id: options.id,
    placeholder: plain(options.placeholder, limits.placeholder),
    ...(options.picked !== undefined && { initial_user: options.picked }),
  }
}

/** Up to ten boxes, text in mrkdwn (escape foreign parts); `ticked` are the values ticked at first. */
export function checkboxes(options: {
  readonly id: string
  readonly choices: readonly Choice[]
  readonly ticked?: readonly string[] | undefined
}): types.Checkboxes {
  const choices = options.choices.slice(0, limits.choiceOptions).map(richOption)
  const ticked = choices.filter((choice) => options.ticked?.includes(choice.value ?? ''))
  return {
    type: 'checkboxes',
    action_id: options.id,
    options: choices,
    ...(ticked.length > 0 && { initial_options: ticked }),
  }
}

/** Up to ten choices of which one holds, text in mrkdwn (escape foreign parts). */
export function radioButtons(options: {
  readonly id: string
  readonly choices: readonly Choice[]
  readonly picked?: string | undefined
}): types.RadioButtons {
  const choices = options.choices.slice(0, limits.choiceOptions).map(richOption)
  const picked = choices.find((choice) => choice.value === options.picked)
  return {
    type: 'radio_buttons',
    action_id: options.id,
    options: choices,
    ...(picked !== undefined && { initial_option: picked }),
  }
}

/** A field that takes one file of these kinds (10 MB at most; Slack only advises the kinds). */
export function fileInput(options: {
  readonly id: string
  readonly filetypes: readonly string[]
}): types.FileInput {
  return { type: 'file_input', action_id: options.id, filetypes: [...options.filetypes], max_files: 1 }
}

/** A field to type in. Its value reaches the schema as text, undefined when empty. */
export function textInput(options: {
  readonly id: string
  readonly initial?: string | undefined
  readonly placeholder?: string | undefined
  readonly multiline?: boolean | undefined
  readonly maxLength?: number | undefined
  readonly focus?: boolean | undefined
}): types.PlainTextInput {
  const maxLength = Math.min(options.maxLength ?? limits.inputLength, limits.inputLength)
  return {
    type: 'plain_text_input',
    action_id: options.id,
    max_length: maxLength,
    ...(options.multiline === true && { multiline: true }),
    ...(options.focus === true && { focus_on_load: true }),
    ...(options.initial !== undefined &&
      options.initial !== '' && { initial_value: cut(options.initial, maxLength) }),
    ...(options.placeholder !== undefined && { placeholder: plain(options.placeholder, limits.placeholder) }),
  }
}
