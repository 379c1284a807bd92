/** Somebody whom a message names: by an address, or by a mention. */
export type NamedInMessage =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'mention'; readonly userId: string }

// Where Slack keeps what people read of a message, in blocks of any kind and in the older attachments.
const readKeys = new Set(['text', 'fallback', 'pretext', 'title', 'url'])
const mostNodes = 20_000

/**
 * The e-mail addresses and mentions in a message of Slack, in the order in which they stand there, each once: in its text,
 * its blocks and its attachments, since alerts of other apps often have their words nowhere else. Pure.
 */
export function peopleInMessage(message: {
  readonly text?: string | undefined
  readonly blocks?: unknown
  readonly attachments?: unknown
}): readonly NamedInMessage[] {
  const found = new Map<string, NamedInMessage>()
  const note = (named: NamedInMessage) => {
    const key = named.kind === 'address' ? named.address.toLowerCase() : named.userId
    if (!found.has(key)) found.set(key, named)
  }
  for (const named of namesIn(message.text ?? '')) note(named)
  // A list instead of recursion: how deep a message is nested is up to whoever wrote it.
  const waiting: unknown[] = [message.attachments, message.blocks]
  for (let seen = 0; waiting.length > 0 && seen < mostNodes; seen += 1) {
    const node = waiting.pop()
    if (typeof node !== 'object' || node === null) continue
    const inside: unknown[] = []
    for (const [key, value] of Object.entries(node)) {
      if (typeof value !== 'string') inside.push(value)
      else if (key === 'user_id' && aUser.test(value)) note({ kind: 'mention', userId: value })
      else if (readKeys.has(key) || isFieldValue(node, key)) for (const named of namesIn(value)) note(named)
    }
    waiting.push(...inside.toReversed())
  }
  return [...found.values()]
}

const aUser = /^[UW][A-Z0-9]{1,30}$/u

// A field of an attachment; elsewhere a value is what a button sends, which nobody reads.
function isFieldValue(node: object, key: string): boolean {
  return key === 'value' && !('type' in node)
}

const aMention = /<@([UW][A-Z0-9]{1,30})(?:\|[^<>]*)?>/u
// An apostrophe is part of some names; what is left of quotes and bold type in front is taken away afterwards. `=`, `:` and
// `/` would be allowed, too, but in alerts they stand before an address: user=alice@corp.example.
const anAddress =
  /[\p{L}\p{N}.!#$%&'*+?^_`{}~-]{1,128}@[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+/gu

function namesIn(text: string): readonly NamedInMessage[] {
  // Split leaves what stands between the mentions, and the ids of the mentions in between.
  return text.split(aMention).flatMap((piece, index): readonly NamedInMessage[] => {
    if (index % 2 === 1) return [{ kind: 'mention', userId: piece }]
    return [...undoEscapes(piece).matchAll(anAddress)]
      .map(([address]) => address.replace(/^[.'*_~`]+/u, ''))
      .filter((address) => !address.startsWith('@'))
      .map((address) => ({ kind: 'address', address }))
  })
}

function undoEscapes(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
