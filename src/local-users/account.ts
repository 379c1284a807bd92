import { domainToASCII } from 'node:url'
import type { LocalUserRow } from '#db/queries/local-users.ts'

/** What one may have at most. Lengths are in characters as people count them. */
export const limits = {
  users: 10_000,
  groups: 1_000,
  email: 256,
  userDescription: 512,
  groupName: 512,
  groupDescription: 1_024,
} as const

/** How far somebody is: `expired` is a fact of time, not of a sweep. */
export type Enrollment = 'waiting' | 'expired' | 'enrolled'

/** One local user as people see them. */
export interface LocalUser {
  readonly id: string
  readonly email: string
  readonly description: string
  readonly state: 'enabled' | 'disabled'
  readonly enrollment: Enrollment
  /** Why the mail server did not take the last mail; undefined when it did, or has not been asked yet. */
  readonly mailProblem: string | undefined
  /** Since when a Disable task's word stands: only an Enable task makes the account enabled again. */
  readonly heldSince: Date | undefined
  /** What a change must know: somebody may be faster. */
  readonly version: number
}

/** How far somebody is at this moment. Pure. */
export function enrollmentOf(
  user: { readonly enrolledAt: Date | null; readonly linkExpiresAt: Date | null },
  now: Date,
): Enrollment {
  if (user.enrolledAt !== null) return 'enrolled'
  return user.linkExpiresAt !== null && user.linkExpiresAt > now ? 'waiting' : 'expired'
}

/** A row as people see it. */
export function localUserFrom(row: LocalUserRow, now: Date): LocalUser {
  const { id, email, description, version } = row
  return {
    id,
    email,
    description,
    version,
    state: row.state === 'enabled' ? 'enabled' : 'disabled',
    enrollment: enrollmentOf(row, now),
    mailProblem: row.mailProblem ?? undefined,
    heldSince: row.heldSince ?? undefined,
  }
}

/** An address as it is shown and as it is compared. */
export interface EmailAddress {
  readonly email: string
  readonly key: string
}

/** What is wrong with an address. */
export type EmailFault = 'email_missing' | 'email_too_long' | 'email_not_an_address'

/**
 * Reads an address. Two are the same when they differ in case, in how an accent is composed, or in how an international
 * domain is written. Quoted and commented forms (RFC 5322) are refused: no mail system in use needs them, and they are
 * how one field becomes two recipients. Pure.
 */
export function readEmail(text: string): EmailAddress | EmailFault {
  if (text.length <= plainLength && plainAddress.test(text)) return { email: text, key: text }
  const email = text.trim().normalize('NFC')
  if (email === '') return 'email_missing'
  if (longerThan(email, limits.email)) return 'email_too_long'
  const at = email.lastIndexOf('@')
  const local = email.slice(0, at)
  const domain = domainToASCII(email.slice(at + 1))
  if (
    at < 1 ||
    !isLocalPart(local) ||
    !/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$/.test(domain)
  )
    return 'email_not_an_address'
  return { email, key: `${local.toLowerCase()}@${domain}` }
}

/** An address as it is compared; what is none stays what was typed. Pure. */
export function addressKey(email: string): string {
  const read = readEmail(email)
  return typeof read === 'string' ? email.trim().toLowerCase() : read.key
}

// Most are so already, and this is quicker to see: an import reads ten thousand.
const plainAddress =
  /^[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:(?!xn--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/
const plainLength = 200

function isLocalPart(local: string): boolean {
  // Letters of any script, digits, and what RFC 5322 allows without quotes; dots only in between.
  return /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u.test(local)
}

/** Whether the text has more characters than that, as people count them. */
export function longerThan(text: string, most: number): boolean {
  return text.length > most && Array.from(text).length > most
}

/** A description as it is kept: one line without control characters. */
export function readDescription(text: string): string {
  // Most are so already, and this is quicker to see: an import reads ten thousand.
  if (/^(?:[!-~]+(?: [!-~]+)*)?$/.test(text)) return text
  return text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim()
}

/** A group's name as it is kept and as it is compared: unique ignoring case. */
export function readGroupName(text: string): { readonly name: string; readonly key: string } {
  const name = readDescription(text).normalize('NFC')
  return { name, key: name.toLowerCase() }
}

/** One of each key: the first, as people wrote it first. */
export function firstOfEach<T extends { readonly key: string }>(all: readonly T[]): ReadonlyMap<string, T> {
  const first = new Map<string, T>()
  for (const one of all) if (!first.has(one.key)) first.set(one.key, one)
  return first
}

/** What a search looks through: the parts in small letters, each once. */
export function searchTextOf(...parts: readonly string[]): string {
  return [...new Set(parts.map((part) => part.toLowerCase()))].join('\n')
}

/** The name of the group that always holds everybody. No other group can have it. */
export const allLocalUsers = 'All local users'
