import { type Json, objects } from '#src/sandbox/json.ts'
import { withIds } from '#src/sandbox/slack/messages.ts'
import { type Html, html, nothing, trusted } from '#src/sandbox/slack/render/html/markup.ts'
import type { Eyes } from '#src/sandbox/slack/render/html/mentions.ts'
import {
  type Around,
  homeHtml,
  messageHtml,
  modalHtml,
  threadHtml,
} from '#src/sandbox/slack/render/html/message.ts'
import { style } from '#src/sandbox/slack/render/html/style.ts'
import { renderMrkdwn } from '#src/sandbox/slack/render/mrkdwn.ts'
import { valuesOf } from '#src/sandbox/slack/views/elements.ts'
import type { SlackMessage, View, World } from '#src/sandbox/slack/world.ts'

/** What is looked at, and by whom. */
export interface Scene {
  readonly readerId: string
  /** The channel with its threads open and what only the reader sees there; without it only the modals. */
  readonly channelId?: string | undefined
  /** Only this message of the channel, with its replies. */
  readonly threadTs?: string | undefined
}

/**
 * What a person sees as a page that needs nothing else: no script, no address, no picture from elsewhere. All text is
 * escaped. Light or dark as the viewer prefers.
 */
export function renderPage(world: World, scene: Scene): string {
  const eyes = eyesOf(world, scene.readerId)
  const open = (world.stacks.get(scene.readerId) ?? []).flatMap((id) => world.views.get(id) ?? [])
  const channel = scene.channelId === undefined ? undefined : world.channels.get(scene.channelId)
  const title = channel === undefined ? 'Slack' : `#${channel.name}`
  return page(title, [
    channel === undefined
      ? nothing
      : html`<div class="place">${channel.name}</div>
          <main>${threads(eyes, world, scene)}</main>`,
    windows(eyes, open, channel !== undefined),
  ])
}

/** A modal or Home tab before anybody touched it, as such a page, with dates in UTC. */
export function renderModalPage(world: World, content: Json): string {
  const blocks = withIds(world, objects(content['blocks']))
  const view = { id: 'V0', content: { ...content, blocks }, values: valuesOf(blocks), errors: {} }
  if (content['type'] === 'home') return page('Home', [homeHtml({ world, tz: 'Etc/UTC' }, view)])
  return page('Modal', [windows({ world, tz: 'Etc/UTC' }, [view], false)])
}

/** Draws pieces of a page for one reader, just as `renderPage` does. */
export interface Drawing {
  readonly message: (message: SlackMessage, around?: Around) => Html
  readonly modal: (view: View) => Html
  readonly home: (view: View) => Html
  /** The one line that screen readers and phones read of a message. */
  readonly spoken: (message: SlackMessage) => string
}

/** How this reader sees things. */
export function drawFor(world: World, readerId: string): Drawing {
  const eyes = eyesOf(world, readerId)
  return {
    message: (message, around) => messageHtml(eyes, message, around),
    modal: (view) => modalHtml(eyes, view),
    home: (view) => homeHtml(eyes, view),
    spoken: (message) => {
      const name = world.users.get(message.userId)?.realName ?? message.userId
      return `${name}: ${renderMrkdwn(world, message.text, eyes.tz)}`
    },
  }
}

function eyesOf(world: World, readerId: string): Eyes {
  return { world, readerId, tz: world.users.get(readerId)?.tz ?? 'Etc/UTC' }
}

function threads(eyes: Eyes, world: World, scene: Scene): readonly Html[] {
  const standing = (world.messages.get(scene.channelId ?? '') ?? []).filter(
    (each) => each.deletedAt === undefined,
  )
  const own = world.ephemerals.filter(
    (each) =>
      each.onlyFor === scene.readerId &&
      each.channelId === scene.channelId &&
      each.deletedAt === undefined &&
      scene.threadTs === undefined,
  )
  const roots = standing.filter(
    (each) => each.threadTs === undefined && (scene.threadTs === undefined || each.ts === scene.threadTs),
  )
  const repliesTo = (root: SlackMessage) => standing.filter((each) => each.threadTs === root.ts)
  return [...roots, ...own]
    .toSorted((a, b) => Number(a.ts) - Number(b.ts))
    .map((each) =>
      each.onlyFor === undefined ? threadHtml(eyes, each, repliesTo(each)) : messageHtml(eyes, each),
    )
}

function windows(
  eyes: Eyes,
  views: readonly Pick<View, 'id' | 'content' | 'values' | 'errors'>[],
  over: boolean,
): Html {
  if (views.length === 0) return nothing
  return html`<div class="windows${over ? ' over' : ''}">${views.map((view) => modalHtml(eyes, view))}</div>`
}

function page(title: string, body: readonly Html[]): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
        />
        <title>${title}</title>
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `.html
}
