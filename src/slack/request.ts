/** The first word of a slash command: somebody mentioned, or something typed. */
export type FirstWord =
  | { readonly kind: 'mention'; readonly userId: string }
  | { readonly kind: 'typed'; readonly value: string }

/** The text after a slash command. `text` is all of it with Slack's own markup undone. */
export interface SlashText {
  readonly text: string
  readonly first: FirstWord | undefined
  /** What follows the first word, trimmed. */
  readonly rest: string
}

// Slack sends at most a few thousand characters; what is over this is not read at all.
const longest = 10_000

/**
 * Reads what somebody typed after a command. Undoes `<mailto:a@b.co|a@b.co>`, `<tel:…>`, links, HTML escapes, smart quotes and
 * the long dashes that phones make of `--`; a NUL, which no database keeps, becomes U+FFFD. A first word in quotes may
 * hold spaces. Never throws.
 */
export function parseSlashText(raw: string): SlashText {
  const text = plainTyping(raw.slice(0, longest)).trim()
  const mention = /^<@([UW][A-Z0-9]{1,30})(?:\|[^<>]*)?>\s*/u.exec(text)
  if (mention?.[1] !== undefined)
    return {
      text,
      first: { kind: 'mention', userId: mention[1] },
      rest: text.slice(mention[0].length).trim(),
    }
  const quoted = /^(["'])(.+?)\1(?=\s|$)/su.exec(text)
  const value = quoted?.[2]?.trim() ?? /^\S+/u.exec(text)?.[0]
  if (value === undefined || value === '') return { text, first: undefined, rest: '' }
  const length = quoted?.[0].length ?? value.length
  return { text, first: { kind: 'typed', value }, rest: text.slice(length).trim() }
}

const escapes: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' }

function plainTyping(raw: string): string {
  return raw
    .replace(
      /<(?:mailto:|tel:)?([^<>|@#!][^<>|]*)\|([^<>]*)>/gu,
      (_, target: string, label: string) => label || target,
    )
    .replace(/<(?:mailto:|tel:)?([^<>|@#!][^<>|]*)>/gu, '$1')
    .replace(/&(?:lt|gt|amp);/gu, (escape) => escapes[escape] ?? escape)
    .replace(/[\u201C\u201D\u201E\u00AB\u00BB]/gu, '"')
    .replace(/[\u2018\u2019\u201A]/gu, "'")
    .replace(/[\u2013\u2014]/gu, (dash) => (dash === '\u2014' ? '--' : '-'))
    .replace(/[\u00A0\u202F]/gu, ' ')
    .replaceAll('\0', '\uFFFD')
}
