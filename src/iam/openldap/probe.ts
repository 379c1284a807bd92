import { newId } from '#src/ids.ts'
import { trySignIn } from '#src/iam/ldap.ts'
import type { Connection } from '#src/iam/ldap/connection.ts'
import { type OpenLdapAccount, administrativeLock } from '#src/iam/openldap/account.ts'
import type { OpenLdapDeps } from '#src/iam/openldap/deps.ts'
import { secret } from '#src/secrets.ts'

/**
 * What a sign-in with a wrong password told about the policy for one account:
 * `said_locked`: the directory says the account is locked. `counted`: it noted one failure more. `held`: it has noted
 * failures before and locked the account for them, and notes no more: that lock is enforced. `no_overlay`: no
 * password policy is at work where the account lives. `let_in`: any password does. `silent`: nothing to conclude.
 */
export const probeResults = ['said_locked', 'counted', 'held', 'no_overlay', 'let_in', 'silent'] as const
export type ProbeResult = (typeof probeResults)[number]

/**
 * Signs in as the account with a random password that nobody knows. Only for an account that is being disabled, for
 * it counts a failure. `connection` must be to the same server: failures are counted where they happen.
 */
export async function probeLock(
  deps: OpenLdapDeps,
  connection: Connection,
  account: OpenLdapAccount,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const before = await readFailures(connection, account.dn)
  const as = { dn: account.dn, password: secret(newId()) }
  const answer = await trySignIn(deps.access, connection.address, as, signal)
  if (answer.refusal === undefined) return 'let_in'
  if (answer.policy === 'locked') return 'said_locked'
  const after = await readFailures(connection, account.dn)
  // Not their number: a policy may keep only the last few.
  if (after.some((time) => !before.includes(time))) return 'counted'
  if (answer.policy === 'absent') return 'no_overlay'
  const lockedByFailures = account.lock !== undefined && account.lock !== administrativeLock
  return lockedByFailures && before.length > 0 ? 'held' : 'silent'
}

async function readFailures(connection: Connection, dn: string): Promise<readonly string[]> {
  const entry = await connection.readEntry({ base: dn, attributes: ['pwdFailureTime'] })
  return entry?.text('pwdFailureTime') ?? []
}

/** How the test account answered the whole cycle of locking and unlocking. */
export type CanaryResult = 'enforced' | 'not_enforced' | 'inconclusive' | 'not_configured'

/**
 * Whether a lock is enforced, from a probe right before it, one after it, and the test account. Pure. Only what was
 * seen counts: failures counted before and none after mean that the lock kept the password from being looked at.
 */
export function judgeLock(
  before: ProbeResult | undefined,
  after: ProbeResult,
  canary: CanaryResult,
): 'verified' | 'unproven' | 'not_enforced' {
  if (after === 'said_locked') return 'verified'
  if (after === 'counted' || after === 'let_in') return 'not_enforced'
  if (canary === 'not_enforced') return 'not_enforced'
  if (after === 'no_overlay') return canary === 'enforced' ? 'verified' : 'not_enforced'
  const seen = before === 'counted' || before === 'held' || canary === 'enforced'
  return seen ? 'verified' : 'unproven'
}
