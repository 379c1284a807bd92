/**
 * A distinguished name split into its relative names, each lower-cased, unescaped and with single spaces: two names of
 * the same entry give the same list (RFC 4514, for the string attributes that names are made of). Undefined when the
 * text is no distinguished name.
 */
export function parseDn(dn: string): readonly string[] | undefined {
  const parts = split(dn.trim())
  const names = parts.map(normalize)
  return names.every((name) => name !== undefined) ? names.filter((name) => name !== undefined) : undefined
}

/** Whether both name the same entry. */
export function sameDn(one: string, other: string): boolean {
  const [first, second] = [parseDn(one), parseDn(other)]
  if (first === undefined || second === undefined) return false
  return first.length === second.length && first.every((name, index) => name === second[index])
}

/** Whether `dn` is `base` or lies below it. */
export function isWithin(dn: string, base: string): boolean {
  const [inner, outer] = [parseDn(dn), parseDn(base)]
  if (inner === undefined || outer === undefined) return false
  return inner.length >= outer.length && outer.every((name, index) => name === inner.at(index - outer.length))
}

/** The name of the entry above, as written; the whole when there is none. */
export function parentDn(dn: string): string {
  const first = split(dn)[0]
  return first === undefined || first.length >= dn.length ? dn : dn.slice(first.length + 1)
}

/** Splits at commas that are not escaped; nothing is changed. */
function split(dn: string): readonly string[] {
  return dn.match(/(?:\\.|[^,\\])+/gsu) ?? []
}

function normalize(part: string): string | undefined {
  const at = part.indexOf('=')
  if (at < 1) return undefined
  const value = unescape(part.slice(at + 1).trim())
  return `${part.slice(0, at).trim().toLowerCase()}=${value.replaceAll(/\s+/g, ' ').toLowerCase()}`
}

/** Undoes `\,` and `\c3\a4`; the bytes of one character may be spread over several escapes. */
function unescape(value: string): string {
  return value
    .replaceAll(/(?:\\[0-9a-f]{2})+/gi, (run) =>
      Buffer.from(run.replaceAll('\\', ''), 'hex').toString('utf8'),
    )
    .replaceAll(/\\(.)/gsu, '$1')
}
