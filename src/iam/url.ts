/** A path of fixed words and of values, each encoded as one segment. */
export function pathOf(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
}

/** A query with its question mark; empty for none. */
export function queryOf(query: Readonly<Record<string, string>> = {}): string {
  // Not `URLSearchParams`: a blank as `+` is a plus for whoever decodes as RFC 3986 says.
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
