/** The properties by which people are searched. Property names count to the letter. */
export type SearchedProperty = 'email' | 'secondEmail' | 'login' | 'employeeNumber'

// No address is longer, and Okta's logins are shorter; it refuses expressions that are too long.
const longestValue = 256

/**
 * A value in quotes; undefined for what nothing can be called. A backslash and a quote are escaped, as SCIM (RFC 7644)
 * says; nothing else has a meaning there. Pure.
 */
export function quotedValue(value: string): string | undefined {
  if (value === '' || value.length > longestValue || /\p{Cc}/u.test(value) || !value.isWellFormed())
    return undefined
  return `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

/** The `search` expression for people one of whose properties equals the value; undefined when none can. Pure. */
export function equalsAny(properties: readonly SearchedProperty[], value: string): string | undefined {
  const quoted = quotedValue(value)
  if (quoted === undefined) return undefined
  return properties.map((property) => `profile.${property} eq ${quoted}`).join(' or ')
}

/**
 * Whether a value may stand in the path of a read by login. One with a `/` can be read by id only, dots alone would
 * change the path, and what no login has is left to the search, where it can be escaped. Pure.
 */
export function isReadableByLogin(value: string): boolean {
  return /^[\p{L}\p{M}\p{N}._@+-]+$/u.test(value) && !/^\.+$/.test(value) && value.length <= longestValue
}
