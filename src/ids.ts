import { randomBytes, randomInt, randomUUID } from 'node:crypto'

// Crockford's base 32 without the letters that are misheard or misread (I, L, O, U).
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

function word(length: number): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('')
}

/** A task's id, short enough to say aloud: `T-` and five characters. Not unique by itself: insert and retry. */
export function newTaskId(): string {
  return `T-${word(5)}`
}

/** Four characters that a person reads to an operator, who finds them in the log. */
export function newReferenceCode(): string {
  return word(4)
}

/** A recovery code: 80 random bits in four words of four characters. */
export function newRecoveryCode(): string {
  return Array.from({ length: 4 }, () => word(4)).join('-')
}

/** An unguessable id for rows that people never see: 22 characters of base64url, 128 random bits. */
export function newId(): string {
  return randomBytes(16).toString('base64url')
}

/** A random UUID, for vendors who want their request ids in this form. */
export function newUuid(): string {
  return randomUUID()
}
