import type { types } from '@slack/bolt'

/** Cuts to at most `max` UTF-16 units with an ellipsis; never in the middle of a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  return `${dropHalfCharacter(text.slice(0, max - 1)).trimEnd()}…`
}

function dropHalfCharacter(text: string): string {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd8_00 && last <= 0xdb_ff ? text.slice(0, -1) : text
}

/** `cut` for text that is already mrkdwn: never leaves half a mention, date, link or escape behind. */
export function cutMrkdwn(text: string, max: number): string {
  if (text.length <= max) return text
  const head = dropHalfCharacter(text.slice(0, max - 1))
  return `${head.replace(/(?:<[^<>]*|&[a-z]{0,3})$/u, '').trimEnd()}…`
}

/**
 * Without the signs that turn the direction of what follows them: in somebody's name they would write our own words
 * backwards, the result too. Words of any script keep their own direction.
 */
export function withoutTurns(text: string): string {
  return text.replaceAll(/[\u202A-\u202E\u2066-\u2069]/gu, '')
}

/** Foreign text for a mrkdwn place: without this `<!channel>` in somebody's description would ping everybody. */
export function escapeMrkdwn(text: string): string {
  return withoutTurns(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Foreign text as one line of code in mrkdwn. Backticks and line breaks become look-alikes, so the span cannot be broken. */
export function code(text: string): string {
  const line = text
    .replaceAll('`', 'ˋ')
    .replaceAll(/[\s\u2028\u2029]+/gu, ' ')
    .trim()
  return `\`${line === '' ? ' ' : escapeMrkdwn(line)}\``
}

/** Foreign text in bold mrkdwn. Its own marks become look-alikes, so the bold cannot be broken. */
export function boldForeign(text: string): string {
  return `*${escapeMrkdwn(text).replaceAll('*', '∗').replaceAll('`', 'ˋ').trim()}*`
}

/** A `plain_text` object, in which nothing is markup; cut to `max`, never empty (Slack refuses that). */
export function plain(text: string, max = 3000): types.PlainTextElement {
  const shown = withoutTurns(text)
  return { type: 'plain_text', text: cut(shown === '' ? ' ' : shown, max), emoji: true }
}

/**
 * A `mrkdwn` object; foreign parts must have been escaped before. `verbatim` keeps Slack from making links, channels
 * and mentions of plain words in them.
 */
export function mrkdwn(text: string, max = 3000): types.MrkdwnElement {
  return { type: 'mrkdwn', text: cutMrkdwn(text === '' ? ' ' : text, max), verbatim: true }
}

/** A person who is told (when in a message) and shown by name; `system` is Drawbridge itself. */
export function mention(userId: string): string {
  return userId === 'system' ? 'Drawbridge' : `<@${userId}>`
}

/** A user group that is told. */
export function mentionGroup(groupId: string): string {
  return `<!subteam^${groupId}>`
}

/** A link; the label is foreign text and is escaped. */
export function link(url: string, label: string): string {
  return `<${url.replaceAll(/[<>|\s]/gu, encodeURIComponent)}|${escapeMrkdwn(label).replaceAll('|', '¦')}>`
}

const dateFormats = {
  time: '{time}',
  date: '{date_short_pretty}',
  date_time: '{date_short_pretty} {time}',
} as const

/** A moment in the reader's own time zone; where Slack cannot show it (notifications), UTC. */
export function slackDate(date: Date, format: keyof typeof dateFormats = 'date_time'): string {
  const utc = `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return `<!date^${Math.floor(date.getTime() / 1000)}^${dateFormats[format]}|${utc}>`
}
