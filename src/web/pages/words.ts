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

/** What to say wherever somebody was signed out: services have sessions of their own, and hear of it through a job. */
export const servicesMayStay = 'Services may need a moment, or keep a sign-in of their own until it ends.'
