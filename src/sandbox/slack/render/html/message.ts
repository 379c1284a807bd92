import { object, objects, text } from '#src/sandbox/json.ts'
import { formatDate } from '#src/sandbox/slack/render/dates.ts'
import { blockHtml, blocksHtml } from '#src/sandbox/slack/render/html/blocks.ts'
import { type Html, html, nothing } from '#src/sandbox/slack/render/html/markup.ts'
import type { Eyes } from '#src/sandbox/slack/render/html/mentions.ts'
import { mrkdwnHtml } from '#src/sandbox/slack/render/html/mrkdwn.ts'
import type { SlackMessage, View } from '#src/sandbox/slack/world.ts'

/** One message: who, when, what it says. */
export function messageHtml(eyes: Eyes, message: SlackMessage): Html {
  const user = eyes.world.users.get(message.userId)
  const name = user?.realName ?? message.userId
  const body =
    message.blocks.length === 0
      ? [html`<div class="section"><div class="words">${mrkdwnHtml(eyes, message.text)}</div></div>`]
      : blocksHtml({ ...eyes, values: {} }, message.blocks)
  const files = message.files.map(
    (file) => html`<div class="file"><b>${file.name}</b> ${file.bytes.length} bytes</div>`,
  )
  return html`<article class="message${message.onlyFor === undefined ? '' : ' mine'}" data-ts="${message.ts}">
    ${avatar(name)}
    <div class="said">
      ${message.onlyFor === undefined ? nothing : html`<div class="only">Only visible to you</div>`}
      <div class="head">
        <b>${name}</b>${user?.isBot === true ? html`<span class="badge">APP</span>` : nothing}<time
          >${clock(eyes, message.postedAt)}</time
        >
      </div>
      ${body}${files}${message.edits.length > 0 ? html`<div class="edited">(edited)</div>` : nothing}
    </div>
  </article>`
}

/** A message with its replies below it, as an open thread. */
export function threadHtml(eyes: Eyes, root: SlackMessage, replies: readonly SlackMessage[]): Html {
  const below =
    replies.length === 0
      ? nothing
      : html`<div class="replies">
          <div class="count">${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}</div>
          ${replies.map((each) => messageHtml(eyes, each))}
        </div>`
  return html`<section class="thread">${messageHtml(eyes, root)}${below}</section>`
}

/** A modal as its person sees it, with what was typed and the sentences under inputs. */
export function modalHtml(eyes: Eyes, view: Pick<View, 'id' | 'content' | 'values' | 'errors'>): Html {
  const form = { ...eyes, values: view.values }
  const blocks = objects(view.content['blocks']).map((block) =>
    blockHtml(form, block, view.errors[text(block['block_id'])]),
  )
  const label = (key: string, fallback: string) => text(object(view.content[key])['text']) || fallback
  const submit =
    view.content['submit'] === undefined
      ? nothing
      : html`<button type="submit" class="button primary">${label('submit', 'Submit')}</button>`
  return html`<form class="modal" data-view="${view.id}">
    <header>
      ${avatar('Drawbridge')}
      <h2>${label('title', '')}</h2>
      <button type="button" class="x" aria-label="Close">×</button>
    </header>
    <div class="body">${blocks}</div>
    <footer><button type="button" class="button">${label('close', 'Cancel')}</button>${submit}</footer>
  </form>`
}

/** The app's Home tab as its person sees it. */
export function homeHtml(eyes: Eyes, view: Pick<View, 'content' | 'values'>): Html {
  const blocks = objects(view.content['blocks']).map((block) =>
    blockHtml({ ...eyes, values: view.values }, block, undefined),
  )
  return html`<div class="modal home">
    <header>
      ${avatar('Drawbridge')}
      <h2>Drawbridge · Home</h2>
    </header>
    <div class="body">${blocks}</div>
  </div>`
}

function clock(eyes: Eyes, atMs: number): string {
  return formatDate(atMs / 1000, '{time}', eyes.tz, eyes.world.now()) ?? ''
}

function avatar(name: string): Html {
  const letters = name
    .split(/\s+/u)
    .slice(0, 2)
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 32))
    .join('')
  const hue = name.split('').reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 360, 62)
  return html`<div class="avatar" style="background: hsl(${hue} 45% 42%)" aria-hidden="true">${letters}</div>`
}
