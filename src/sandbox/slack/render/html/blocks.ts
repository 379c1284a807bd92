import type { Json } from '#src/sandbox/json.ts'
import { isObject, object, objects, strings, text } from '#src/sandbox/json.ts'
import { elementHtml } from '#src/sandbox/slack/render/html/elements.ts'
import { fieldId, type FormEyes, isGroup } from '#src/sandbox/slack/render/html/fields.ts'
import { type Html, html, nothing } from '#src/sandbox/slack/render/html/markup.ts'
import { textHtml } from '#src/sandbox/slack/render/html/mrkdwn.ts'
import { richTextHtml } from '#src/sandbox/slack/render/html/rich-text.ts'

/** Blocks as HTML, in the order people see them. */
export function blocksHtml(eyes: FormEyes, blocks: readonly Json[]): readonly Html[] {
  return blocks.map((block) => blockHtml(eyes, block))
}

/** One block; `error` is the sentence under an input that was not accepted. */
export function blockHtml(eyes: FormEyes, block: Json, error?: string): Html {
  const blockId = text(block['block_id'])
  switch (text(block['type'])) {
    case 'section':
      return section(eyes, block, blockId)
    case 'header':
      return html`<h3>${textHtml(eyes, block['text'])}</h3>`
    case 'divider':
      return html`<hr />`
    case 'actions':
    case 'context_actions':
      return html`<div class="actions">
        ${objects(block['elements']).map((each) => elementHtml(eyes, each, { blockId }))}
      </div>`
    case 'context':
      return html`<div class="context">
        ${objects(block['elements']).map((each) =>
          each['type'] === 'image'
            ? elementHtml(eyes, each, { blockId })
            : html`<div>${textHtml(eyes, each)}</div>`,
        )}
      </div>`
    case 'image':
      return html`<div class="picture">${text(block['alt_text'])}</div>`
    case 'input':
      return input(eyes, block, blockId, error)
    case 'rich_text':
      return html`<div class="section"><div class="words">${richTextHtml(eyes, block)}</div></div>`
    case 'markdown':
      return html`<div class="section lines">${text(block['text'])}</div>`
    case 'plan':
      return plan(eyes, block)
    case 'task_card':
      return html`<div class="plan">
        <ul>
          ${taskCard(eyes, block)}
        </ul>
      </div>`
    case 'table':
    case 'data_table':
      return table(eyes, block)
    default:
      return html`<div class="context">A block of type ${text(block['type'])}</div>`
  }
}

function section(eyes: FormEyes, block: Json, blockId: string): Html {
  const words = block['text'] === undefined ? nothing : html`<div>${textHtml(eyes, block['text'])}</div>`
  const fields = objects(block['fields']).map((each) => html`<div>${textHtml(eyes, each)}</div>`)
  const beside = isObject(block['accessory'])
    ? html`<div class="accessory">${elementHtml(eyes, block['accessory'], { blockId })}</div>`
    : nothing
  return html`<div class="section">
    <div class="words">
      ${words}${fields.length > 0 ? html`<div class="fields">${fields}</div>` : nothing}
    </div>
    ${beside}
  </div>`
}

function input(eyes: FormEyes, block: Json, blockId: string, error: string | undefined): Html {
  const element = object(block['element'])
  const isOptional = block['optional'] === true
  const id = fieldId(eyes, blockId, text(element['action_id']))
  const hint = text(object(block['hint'])['text'])
  const notes = [error === undefined ? '' : `${id}/wrong`, hint === '' ? '' : `${id}/hint`]
  const describedBy = notes.filter((note) => note !== '').join(' ')
  const triggers = strings(object(element['dispatch_action_config'])['trigger_actions_on'])
  const sendsOnEnter =
    block['dispatch_action'] === true && (triggers.length === 0 || triggers.includes('on_enter_pressed'))
  const inside = { isOptional, isWrong: error !== undefined, describedBy, sendsOnEnter }
  const label = html`${textHtml(eyes, block['label'])}${
    isOptional ? html` <span class="optional">(optional)</span>` : nothing
  }`
  const rest = html`${elementHtml(eyes, element, { blockId, input: inside })}${
    error === undefined ? nothing : html`<div class="wrong" role="alert" id="${id}/wrong">${error}</div>`
  }${hint === '' ? nothing : html`<div class="hint" id="${id}/hint">${hint}</div>`}`
  return isGroup(element)
    ? html`<fieldset class="input" data-block="${blockId}" ${described(describedBy)}>
        <legend class="label">${label}</legend>
        ${rest}
      </fieldset>`
    : html`<div class="input" data-block="${blockId}">
        <label class="label" for="${id}">${label}</label>
        ${rest}
      </div>`
}

function described(by: string): Html {
  return by === '' ? nothing : html` aria-describedby="${by}"`
}

function plan(eyes: FormEyes, block: Json): Html {
  const cards = objects(block['tasks']).map((task) => taskCard(eyes, task))
  return html`<details class="plan" open>
    <summary>${text(block['title'])}</summary>
    <ul>
      ${cards}
    </ul>
  </details>`
}

const signs: Readonly<Record<string, readonly [sign: string, words: string]>> = {
  pending: ['', 'waiting'],
  in_progress: ['', 'working'],
  complete: ['✓', 'done'],
  error: ['✕', 'failed'],
}

function taskCard(eyes: FormEyes, task: Json): Html {
  const status = text(task['status'])
  const [sign, words] = signs[status] ?? ['?', status]
  const parts = [task['details'], task['output']].filter(isObject)
  return html`<li>
    <span class="state ${status}" role="img" aria-label="${words}">${sign}</span>
    <div>
      <div class="lines">${text(task['title'])}</div>
      ${parts.map((part) => html`<div class="output">${richTextHtml(eyes, part)}</div>`)}
    </div>
  </li>`
}

function table(eyes: FormEyes, block: Json): Html {
  const rows = Array.isArray(block['rows']) ? block['rows'] : []
  return html`<table>
    ${rows.map(
      (row: unknown) =>
        html`<tr>
          ${objects(row).map(
            (cell) =>
              html`<td>${cell['type'] === 'rich_text' ? richTextHtml(eyes, cell) : text(cell['text'])}</td>`,
          )}
        </tr>`,
    )}
  </table>`
}
