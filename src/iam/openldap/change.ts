import { ConnectorError } from '#src/errors.ts'
import type { ChangeContext, ChangeResult, ReadBack, Remark } from '#src/iam/connector.ts'
import { type LdapSession, withSession } from '#src/iam/ldap.ts'
import { unlessUnreachable, writeAndSettle } from '#src/iam/ldap/settle.ts'
import type { LdapAddress } from '#src/iam/ldap/settings.ts'
import type { OpenLdapAccount } from '#src/iam/openldap/account.ts'
import { proveOnCanary } from '#src/iam/openldap/canary.ts'
import { type OpenLdapDeps, readPersonById } from '#src/iam/openldap/deps.ts'
import { type ServerFacts, isOwn, readServerFacts } from '#src/iam/openldap/find.ts'
import {
  type OpenLdapBefore,
  enablePlan,
  holdsLock,
  imageOf,
  readBefore,
  writeLock,
  writePlan,
} from '#src/iam/openldap/lock.ts'
import { type ProbeResult, judgeLock, probeLock } from '#src/iam/openldap/probe.ts'
import { isDisabled } from '#src/iam/openldap/state.ts'

/** What a change begins with: the account, its server (all later steps stay on it) and what holds for the server. */
export interface Start {
  readonly account: OpenLdapAccount
  readonly address: LdapAddress
  readonly server: ServerFacts
}

/** Reads the account on whatever server answers. Throws `not_found` when it is gone. */
export async function startOn(deps: OpenLdapDeps, id: string, signal: AbortSignal): Promise<Start> {
  return withSession(deps, signal, undefined, async (session) => {
    const server = await readServerFacts(session, deps.settings)
    const account = await readPersonById(session.connection, deps.settings, id)
    return { account, address: session.connection.address, server }
  })
}

/** Refuses our own account and the test account, whoever approved. Throws `not_supported`. */
export function assertNotOwn(deps: OpenLdapDeps, { account, server }: Start): void {
  if (isOwn(account, server, deps.settings))
    throw new ConnectorError('not_supported', 'This is our own account', { detail: 'own_account' })
}

/**
 * Locks the account and proves that the lock is enforced. Idempotent: an account that was disabled already is left
 * exactly as it is, and only the proof is made. Throws `ConnectorError`.
 */
export async function disableAccount(
  deps: OpenLdapDeps,
  id: string,
  context: ChangeContext,
): Promise<ChangeResult> {
  const { signal } = context
  const rule = deps.settings.disableAttribute
  const begin = await startOn(deps, id, signal)
  assertNotOwn(deps, begin)
  const { account, address, server } = begin
  const onServer = <T>(work: (session: LdapSession) => Promise<T>) => withSession(deps, signal, address, work)
  const kept = await context.step('before', async () => {
    const probing = rule === undefined && !isDisabled(account, rule)
    const probe = probing ? await onServer((at) => probeLock(deps, at.connection, account, signal)) : null
    return imageOf(account, rule, probe)
  })
  const before = readBefore(kept)
  const already = before.wasDisabled && isDisabled(account, rule)
  const remarks: Remark[] = ['sessions_live_on']
  if (server.otherSignIns) remarks.push('certificate_signins_not_covered')
  if (!already) remarks.push(...(await lockAndSettle(deps, account, onServer)))
  const readBack = await proveLock(deps, id, before, onServer, signal)
  return { readBack, already, remarks }
}

type OnServer = <T>(work: (session: LdapSession) => Promise<T>) => Promise<T>

async function lockAndSettle(
  deps: OpenLdapDeps,
  account: OpenLdapAccount,
  onServer: OnServer,
): Promise<readonly Remark[]> {
  const rule = deps.settings.disableAttribute
  let remarks: readonly Remark[] = []
  const write = async (): Promise<void> => {
    remarks = await onServer(({ connection }) => writeLock(connection, account, rule))
  }
  const isDone = () =>
    onServer(async ({ connection }) =>
      holdsLock(await readPersonById(connection, deps.settings, account.id), rule, true),
    )
  await writeAndSettle(write, isDone)
  return remarks
}

/** Looks again on the same server: first whether the lock stands there, then whether it is enforced. */
async function proveLock(
  deps: OpenLdapDeps,
  id: string,
  before: OpenLdapBefore,
  onServer: OnServer,
  signal: AbortSignal,
): Promise<ReadBack> {
  const rule = deps.settings.disableAttribute
  return unlessUnreachable(() =>
    onServer(async (session) => {
      const account = await readPersonById(session.connection, deps.settings, id)
      if (!isDisabled(account, rule)) return 'drifted'
      if (rule !== undefined) return judgeCanary(await proveOnCanary(deps, session, signal))
      const after = await probeLock(deps, session.connection, account, signal)
      const proof = judgeLock(before.probe ?? undefined, after, 'not_configured')
      if (proof === 'verified' || !canaryHelps(after)) return proof
      return judgeLock(before.probe ?? undefined, after, await proveOnCanary(deps, session, signal))
    }),
  )
}

function canaryHelps(after: ProbeResult): boolean {
  return after === 'silent' || after === 'no_overlay'
}

function judgeCanary(canary: Awaited<ReturnType<typeof proveOnCanary>>): ReadBack {
  if (canary === 'enforced') return 'verified'
  return canary === 'not_enforced' ? 'not_enforced' : 'unproven'
}

/**
 * Restores the before-image, as far as the account still carries what Disable wrote. An account that was disabled
 * before Drawbridge came stays so (`drifted`, `lock_restored`). Idempotent. Throws `ConnectorError`.
 */
export async function enableAccount(
  deps: OpenLdapDeps,
  id: string,
  context: ChangeContext,
): Promise<ChangeResult> {
  const rule = deps.settings.disableAttribute
  const before = context.before === undefined ? undefined : readBefore(context.before)
  const { account, address } = await startOn(deps, id, context.signal)
  const onServer = <T>(work: (session: LdapSession) => Promise<T>) =>
    withSession(deps, context.signal, address, work)
  const { changes, remarks } = enablePlan(account, before, rule)
  const look = () => onServer(({ connection }) => readPersonById(connection, deps.settings, id))
  if (changes.length > 0)
    await writeAndSettle(
      () => onServer(({ connection }) => writePlan(connection, account, changes, rule)),
      async () => enablePlan(await look(), before, rule).changes.length === 0,
    )
  const readBack = await unlessUnreachable(async () =>
    isDisabled(await look(), rule) ? 'drifted' : 'verified',
  )
  return { readBack, already: changes.length === 0 && !isDisabled(account, rule), remarks }
}
