import { newId } from '#src/ids.ts'
import { addressKey } from '#src/local-users/account.ts'
import type { Secret } from '#src/secrets.ts'
import { isSigned, sign } from '#src/sign-in/keys.ts'

/**
 * A mark for a browser in which a person proved who they are. It opens nothing; it only keeps the tries made there apart
 * from those of strangers, so that these can't make the person wait.
 */
export function markBrowser(secrets: readonly Secret[], email: string, at: Date): string {
  const named = `${newId()}.${at.getTime().toString(36)}`
  return `${named}.${sign(secrets, 'known_browser', `${addressKey(email)}\n${named}`)}`
}

/** A browser that was marked, and when: whether the password is still the one of then is for others to see. */
export interface MarkedBrowser {
  readonly id: string
  readonly markedAt: Date
}

/**
 * The browser when the mark is of who has this address; undefined otherwise. It is about the address and not the account, so
 * that nobody has to be looked for before the tries are counted. Pure.
 */
export function browserOf(
  secrets: readonly Secret[],
  mark: string | undefined,
  email: string,
): MarkedBrowser | undefined {
  const [, id = '', at = '', signature = ''] =
    /^([\w-]{22})\.([\da-z]{1,11})\.([\w-]{43})$/.exec(mark ?? '') ?? []
  const isOurs =
    id !== '' && isSigned(secrets, 'known_browser', `${addressKey(email)}\n${id}.${at}`, signature)
  return isOurs ? { id, markedAt: new Date(Number.parseInt(at, 36)) } : undefined
}
