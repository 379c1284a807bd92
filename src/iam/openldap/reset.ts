import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { ChangeContext, ChangeResult, ReadBack, Remark } from '#src/iam/connector.ts'
import { type LdapSession, withSession } from '#src/iam/ldap.ts'
import { unlessUnreachable, writeAndSettle } from '#src/iam/ldap/settle.ts'
import { type OpenLdapAccount, directoryAdministrator } from '#src/iam/openldap/account.ts'
import { proveResetOnCanary } from '#src/iam/openldap/canary.ts'
import { type Start, assertNotOwn, startOn } from '#src/iam/openldap/change.ts'
import { type OpenLdapDeps, readPersonById } from '#src/iam/openldap/deps.ts'
import { explainRefusal } from '#src/iam/openldap/lock.ts'
import type { CanaryResult } from '#src/iam/openldap/probe.ts'

/** What the reset replaced. Kept as JSON. */
const ResetBefore = z.object({ v: z.literal(1), mustChange: z.boolean() })

/** The change that makes a person choose a new password (draft-behera-ldap-password-policy, pwdReset). */
export const resetChanges = [{ operation: 'replace', attribute: 'pwdReset', values: ['TRUE'] }] as const

/**
 * Writes `pwdReset: TRUE`, with which the person can do nothing but choose a new password after the next sign-in.
 * Refused beforehand (`misconfigured`) where it is known to do nothing: no overlay, or a policy without
 * `pwdMustChange`. `verified` when the test account showed that it is enforced, else `accepted`: the directory gives no
 * way to look without the person's password. Idempotent. Throws `ConnectorError`.
 */
export async function resetPersonPassword(
  deps: OpenLdapDeps,
  id: string,
  context: ChangeContext,
): Promise<ChangeResult> {
  const { signal } = context
  const begin = await startOn(deps, id, signal)
  assertNotOwn(deps, begin)
  const { account, address, server } = begin
  const onServer = <T>(work: (session: LdapSession) => Promise<T>) => withSession(deps, signal, address, work)
  const canary = await onServer((session) => assertEnforceable(deps, session, account, signal))
  const image = { v: 1, mustChange: account.mustChange }
  const before = readResetBefore(await context.step('before', async () => image))
  const look = () => onServer(({ connection }) => readPersonById(connection, deps.settings, id))
  if (!account.mustChange) await writeReset(begin, onServer, look)
  const remarks: Remark[] = ['plain_signins_go_on', 'sessions_live_on']
  if (server.otherSignIns) remarks.push('certificate_signins_not_covered')
  const seen: ReadBack = canary === 'enforced' ? 'verified' : 'accepted'
  const readBack = await unlessUnreachable(async () => ((await look()).mustChange ? seen : 'drifted'))
  return { readBack, already: before.mustChange && account.mustChange, remarks }
}

async function writeReset(
  { account }: Start,
  onServer: <T>(work: (session: LdapSession) => Promise<T>) => Promise<T>,
  look: () => Promise<OpenLdapAccount>,
): Promise<void> {
  const write = () =>
    onServer(async ({ connection }) => {
      try {
        await connection.modify(account.dn, resetChanges)
      } catch (error) {
        throw explainRefusal(error, account.dn, resetChanges, 'ppolicy_missing')
      }
    })
  await writeAndSettle(write, async () => (await look()).mustChange)
}

/** Throws `misconfigured` where the mark would do nothing, as far as that can be seen before it is written. */
async function assertEnforceable(
  deps: OpenLdapDeps,
  session: LdapSession,
  account: OpenLdapAccount,
  signal: AbortSignal,
): Promise<CanaryResult> {
  const canary = await proveResetOnCanary(deps, session, signal)
  const missing =
    canary === 'not_enforced'
      ? 'reset_not_enforced'
      : canary !== 'enforced' && session.policy === 'absent'
        ? 'ppolicy_missing'
        : await missingInPolicy(session, account)
  if (missing === undefined) return canary
  const facts = { detail: missing, where: account.policyDn, grantedBy: directoryAdministrator }
  throw new ConnectorError('misconfigured', 'pwdReset would do nothing for this person', facts)
}

/** What the person's own policy lacks, where the entry names it and we may read it. */
async function missingInPolicy(
  { connection }: LdapSession,
  { policyDn }: OpenLdapAccount,
): Promise<string | undefined> {
  if (policyDn === undefined) return undefined
  const needed = ['pwdMustChange', 'pwdAllowUserChange'] as const
  const policy = await connection.readEntry({ base: policyDn, attributes: needed })
  const off = needed.find((name) => policy?.text(name)[0] === 'FALSE')
  if (off === undefined) return undefined
  return off === 'pwdMustChange' ? 'policy_without_must_change' : 'policy_forbids_password_change'
}

function readResetBefore(kept: unknown): z.infer<typeof ResetBefore> {
  const parsed = ResetBefore.safeParse(kept)
  if (parsed.success) return parsed.data
  throw new ConnectorError('bad_response', 'The before-image is not readable', {
    detail: 'before_image_unreadable',
  })
}
