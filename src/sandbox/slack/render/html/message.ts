import { object, objects, text } from '#src/sandbox/json.ts'
import { formatDate } from '#src/sandbox/slack/render/dates.ts'
import { blockHtml, blocksHtml } from '#src/sandbox/slack/render/html/blocks.ts'
import { type Html, html, nothing } from '#src/sandbox/slack/render/html/markup.ts'
import type { Eyes } from '#src/sandbox/slack/render/html/mentions.ts'
import { mrkdwnHtml } from '#src/sandbox/slack/render/html/mrkdwn.ts'
import { hues } from '#src/sandbox/slack/render/html/style.ts'
import type { SlackFile, SlackMessage, View } from '#src/sandbox/slack/world.ts'

/** What a page puts around a message. */
export interface Around {
  /** What the ids of its elements begin with, where it stands on a page twice. */
  readonly scope?: string
  /** Beside the time: what one can do with the message. */
  readonly tools?: Html
  /** Below: its thread. */
  readonly below?: Html
  /** Where a file can be had; pictures have no such place. */
  readonly fileAddress?: (fileId: string) => string
}

/** One message: who, when, what it says. */
export function messageHtml(eyes: Eyes, message: SlackMessage, around: Around = {}): Html {
  const user = eyes.world.users.get(message.userId)
  const name = user?.realName ?? message.userId
  const body =
    message.blocks.length === 0
      ? [html`<div class="section"><div class="words">${mrkdwnHtml(eyes, message.text)}</div></div>`]
      : blocksHtml({ ...eyes, values: {}, scope: `${around.scope ?? ''}${message.ts}` }, message.blocks)
  const files = message.files.map(
    (file) => html`<div class="file"><b>${fileName(file, around)}</b> ${file.bytes.length} bytes</div>`,
  )
  return html`<article
    class="message${message.onlyFor === undefined ? '' : ' mine'}"
    data-ts="${message.ts}"
    data-channel="${message.channelId}"
    ${around.scope === undefined ? nothing : html` id="${around.scope}${message.ts}"`}
  >
    ${avatar(name)}
    <div class="said">
      ${message.onlyFor === undefined ? nothing : html`<div class="only">Only visible to you</div>`}
      <div class="head">
        <b>${name}</b
        >${user?.isBot === true ? html`<span class="badge">APP</span>` : nothing}<time>${clock(eyes, message.postedAt)}</time>${around.tools}
      </div>
      ${body}${files}${message.edits.length > 0 ? html`<div class="edited">(edited)</div>` : nothing}${around.below}
    </div>
  </article>`
}

function fileName({ id, name }: SlackFile, { fileAddress }: Around): Html {
  return fileAddress === undefined ? html`${name}` : html`<a href="${fileAddress(id)}" download>${name}</a>`
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
  const form = { ...eyes, values: view.values, scope: view.id }
  const blocks = objects(view.content['blocks']).map((block) =>
    blockHtml(form, block, view.errors[text(block['block_id'])]),
  )
  const label = (key: string, fallback: string) => text(object(view.content[key])['text']) || fallback
  const submit =
    view.content['submit'] === undefined
      ? nothing
      : html`<button type="submit" class="button primary">${label('submit', 'Submit')}</button>`
  return html`<form class="modal" data-view="${view.id}" novalidate aria-labelledby="${view.id}/title">
    <header>
      ${avatar('Drawbridge')}
      <h2 id="${view.id}/title">${label('title', '')}</h2>
      <button type="button" class="x" aria-label="Close">×</button>
    </header>
    <div class="body">${blocks}</div>
    <footer>
      <button type="button" class="button" data-close>${label('close', 'Cancel')}</button>${submit}
    </footer>
  </form>`
}

/** The app's Home tab as its person sees it. */
export function homeHtml(eyes: Eyes, view: Pick<View, 'id' | 'content' | 'values'>): Html {
  const blocks = objects(view.content['blocks']).map((block) =>
    blockHtml({ ...eyes, values: view.values, scope: view.id }, block, undefined),
  )
  return html`<div class="modal home" data-view="${view.id}">
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

/** A square with somebody's first letters; `style.ts` has the colours. */
export function avatar(name: string): Html {
  const letters = name
    .split(/\s+/u)
    .slice(0, 2)
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 32))
    .join('')
  const hue = name.split('').reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % hues, 2)
  return html`<div class="avatar hue${hue}" aria-hidden="true">${letters}</div>`
}
