import { createHash, hkdfSync, timingSafeEqual } from 'node:crypto'
import { inspect } from 'node:util'

/** A value that logs, JSON and inspection show as `[secret]`; only `reveal` gives it out. */
export interface Secret {
  reveal(): string
  toJSON(): string
  toString(): string
}

/** Wraps a value so that it can't be printed by mistake. */
export function secret(value: string): Secret {
  const hidden = '[secret]'
  const wrapped = { reveal: () => value, toJSON: () => hidden, toString: () => hidden }
  return Object.freeze(Object.defineProperty(wrapped, inspect.custom, { value: () => hidden }))
}

/** Whether two values are equal, in a time that tells nothing about where they differ or how long they are. */
export function sameSecret(one: string, other: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest()
  return timingSafeEqual(digest(one), digest(other))
}

/** A key of 32 bytes for one purpose: who knows one learns nothing about the others (HKDF, RFC 5869). */
export function deriveKey(webSecret: Secret, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', webSecret.reveal(), '', `drawbridge ${label}`, 32))
}
