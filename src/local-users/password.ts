import { argon2 } from 'node:crypto'
import { promisify } from 'node:util'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import { enough, guessesLeft } from '#src/local-users/guessable.ts'
import { sameSecret, type Secret } from '#src/secrets.ts'

const derive = promisify(argon2)
// OWASP's least for argon2id: 19 MiB, two passes, one lane.
const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const
const shortest = 12
const longest = 256

/** Hashes a password: argon2id as a PHC string, which holds its own salt and cost. */
export async function hashPassword(password: Secret): Promise<string> {
  const nonce = Buffer.from(newId(), 'base64url')
  const tag = await derive('argon2id', { ...cost, nonce, message: normal(password) })
  const { memory, passes, parallelism } = cost
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`
}

const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** Whether this is the password of the hash. Throws when the hash is not ours. */
export async function isPassword(hash: string, password: Secret): Promise<boolean> {
  const [, memory, passes, parallelism, salt = '', tag = ''] = phc.exec(hash) ?? []
  if (memory === undefined) throw new Error('a stored password hash cannot be read')
  const found = await derive('argon2id', {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: Buffer.from(tag, 'base64').length,
    nonce: Buffer.from(salt, 'base64'),
    message: normal(password),
  })
  return sameSecret(base64(found), tag)
}

// The same password typed on another keyboard is the same one (RFC 8265).
function normal(password: Secret): Buffer {
  return Buffer.from(password.reveal().normalize('NFC'))
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}

/**
 * Refuses passwords that are short, or easily guessed by somebody who knows the person's address and the usual words.
 * Throws `UserError`: `missing`, `too_long`, `not_understood` under `password`. Pure.
 */
export function checkPassword(password: Secret, email: string): void {
  const text = password.reveal().normalize('NFC')
  const length = Array.from(text).length
  if (length < shortest) {
    const sentence = `A password has at least ${shortest} characters. Several words that do not belong together are good.`
    throw new UserError('missing', sentence, 'password')
  }
  if (length > longest)
    throw new UserError('too_long', `A password has at most ${longest} characters.`, 'password')
  if (guessesLeft(text, email) >= enough) return
  const sentence =
    'This password is among the first that are tried. Use four words that have nothing to do with each other or with you.'
  throw new UserError('not_understood', sentence, 'password')
}
