import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { DomainAccount } from '#src/iam/active-directory/account.ts'
import { disabledControl, enabledControl, isDisabled } from '#src/iam/active-directory/control.ts'
import { type DomainDeps, readPersonById } from '#src/iam/active-directory/deps.ts'
import { withSession } from '#src/iam/ldap.ts'
import { readDomainFacts } from '#src/iam/active-directory/domain.ts'
import { neverATarget } from '#src/iam/active-directory/privileged.ts'
import { settleControl } from '#src/iam/active-directory/swap.ts'
import type { ChangeContext, ChangeResult, Remark } from '#src/iam/connector.ts'
import type { LdapAddress } from '#src/iam/ldap/settings.ts'

/** What Disable replaced. Kept as JSON. */
const DomainBefore = z.object({
  v: z.literal(1),
  userAccountControl: z.number().int(),
  lockoutTime: z.string().nullable(),
  wasDisabled: z.boolean(),
})
type DomainBefore = z.infer<typeof DomainBefore>

/** What a change begins with: the account, its server (all later steps stay on it) and who we are. */
export interface Start {
  readonly account: DomainAccount
  readonly address: LdapAddress
  readonly ownSids: readonly string[]
}

/** Reads the account on whatever server answers. Throws `not_found` when it is gone. */
export async function startOn(deps: DomainDeps, id: string, signal: AbortSignal): Promise<Start> {
  return withSession(deps, signal, undefined, async (session) => {
    const { ownSids } = await readDomainFacts(session)
    const account = await readPersonById(session.connection, deps.settings, id)
    return { account, address: session.connection.address, ownSids }
  })
}

/** Refuses, whoever approved, what would stop the directory or ourselves. Throws `not_supported`. */
export function assertTarget({ account, ownSids }: Start): void {
  const refusal = ownSids.includes(account.sid) ? 'own_account' : neverATarget(account)
  if (refusal !== undefined) throw new ConnectorError('not_supported', 'Never a target', { detail: refusal })
}

/**
 * Sets ACCOUNTDISABLE and no other bit, on one domain controller, and reads it back there. Idempotent: an account
 * that is disabled already is a success. Throws `ConnectorError`.
 */
export async function disableAccount(
  deps: DomainDeps,
  id: string,
  context: ChangeContext,
): Promise<ChangeResult> {
  const begin = await startOn(deps, id, context.signal)
  const { account, address } = begin
  assertTarget(begin)
  const before = readBefore(await context.step('before', async () => imageOf(account)))
  const change = { deps, id, address, signal: context.signal, wanted: disabledControl }
  const settled = await settleControl(change)
  const already = before.wasDisabled && !settled.changed
  const remarks: Remark[] = ['sessions_live_on']
  if (!already) remarks.push('other_domain_controllers_later')
  if (settled.foreign) remarks.push('flags_changed_meanwhile')
  return { readBack: settled.readBack, already, remarks }
}

/**
 * Clears ACCOUNTDISABLE and no other bit: flags that changed since stay as they are now. An account that was disabled
 * before Drawbridge came stays so (`drifted`, `lock_restored`). Idempotent. Throws `ConnectorError`.
 */
export async function enableAccount(
  deps: DomainDeps,
  id: string,
  context: ChangeContext,
): Promise<ChangeResult> {
  const before = context.before === undefined ? undefined : readBefore(context.before)
  const { account, address } = await startOn(deps, id, context.signal)
  const stays = before?.wasDisabled === true && isDisabled(account.control)
  const wanted = stays ? (control: number) => control : enabledControl
  const settled = await settleControl({ deps, id, address, signal: context.signal, wanted })
  const remarks: Remark[] = before === undefined ? ['before_image_missing'] : []
  if (stays) remarks.push('lock_restored')
  if (settled.changed) remarks.push('other_domain_controllers_later')
  const foreign =
    before !== undefined && enabledControl(before.userAccountControl) !== enabledControl(account.control)
  if (foreign || settled.foreign) remarks.push('flags_changed_meanwhile')
  if (wasLockedOut(before) && !wasLockedOut(account)) remarks.push('lockout_not_restored')
  return { readBack: stays ? 'drifted' : settled.readBack, already: !stays && !settled.changed, remarks }
}

function imageOf(account: DomainAccount): DomainBefore {
  const { control, lockoutTime } = account
  return {
    v: 1,
    userAccountControl: control,
    lockoutTime: lockoutTime ?? null,
    wasDisabled: isDisabled(control),
  }
}

function readBefore(before: unknown): DomainBefore {
  const parsed = DomainBefore.safeParse(before)
  if (parsed.success) return parsed.data
  throw new ConnectorError('bad_response', 'The before-image is not readable', {
    detail: 'before_image_unreadable',
  })
}

function wasLockedOut(image: { readonly lockoutTime?: string | null | undefined } | undefined): boolean {
  return !['0', null, undefined].includes(image?.lockoutTime)
}
