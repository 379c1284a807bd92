/** A person to put into a directory. Without a password the account can't sign in. */
export interface DirectoryPerson {
  readonly login: string
  readonly displayName: string
  readonly emails: readonly string[]
  readonly password?: string
  readonly department?: string
}

/** A group and the distinguished names of its members; a group may be a member of another. */
export interface DirectoryGroup {
  readonly name: string
  readonly members: readonly string[]
}

/** A value as RFC 4514 wants it inside a distinguished name. */
export function escapeDnValue(value: string): string {
  return value
    .replaceAll(/[\\,+"<>;=]/g, (character) => `\\${character}`)
    .replace(/^[ #]/, (character) => `\\${character}`)
    .replace(/ $/, '\\ ')
}

/** One line of LDIF; values that LDIF can't hold as they are go in base64. */
export function ldifLine(name: string, value: string): string {
  const safe = /^[\u0021-\u0039\u003b\u003d-\u007e][\u0020-\u007e]*$/.test(value) && !value.endsWith(' ')
  return safe ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString('base64')}`
}
