import type { DomainAccount } from '#src/iam/active-directory/account.ts'
import { flags } from '#src/iam/active-directory/control.ts'
import { ridOf } from '#src/iam/active-directory/ids.ts'

// Microsoft, "Appendix C: Protected accounts and groups in Active Directory", and Protected Users.
const domainGroups: Readonly<Record<number, string>> = {
  512: 'Domain Admins',
  516: 'Domain Controllers',
  517: 'Cert Publishers',
  518: 'Schema Admins',
  519: 'Enterprise Admins',
  520: 'Group Policy Creator Owners',
  521: 'Read-only Domain Controllers',
  525: 'Protected Users',
  526: 'Key Admins',
  527: 'Enterprise Key Admins',
}

const builtInGroups: Readonly<Record<string, string>> = {
  'S-1-5-32-544': 'Administrators',
  'S-1-5-32-548': 'Account Operators',
  'S-1-5-32-549': 'Server Operators',
  'S-1-5-32-550': 'Print Operators',
  'S-1-5-32-551': 'Backup Operators',
  'S-1-5-32-552': 'Replicator',
}

const builtInAccounts: Readonly<Record<number, string>> = {
  500: 'built-in Administrator',
  501: 'built-in Guest',
  502: 'krbtgt',
}

// What Entra Connect creates for itself; losing it stops the synchronization of everybody.
const synchronization = /^(MSOL|AAD)_/i

/**
 * The administrative groups that hold the account now, by their fixed ids, whatever they are called. `adminCount`
 * alone means that the account once was in one: Windows never clears it, and our delegation does not reach it. Pure.
 */
export function privilegesOf(account: DomainAccount): readonly string[] {
  const names = new Set<string>()
  const self = builtInAccounts[ridOf(account.sid) ?? -1]
  if (self !== undefined) names.add(self)
  if (synchronization.test(account.samName)) names.add('Entra Connect synchronization account')
  const primary = domainGroups[account.primaryGroupId ?? -1]
  if (primary !== undefined) names.add(primary)
  for (const sid of account.groupSids) {
    const name = builtInGroups[sid] ?? domainGroups[ridOf(sid) ?? -1]
    if (name !== undefined) names.add(name)
  }
  if (names.size === 0 && account.adminCount !== undefined && account.adminCount !== '0')
    names.add('adminCount')
  return [...names]
}

/** Why an account must never be changed through Drawbridge, whoever approves; undefined when it may. Pure. */
export function neverATarget(account: DomainAccount): string | undefined {
  if (builtInAccounts[ridOf(account.sid) ?? -1] !== undefined) return 'built_in_account'
  if (synchronization.test(account.samName)) return 'synchronization_account'
  const machine = flags.interdomainTrust | flags.workstationTrust | flags.serverTrust
  if ((account.control & machine) !== 0 || (account.control & flags.normalAccount) === 0)
    return 'not_a_person'
  return undefined
}
