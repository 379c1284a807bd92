import { formatDate } from '#src/sandbox/slack/render/dates.ts'
import { type Html, html } from '#src/sandbox/slack/render/html/markup.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** Who reads, and where names are looked up. */
export interface Eyes {
  readonly world: Pick<World, 'users' | 'groups' | 'channels' | 'now'>
  /** The reader's zone, e.g. `Europe/Berlin`. */
  readonly tz: string
  /** The reader, whose own mentions stand out. */
  readonly readerId?: string | undefined
}

/** A person's mention. */
export function userMention(eyes: Eyes, id: string): Html {
  const name = eyes.world.users.get(id)?.name ?? id
  return html`<span class="mention${id === eyes.readerId ? ' me' : ''}">@${name}</span>`
}

/** A user group's mention. */
export function groupMention(eyes: Eyes, id: string): Html {
  const group = eyes.world.groups.get(id)
  const mine = eyes.readerId !== undefined && group?.users.includes(eyes.readerId) === true
  return html`<span class="mention${mine ? ' me' : ''}">@${group?.handle ?? id}</span>`
}

/** A channel's name as a link to it. */
export function channelMention(eyes: Eyes, id: string): Html {
  return html`<span class="mention">#${eyes.world.channels.get(id)?.name ?? id}</span>`
}

/** `@channel`, `@here`, `@everyone`: in a picture these must be seen. */
export function broadcast(range: string): Html {
  return html`<span class="mention me">@${range}</span>`
}

/** A moment in the reader's zone. */
export function dateWords(eyes: Eyes, seconds: number, format: string, fallback: string): Html {
  return html`${formatDate(seconds, format, eyes.tz, eyes.world.now()) ?? fallback}`
}

/** A link, if its address is one that may be followed; otherwise its words. */
export function anchor(url: string, label: Html): Html {
  if (!/^(?:https?|mailto|tel):/iu.test(url)) return label
  return html`<a href="${url}" rel="noreferrer noopener" target="_blank">${label}</a>`
}
