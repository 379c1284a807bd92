import { newId } from '#src/ids.ts'
import type { Secret } from '#src/secrets.ts'
import { isSigned, sign } from '#src/sign-in/keys.ts'

/**
 * A mark for a browser in which a person proved who they are. It opens nothing; it only keeps the tries made there apart
 * from those of strangers, so that these can't make the person wait.
 */
export function markBrowser(secrets: readonly Secret[], userId: string): string {
  const id = newId()
  return `${id}.${sign(secrets, 'known_browser', `${userId}\n${id}`)}`
}

/** The browser's id when the mark is of this person; undefined otherwise. Pure. */
export function browserOf(
  secrets: readonly Secret[],
  mark: string | undefined,
  userId: string,
): string | undefined {
  const [, id = '', signature = ''] = /^([\w-]{22})\.([\w-]{43})$/.exec(mark ?? '') ?? []
  return id !== '' && isSigned(secrets, 'known_browser', `${userId}\n${id}`, signature) ? id : undefined
}
