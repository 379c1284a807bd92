import { type Html, html, nothing, type Slack } from '#src/sandbox/slack/index.ts'
import type { Desk } from '#src/sandbox/workspace/desk.ts'
import type { AppManifest } from '#src/sandbox/workspace/manifest.ts'
import { composer } from '#src/sandbox/workspace/pages/composer.ts'
import { type Reading, type Root, threadPlace } from '#src/sandbox/workspace/places.ts'

/** What messages are drawn with. */
export interface MessagesDeps {
  readonly slack: Slack
  readonly desk: Desk
  readonly manifest: AppManifest
  /** Where a thread is opened: the address of this place, to which `?thread=` is added. */
  readonly path: string
  readonly openThread: string | undefined
}

/** A channel, its messages and where one writes. */
export function channelHtml(deps: MessagesDeps, reading: Reading, name: string): Html {
  const { roots, channelId } = reading
  const firstNew = roots.find(({ isUnread }) => isUnread)
  const last = roots.at(-1)?.message.ts ?? '0'
  return html`<div
      class="log"
      id="log"
      tabindex="0"
      role="region"
      aria-label="Messages in ${name}"
      data-place="${channelId}"
      data-last="${last}"
      data-unread="${reading.unread}"
    >
      ${
        roots.length === 0
          ? html`<p class="empty">
              Nothing was written here yet. Type <code>/</code> below to see what Drawbridge can do.
            </p>`
          : roots.map(
              (root) =>
                html`${root === firstNew ? html`<div class="new" id="new"><span>New</span></div>` : nothing}${rootHtml(deps, root)}`,
            )
      }
    </div>
    ${composer({ ...deps, channelId, label: `Message ${name}`, threadTs: undefined })}`
}

function rootHtml(deps: MessagesDeps, root: Root): Html {
  const { message, replies, unreadReplies } = root
  const below =
    replies.length === 0
      ? nothing
      : html`<a class="thread-link" href="${deps.path}?thread=${message.ts}" id="replies/${message.ts}"
          >${replies.length}
          ${replies.length === 1 ? 'reply' : 'replies'}${
            unreadReplies === 0 ? nothing : html`<span class="mark">${unreadReplies} new</span>`
          }</a
        >`
  return messageHtml(deps, root, 'm', below, true)
}

function messageHtml(
  deps: MessagesDeps,
  { message }: Pick<Root, 'message'>,
  scope: string,
  below: Html,
  mayReply: boolean,
): Html {
  const drawing = deps.slack.drawFor(deps.desk.person.userId)
  const fileAddress = (id: string) => `${deps.path}/files/${id}`
  const shortcuts = deps.manifest.shortcuts.filter(({ place }) => place === 'message')
  const tools =
    message.onlyFor === undefined
      ? html`<details class="menu tools">
          <summary aria-label="What to do with this message" id="${scope}-tools/${message.ts}">⋮</summary>
          <div>
            ${mayReply ? html`<a href="${deps.path}?thread=${message.ts}">Reply in thread</a>` : nothing}${shortcuts.map(
              ({ id, name }) => html`<button type="button" data-shortcut="${id}">${name}</button>`,
            )}
          </div>
        </details>`
      : nothing
  return html`<div class="spoken" data-spoken="${drawing.spoken(message)}">
    ${drawing.message(message, { scope, tools, below, fileAddress })}
  </div>`
}

/** A thread at the side. */
export function threadHtml(deps: MessagesDeps, channelId: string, root: Root, name: string): Html {
  const { message, replies } = root
  const count = `${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}`
  const last = replies.at(-1)?.ts ?? '0'
  const place = threadPlace(channelId, message.ts)
  return html`<aside class="side" aria-label="Thread">
    <header class="bar">
      <h2>Thread</h2>
      <span class="where">${name}</span>
      <a class="x" href="${deps.path}" aria-label="Close the thread">×</a>
    </header>
    <div
      class="log"
      id="thread"
      tabindex="0"
      role="region"
      aria-label="Messages in the thread"
      data-place="${place}"
      data-last="${last}"
      data-unread="${root.unreadReplies}"
    >
      ${messageHtml(deps, root, 't', nothing, false)}
      ${replies.length === 0 ? nothing : html`<div class="count">${count}</div>`}
      ${replies.map((reply) => messageHtml(deps, { message: reply }, 't', nothing, false))}
    </div>
    ${composer({ ...deps, channelId, label: 'Reply in the thread', threadTs: message.ts })}
  </aside>`
}
