import { object, text } from '#src/sandbox/json.ts'
import { escapeHtml, type Html, html, trusted } from '#src/sandbox/slack/render/html/markup.ts'
import {
  anchor,
  broadcast,
  channelMention,
  dateWords,
  type Eyes,
  groupMention,
  userMention,
} from '#src/sandbox/slack/render/html/mentions.ts'

/** A text object as HTML. */
export function textHtml(eyes: Eyes, textObject: unknown): Html {
  const { type, text: words } = object(textObject)
  return type === 'mrkdwn' ? mrkdwnHtml(eyes, text(words)) : html`<span class="lines">${text(words)}</span>`
}

// Finished pieces wait outside of the text behind signs that no text can hold, so that the rest can be styled.
const holes = /[\uE000\uE001]/gu
const hole = /\uE000(\d+)\uE001/gu

/** mrkdwn as HTML: bold, italic, struck, code, quotes, links, mentions and dates; all else is text. */
export function mrkdwnHtml(eyes: Eyes, words: string): Html {
  const pieces: string[] = []
  const keep = (piece: Html): string => `\uE000${pieces.push(piece.html) - 1}\uE001`
  const kept = words
    .replaceAll(holes, '')
    .replaceAll(pieceOf, (whole: string, block: unknown, code: unknown, inner: unknown) => {
      const piece = finished(eyes, block, code, inner)
      return piece === undefined ? whole : keep(piece)
    })
  const lines = kept.split('\n').map((line) => {
    const quote = /^&gt; ?(.*)$/u.exec(line)?.[1]
    return quote === undefined ? styled(line) : `<blockquote>${styled(quote)}</blockquote>`
  })
  const joined = lines.join('<br>').replaceAll('</blockquote><br>', '</blockquote>')
  return trusted(joined.replaceAll(hole, (_, index: string) => pieces[Number(index)] ?? ''))
}

// Found in one pass, so no piece ever holds another one.
const pieceOf = /```\n?([\s\S]+?)```|`([^`\n]+)`|<([^<>]+)>/gu

function finished(eyes: Eyes, block: unknown, code: unknown, inner: unknown): Html | undefined {
  if (typeof block === 'string') return html`<pre>${decoded(block)}</pre>`
  if (typeof code === 'string') return html`<code>${decoded(code)}</code>`
  return typeof inner === 'string' ? markup(eyes, inner) : undefined
}

function decoded(words: string): string {
  return words.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

function styled(line: string): string {
  return escapeHtml(decoded(line))
    .replaceAll(style('*'), '<b>$1</b>')
    .replaceAll(style('_'), '<i>$1</i>')
    .replaceAll(style('~'), '<s>$1</s>')
}

function style(sign: '*' | '_' | '~'): RegExp {
  const s = sign === '*' ? String.raw`\*` : sign
  return new RegExp(
    String.raw`(?<![\p{L}\p{N}${s}])${s}(?!\s)([^${s}\n]+?)(?<!\s)${s}(?![\p{L}\p{N}${s}])`,
    'gu',
  )
}

function markup(eyes: Eyes, inner: string): Html | undefined {
  const [target = '', label] = inner.split('|')
  const rest = target.slice(1)
  if (target.startsWith('@')) return userMention(eyes, rest)
  if (target.startsWith('#')) return channelMention(eyes, rest)
  if (target.startsWith('!')) return special(eyes, rest, label)
  if (!/^(?:https?|mailto|tel):/u.test(target)) return undefined
  return anchor(decoded(target), html`${decoded(label ?? target.replace(/^mailto:/u, ''))}`)
}

function special(eyes: Eyes, name: string, label: string | undefined): Html {
  const [kind, first = '', second = ''] = name.split('^')
  if (kind === 'subteam') return groupMention(eyes, first)
  if (kind === 'date') return dateWords(eyes, Number(first), second, label ?? name)
  return broadcast(name)
}
