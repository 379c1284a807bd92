import type { Entry } from 'ldapts'

/** One entry of a directory. Attribute names ignore case; an absent attribute, or one we may not read, has no values. */
export interface LdapEntry {
  readonly dn: string
  text(name: string): readonly string[]
  bytes(name: string): readonly Buffer[]
  /** Whether the attribute came back at all, even with its values left out. */
  has(name: string): boolean
}

/** Evens out the library's shapes: absent is `[]`, one value is bare, several are an array, binary ones are buffers. */
export function toEntry(raw: Entry): LdapEntry {
  const attributes = new Map(
    Object.entries(raw)
      .filter(([name]) => name !== 'dn')
      .map(([name, value]) => [name.toLowerCase(), [value].flat()]),
  )
  const values = (name: string): readonly (string | Buffer)[] => attributes.get(name.toLowerCase()) ?? []
  return {
    dn: raw.dn,
    text: (name) => values(name).map((value) => (Buffer.isBuffer(value) ? value.toString('utf8') : value)),
    bytes: (name) =>
      values(name).map((value) => (Buffer.isBuffer(value) ? value : Buffer.from(value, 'utf8'))),
    has: (name) => attributes.has(name.toLowerCase()),
  }
}
