/** HTML that may be sent as it is: every text in it was escaped when it was put there. */
export interface Html {
  readonly html: string
}

type Part = Html | readonly Html[] | string | number | undefined

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as HTML shows it, in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (sign) => entities[sign] ?? sign)
}

/** HTML from a template: its own words are markup, what is put in is text and is escaped, unless it is `Html` already. */
export function html(words: TemplateStringsArray, ...parts: readonly Part[]): Html {
  // Templates are laid out over several lines; to a browser such a break is one space.
  const pieces = words.map((word) => word.replaceAll(/\s*\n\s*/gu, ' '))
  const rest = pieces.slice(1).map((word, index) => `${markupOf(parts[index])}${word}`)
  return { html: `${pieces[0] ?? ''}${rest.join('')}` }
}

function markupOf(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part))
  return 'html' in part ? part.html : part.map((each) => each.html).join('')
}

/** No HTML at all. */
export const nothing: Html = { html: '' }

/** HTML whose texts were escaped by hand. Every use needs a look. */
export function trusted(markup: string): Html {
  return { html: markup }
}

/** An attribute without a value, or nothing. */
export function flag(name: 'checked' | 'selected' | 'disabled' | 'hidden' | 'multiple', on: boolean): Html {
  return trusted(on ? ` ${name}` : '')
}
