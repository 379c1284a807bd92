import type { AccountNote } from '#src/iam/connector.ts'
import { parseGeneralizedTime } from '#src/iam/ldap/time.ts'
import { type OpenLdapAccount, administrativeLock, disabledEndTime } from '#src/iam/openldap/account.ts'
import type { OpenLdapSettings } from '#src/iam/openldap/settings.ts'

type Marks = Pick<OpenLdapAccount, 'lock' | 'endTime' | 'marker'>
type DisableRule = OpenLdapSettings['disableAttribute']

/** Whether an administrator (or Drawbridge) disabled the account. A lock by failures or an end date does not count. */
export function isDisabled(account: Marks, rule: DisableRule): boolean {
  if (rule !== undefined) return account.marker.some((value) => sameText(value, rule.disabled))
  return account.lock === administrativeLock || account.endTime === disabledEndTime
}

/** Whether a value of the site's own attribute means the given word; such attributes mostly ignore case. */
export function sameText(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase()
}

/** What the notes depend on beside the account itself. */
export interface NoteFacts {
  readonly nowMs: number
  /** How long a lock by failures lasts in ms; undefined when unknown or without end. */
  readonly lockoutMs: number | undefined
}

/** What else a responder should know about the account. Pure. */
export function accountNotes(account: OpenLdapAccount, facts: NoteFacts): readonly AccountNote[] {
  const notes: AccountNote[] = []
  if (isLockedByFailures(account, facts)) notes.push('locked_by_failures')
  if (isOutsideItsTime(account, facts.nowMs)) notes.push('expired')
  if (account.mustChange) notes.push('must_change_password')
  return notes
}

/** The attribute stays after such a lock is over, until the next good sign-in. */
function isLockedByFailures({ lock }: OpenLdapAccount, { nowMs, lockoutMs }: NoteFacts): boolean {
  if (lock === undefined || lock === administrativeLock) return false
  const lockedAtMs = parseGeneralizedTime(lock)
  return lockedAtMs === undefined || lockoutMs === undefined || lockedAtMs + lockoutMs > nowMs
}

function isOutsideItsTime({ endTime, startTime }: OpenLdapAccount, nowMs: number): boolean {
  const endMs =
    endTime === undefined || endTime === disabledEndTime ? undefined : parseGeneralizedTime(endTime)
  const startMs = startTime === undefined ? undefined : parseGeneralizedTime(startTime)
  return (endMs !== undefined && endMs <= nowMs) || (startMs !== undefined && startMs > nowMs)
}
