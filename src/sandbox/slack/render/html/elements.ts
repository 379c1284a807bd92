import type { Json } from '#src/sandbox/json.ts'
import { isObject, object, objects, someText, text } from '#src/sandbox/json.ts'
import { fieldHtml, type FormEyes, type Place } from '#src/sandbox/slack/render/html/fields.ts'
import { type Html, html, nothing } from '#src/sandbox/slack/render/html/markup.ts'
import { anchor, type Eyes } from '#src/sandbox/slack/render/html/mentions.ts'
import { textHtml } from '#src/sandbox/slack/render/html/mrkdwn.ts'

/** An element as people see it. Its block_id, action_id and value stand in `data-` attributes. */
export function elementHtml(eyes: FormEyes, element: Json, place: Place): Html {
  switch (text(element['type'])) {
    case 'button':
      return buttonHtml(element, place)
    case 'overflow':
      return menuHtml(eyes, element, place)
    case 'image':
      return html`<span class="image" role="img" aria-label="${text(element['alt_text'])}"></span>`
    default:
      return fieldHtml(eyes, element, place)
  }
}

function menuHtml(eyes: Eyes, element: Json, { blockId }: Place): Html {
  return html`<details class="menu">
    <summary aria-label="More actions">⋯</summary>
    <div>
      ${objects(element['options']).map(
        (option) =>
          html`<button
            type="button"
            data-block="${blockId}"
            data-action="${text(element['action_id'])}"
            data-option="${text(option['value'])}"
            ${confirmation(element)}
          >
            ${textHtml(eyes, option['text'])}
          </button>`,
      )}
    </div>
  </details>`
}

function buttonHtml(element: Json, { blockId }: Place): Html {
  const style = someText(element['style'])
  const label = html`${text(object(element['text'])['text'])}`
  const spoken = someText(element['accessibility_label'])
  const url = someText(element['url'])
  const value = someText(element['value'])
  const look = `button${style === 'primary' || style === 'danger' ? ` ${style}` : ''}`
  if (url !== undefined) return html`<span class="${look}">${anchor(url, label)}</span>`
  return html`<button
    type="button"
    class="${look}"
    ${spoken === undefined ? nothing : html` aria-label="${spoken}"`}
    data-block="${blockId}"
    data-action="${text(element['action_id'])}"
    ${value === undefined ? nothing : html` data-value="${value}"`}
    ${confirmation(element)}
  >
    ${label}
  </button>`
}

/** What is asked before a press counts, for whoever handles presses. */
function confirmation(element: Json): Html {
  const confirm = element['confirm']
  if (!isObject(confirm)) return nothing
  const words = (key: string) => text(object(confirm[key])['text'])
  const question = { title: words('title'), text: words('text'), yes: words('confirm'), no: words('deny') }
  return html` data-confirm="${JSON.stringify({ ...question, isDanger: confirm['style'] === 'danger' })}"`
}
