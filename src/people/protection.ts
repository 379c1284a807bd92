import type { FoundAccount } from '#src/iam/connector.ts'

/** The `protected_accounts` part of the configuration. */
export interface ProtectionRules {
  readonly deny: readonly string[]
  readonly twoApprovers: readonly string[]
  readonly detected: 'deny' | 'two_approvers'
  /** The addresses of the last owner of Drawbridge who can still act; empty while there are more. */
  readonly lastOwner?: readonly string[] | undefined
}

/** Whether Drawbridge may change an account, decided by role, id and list; never by the look of a name. */
export type Protection =
  | { readonly kind: 'none' }
  | { readonly kind: 'two_approvers'; readonly why: string }
  | { readonly kind: 'deny'; readonly why: string }

/** What protection is decided on. */
export type ProtectedFacts = Pick<
  FoundAccount,
  'id' | 'logins' | 'emails' | 'privileged' | 'privilegeKnown' | 'protectedGroups' | 'own'
>

function isListed(account: ProtectedFacts, systemId: string, entries: readonly string[]): boolean {
  const names = new Set([account.id, ...account.logins, ...account.emails].map((name) => name.toLowerCase()))
  const prefix = `group:${systemId}:`
  return entries.some((entry) => {
    if (!entry.startsWith('group:')) return names.has(entry.toLowerCase())
    const group = entry.startsWith(prefix) ? entry.slice(prefix.length).toLowerCase() : undefined
    return group !== undefined && account.protectedGroups.some((one) => one.toLowerCase() === group)
  })
}

/** Pure. The strictest rule that applies wins: own service accounts, the last owner, then `deny`, then detected roles, then `two_approvers`. */
export function decideProtection(
  account: ProtectedFacts,
  systemId: string,
  rules: ProtectionRules,
): Protection {
  if (account.own) return { kind: 'deny', why: 'it is the account that Drawbridge itself uses to connect' }
  if (isListed(account, systemId, rules.lastOwner ?? []))
    return { kind: 'deny', why: 'it belongs to the last owner of Drawbridge' }
  if (isListed(account, systemId, rules.deny))
    return { kind: 'deny', why: 'it is on the list of protected accounts' }
  const detected = detectedRole(account)
  if (detected !== undefined && rules.detected === 'deny') return { kind: 'deny', why: detected }
  if (isListed(account, systemId, rules.twoApprovers))
    return { kind: 'two_approvers', why: 'it is on the list of accounts that need two approvers' }
  return detected === undefined ? { kind: 'none' } : { kind: 'two_approvers', why: detected }
}

function detectedRole(account: ProtectedFacts): string | undefined {
  if (account.privileged.length > 0)
    return `it holds an administrative role (${account.privileged.join(', ')})`
  return account.privilegeKnown ? undefined : 'its administrative roles could not be read'
}
