import { html } from 'hono/html'
import type { Markup } from '#src/web/layout.ts'

const format = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
})

/** A moment as people read it. Without a script nobody knows the reader's zone, so the zone is said. */
export function timeText(at: Date): Markup {
  return html`<time datetime="${at.toISOString()}">${format.format(at)} UTC</time>`
}
