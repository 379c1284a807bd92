/**
 * A GUID's 16 bytes as text. The first three fields are little-endian (MS-DTYP 2.3.4.2). Undefined for other lengths.
 */
export function guidText(bytes: Buffer): string | undefined {
  if (bytes.length !== 16) return undefined
  const field = (start: number, end: number) =>
    Buffer.from(bytes.subarray(start, end).toReversed()).toString('hex')
  const rest = bytes.subarray(8).toString('hex')
  return `${field(0, 4)}-${field(4, 6)}-${field(6, 8)}-${rest.slice(0, 4)}-${rest.slice(4)}`
}

/** The 16 bytes of a GUID written as text; undefined when it is none. */
export function guidBytes(text: string): Buffer | undefined {
  const parts = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i.exec(text)
  if (parts === null) return undefined
  const bytes = parts.slice(1).map((part) => Buffer.from(part, 'hex'))
  return Buffer.concat(bytes.map((part, index) => (index < 3 ? part.toReversed() : part)))
}

/** A security identifier's bytes as `S-1-…` (MS-DTYP 2.4.2.2). Undefined for anything else. */
export function sidText(bytes: Buffer): string | undefined {
  const count = bytes[1]
  if (bytes[0] !== 1 || count === undefined || bytes.length !== 8 + 4 * count) return undefined
  const authority = bytes.readUIntBE(2, 6)
  const parts = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(8 + 4 * index))
  return ['S', 1, authority, ...parts].join('-')
}

/** The last part of a domain's SID, which names the account or group within it; undefined outside domains. */
export function ridOf(sid: string): number | undefined {
  const last = /^S-1-5-21-\d+-\d+-\d+-(\d+)$/.exec(sid)?.[1]
  return last === undefined ? undefined : Number(last)
}
