import type { PersonQuery } from '#src/iam/connector.ts'

const uuid = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i

/** The longest name that is looked up; anything longer is no person's name in any IAM system. */
export const longestPersonText = 512

/**
 * Sorts what somebody typed by its shape alone; nothing is cut off or guessed, an address is never split at the `@`.
 * Undefined for an empty or oversized text.
 */
export function readPersonQuery(text: string): PersonQuery | undefined {
  const value = text.trim()
  if (value === '' || value.length > longestPersonText || hasControlCharacter(value)) return undefined
  if (/^S-1-\d+(-\d+)+$/i.test(value)) return { kind: 'sid', value: value.toUpperCase() }
  const id = uuid.exec(value)?.[1]
  if (id !== undefined) return { kind: 'id', value: id.toLowerCase() }
  if (/^[a-z][a-z0-9-]*=[^,]+,.*=/i.test(value)) return { kind: 'dn', value }
  const down = /^([^\\@\s]+)\\([^\\]+)$/.exec(value)
  if (down?.[1] !== undefined && down[2] !== undefined)
    return { kind: 'domain_login', domain: down[1], value: down[2] }
  return value.includes('@') ? { kind: 'address', value } : { kind: 'login', value }
}

// Nobody's name has them, and PostgreSQL refuses the first one.
function hasControlCharacter(value: string): boolean {
  return /\p{Cc}/u.test(value)
}
