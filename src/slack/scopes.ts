import { methodScopes } from '#src/slack/methods.ts'

/** Scopes that no method asks for: slash commands (and shortcuts) need `commands`, files in forms `files:read`. */
const otherScopes = ['commands', 'files:read']

/** The least set of bot scopes: those of the methods that are called, and the others. Sorted. */
export function neededScopes(): readonly string[] {
  return [...new Set([...otherScopes, ...Object.values(methodScopes).flat()])].toSorted()
}
