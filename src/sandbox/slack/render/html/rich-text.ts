import type { Json } from '#src/sandbox/json.ts'
import { object, objects, someText, text } from '#src/sandbox/json.ts'
import { type Html, html } from '#src/sandbox/slack/render/html/markup.ts'
import {
  anchor,
  broadcast,
  channelMention,
  dateWords,
  type Eyes,
  groupMention,
  userMention,
} from '#src/sandbox/slack/render/html/mentions.ts'

/** A rich text block as HTML. */
export function richTextHtml(eyes: Eyes, block: Json): Html {
  const parts = objects(block['elements']).map((part) => {
    switch (part['type']) {
      case 'rich_text_list': {
        const items = objects(part['elements']).map((item) => html`<li>${run(eyes, item)}</li>`)
        return part['style'] === 'ordered'
          ? html`<ol>
              ${items}
            </ol>`
          : html`<ul>
              ${items}
            </ul>`
      }
      case 'rich_text_quote':
        return html`<blockquote>${run(eyes, part)}</blockquote>`
      case 'rich_text_preformatted':
        return html`<pre>${run(eyes, part)}</pre>`
      default:
        return html`<div class="lines">${run(eyes, part)}</div>`
    }
  })
  return html`${parts}`
}

function run(eyes: Eyes, part: Json): readonly Html[] {
  return objects(part['elements']).map((each) => styled(object(each['style']), word(eyes, each)))
}

function styled(style: Json, inner: Html): Html {
  const bold = style['bold'] === true ? html`<b>${inner}</b>` : inner
  const italic = style['italic'] === true ? html`<i>${bold}</i>` : bold
  const struck = style['strike'] === true ? html`<s>${italic}</s>` : italic
  return style['code'] === true ? html`<code>${struck}</code>` : struck
}

function word(eyes: Eyes, element: Json): Html {
  switch (element['type']) {
    case 'user':
      return userMention(eyes, text(element['user_id']))
    case 'usergroup':
      return groupMention(eyes, text(element['usergroup_id']))
    case 'channel':
      return channelMention(eyes, text(element['channel_id']))
    case 'broadcast':
      return broadcast(text(element['range']))
    case 'emoji':
      return html`:${text(element['name'])}:`
    case 'link':
      return anchor(text(element['url']), html`${someText(element['text']) ?? text(element['url'])}`)
    case 'date':
      return dateWords(eyes, Number(element['timestamp']), text(element['format']), text(element['fallback']))
    default:
      return html`${text(element['text'])}`
  }
}
