import type { AccountNote } from '#src/iam/connector.ts'
import type { DomainAccount } from '#src/iam/active-directory/account.ts'
import { parseFileTime } from '#src/iam/ldap/time.ts'

/** Bits of `userAccountControl` (MS-SAMR 2.2.1.13, ADS_USER_FLAG_ENUM). */
export const flags = {
  disabled: 0x2,
  lockedOut: 0x10,
  normalAccount: 0x200,
  interdomainTrust: 0x800,
  workstationTrust: 0x1000,
  serverTrust: 0x2000,
  passwordNeverExpires: 0x1_0000,
  smartCardRequired: 0x4_0000,
  trustedForDelegation: 0x8_0000,
  passwordExpired: 0x80_0000,
  trustedToAuthenticate: 0x100_0000,
} as const

/** Whether all of the account's sign-ins are switched off. Pure. */
export function isDisabled(control: number): boolean {
  return (control & flags.disabled) !== 0
}

/** The same flags with the account switched off; every other bit stays. Pure. */
export function disabledControl(control: number): number {
  return control | flags.disabled
}

/** The same flags with the account switched on; every other bit stays. Pure. */
export function enabledControl(control: number): number {
  return control & ~flags.disabled
}

/** What else stops or hinders the account's sign-ins. Pure. */
export function accountNotes(account: DomainAccount, nowMs: number): readonly AccountNote[] {
  const computed = account.computedControl ?? 0
  const expiresAtMs = parseFileTime(account.accountExpires)
  const mustChange = account.passwordSetAt === '0' && (account.control & flags.passwordNeverExpires) === 0
  const notes: AccountNote[] = []
  if ((computed & flags.lockedOut) !== 0) notes.push('locked_by_failures')
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) notes.push('expired')
  if (account.noLogonHours) notes.push('no_logon_hours')
  if (mustChange) notes.push('must_change_password')
  // The directory computes "expired" for a password that must be changed, too.
  else if ((computed & flags.passwordExpired) !== 0) notes.push('password_expired')
  return notes
}
