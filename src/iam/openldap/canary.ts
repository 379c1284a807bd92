import { ConnectorError } from '#src/errors.ts'
import { trySignIn } from '#src/iam/ldap.ts'
import type { LdapSession } from '#src/iam/ldap.ts'
import type { LdapChange } from '#src/iam/ldap/messages.ts'
import type { OpenLdapAccount } from '#src/iam/openldap/account.ts'
import { type OpenLdapDeps, readPersonByDn } from '#src/iam/openldap/deps.ts'
import { writeLock } from '#src/iam/openldap/lock.ts'
import type { CanaryResult } from '#src/iam/openldap/probe.ts'
import { isDisabled } from '#src/iam/openldap/state.ts'

const attempts = 3

/**
 * Proves on the configured test account that a lock is enforced: it can sign in, is locked, can't, is unlocked. The
 * account is left unlocked. Another process may be at it at the same time: a result counts only when the account
 * still is as this cycle left it, otherwise the cycle is begun again a few times. Throws `ConnectorError` only when the
 * directory is away.
 */
export async function proveOnCanary(
  deps: OpenLdapDeps,
  session: LdapSession,
  signal: AbortSignal,
): Promise<CanaryResult> {
  try {
    return await onCanary(deps, (canary) => lockCycle(deps, session, canary, signal))
  } catch (error) {
    // The person's lock stands already; that the test account cannot be locked only proves nothing about it.
    if (error instanceof ConnectorError && !away.has(error.code)) return 'inconclusive'
    throw error
  }
}

const away: ReadonlySet<string> = new Set(['unavailable', 'timed_out', 'unknown_outcome', 'rate_limited'])

/**
 * Proves on the configured test account that a demanded change of the password is enforced: it signs in freely, is
 * told to change its password once `pwdReset` stands there, and no more once it is removed.
 */
export async function proveResetOnCanary(
  deps: OpenLdapDeps,
  session: LdapSession,
  signal: AbortSignal,
): Promise<CanaryResult> {
  return onCanary(deps, (canary) => resetCycle(deps, session, canary, signal))
}

type Canary = NonNullable<OpenLdapDeps['settings']['canary']>

async function onCanary(
  deps: OpenLdapDeps,
  cycle: (canary: Canary) => Promise<CanaryResult>,
): Promise<CanaryResult> {
  const { canary } = deps.settings
  if (canary === undefined) return 'not_configured'
  return deps.canaryTurn(async () => {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const result = await cycle(canary)
      if (result !== 'inconclusive') return result
    }
    return 'inconclusive'
  })
}

async function resetCycle(
  deps: OpenLdapDeps,
  { connection }: LdapSession,
  canary: Canary,
  signal: AbortSignal,
): Promise<CanaryResult> {
  const found = await readPersonByDn(connection, deps.settings, canary.dn)
  if (found === undefined) return 'inconclusive'
  const signIn = () => trySignIn(deps.access, connection.address, canary, signal)
  const mark = (...values: string[]) =>
    connection.modify(found.dn, [{ operation: 'replace', attribute: 'pwdReset', values }])
  try {
    await mark()
    const before = await signIn()
    if (before.refusal !== undefined || before.policy === 'must_change') return 'inconclusive'
    await mark('TRUE')
    const told = await signIn()
    const still = await readPersonByDn(connection, deps.settings, canary.dn)
    await mark()
    if (told.policy === 'must_change') return 'enforced'
    return still?.mustChange === true ? 'not_enforced' : 'inconclusive'
  } catch (error) {
    // The write on the person tells more about a right that is missing or an attribute that the schema lacks.
    if (error instanceof ConnectorError && clearRefusals.has(error.code)) return 'inconclusive'
    throw error
  }
}

const clearRefusals: ReadonlySet<string> = new Set(['not_permitted', 'refused_by_vendor'])

async function lockCycle(
  deps: OpenLdapDeps,
  { connection }: LdapSession,
  canary: Canary,
  signal: AbortSignal,
): Promise<CanaryResult> {
  const { settings } = deps
  const rule = settings.disableAttribute
  const look = () => readPersonByDn(connection, settings, canary.dn)
  const mayEnter = async () =>
    (await trySignIn(deps.access, connection.address, canary, signal)).refusal === undefined
  const found = await look()
  if (found === undefined) return 'inconclusive'
  await open(connection, found, rule)
  if (!(await mayEnter())) return 'inconclusive'
  await writeLock(connection, found, rule)
  const refused = !(await mayEnter())
  const still = await look()
  const locked = still !== undefined && isDisabled(still, rule)
  await open(connection, found, rule)
  if (refused) return 'enforced'
  return locked ? 'not_enforced' : 'inconclusive'
}

function remove(attribute: string): LdapChange {
  return { operation: 'replace', attribute, values: [] }
}

/** Removes a lock whatever it is, also one that a cycle cut short has left. */
async function open(
  connection: LdapSession['connection'],
  account: OpenLdapAccount,
  rule: OpenLdapDeps['settings']['disableAttribute'],
): Promise<void> {
  if (rule !== undefined) {
    await connection.modify(account.dn, [
      { operation: 'replace', attribute: rule.name, values: [rule.enabled] },
    ])
    return
  }
  await connection.modify(account.dn, [remove('pwdAccountLockedTime')])
  // Where the schema lacks it, it can't be set either.
  if (account.endTime !== undefined || (await endTimeOf(connection, account)) !== undefined)
    await connection.modify(account.dn, [remove('pwdEndTime')])
}

async function endTimeOf(
  connection: LdapSession['connection'],
  account: OpenLdapAccount,
): Promise<string | undefined> {
  const entry = await connection.readEntry({ base: account.dn, attributes: ['pwdEndTime'] })
  return entry?.text('pwdEndTime')[0]
}
