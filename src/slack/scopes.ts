import { methodScopes } from '#src/slack/methods.ts'

/** Scopes that no method asks for: slash commands (and shortcuts) need `commands`. */
const otherScopes = ['commands']

/** The least set of bot scopes: those of the methods that are called, and `commands`. Sorted. */
export function neededScopes(): readonly string[] {
  return [...new Set([...otherScopes, ...Object.values(methodScopes).flat()])].toSorted()
}
