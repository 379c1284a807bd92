import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { Remark } from '#src/iam/connector.ts'
import type { Connection } from '#src/iam/ldap/connection.ts'
import type { LdapChange } from '#src/iam/ldap/messages.ts'
import { parentDn } from '#src/iam/ldap/dn.ts'
import {
  type OpenLdapAccount,
  administrativeLock,
  directoryAdministrator,
  disabledEndTime,
} from '#src/iam/openldap/account.ts'
import { probeResults } from '#src/iam/openldap/probe.ts'
import type { OpenLdapSettings } from '#src/iam/openldap/settings.ts'
import { isDisabled } from '#src/iam/openldap/state.ts'

type DisableRule = OpenLdapSettings['disableAttribute']

/** What Disable replaced, and how the first probe went. Kept as JSON; null stands for "was not there". */
export const OpenLdapBefore = z.object({
  v: z.literal(1),
  lock: z.string().nullable(),
  endTime: z.string().nullable(),
  marker: z.array(z.string()),
  wasDisabled: z.boolean(),
  probe: z.enum(probeResults).nullable(),
})
export type OpenLdapBefore = z.infer<typeof OpenLdapBefore>

/** The before-image of an account as it is now. */
export function imageOf(
  account: OpenLdapAccount,
  rule: DisableRule,
  probe: OpenLdapBefore['probe'],
): OpenLdapBefore {
  return {
    v: 1,
    lock: account.lock ?? null,
    endTime: account.endTime ?? null,
    marker: account.marker,
    wasDisabled: isDisabled(account, rule),
    probe,
  }
}

/** Reads a kept before-image. Throws `bad_response` for one that this version can't read. */
export function readBefore(before: unknown): OpenLdapBefore {
  const parsed = OpenLdapBefore.safeParse(before)
  if (parsed.success) return parsed.data
  throw new ConnectorError('bad_response', 'The before-image is not readable', {
    detail: 'before_image_unreadable',
  })
}

function set(attribute: string, values: readonly string[]): LdapChange {
  return { operation: 'replace', attribute, values }
}

/** The changes that disable: one modify, so that no moment has only half of them. */
export function disableChanges(rule: DisableRule): readonly LdapChange[] {
  if (rule !== undefined) return [set(rule.name, [rule.disabled])]
  return [set('pwdAccountLockedTime', [administrativeLock]), set('pwdEndTime', [disabledEndTime])]
}

/** Whether everything that Disable writes is there. `pwdEndTime` may be missing where the schema lacks it. */
export function holdsLock(account: OpenLdapAccount, rule: DisableRule, endTimeKnown: boolean): boolean {
  if (rule !== undefined) return isDisabled(account, rule)
  return account.lock === administrativeLock && (!endTimeKnown || account.endTime === disabledEndTime)
}

/** Writes the disabling changes; answers the remarks that follow from what the schema could not take. */
export async function writeLock(
  connection: Connection,
  account: OpenLdapAccount,
  rule: DisableRule,
): Promise<readonly Remark[]> {
  const changes = disableChanges(rule)
  try {
    await modify(connection, account.dn, changes)
    return []
  } catch (error) {
    if (rule !== undefined || !isUnknownAttribute(error)) throw explain(error, account.dn, changes, rule)
  }
  // Before 2.5 there was no pwdEndTime. Without it a change of the password lifts the lock.
  const lockOnly = changes.slice(0, 1)
  try {
    await modify(connection, account.dn, lockOnly)
    return ['lock_cleared_by_password_change']
  } catch (error) {
    throw explain(error, account.dn, lockOnly, rule)
  }
}

/** What Enable has to change to restore the before-image, as far as nobody else changed it meanwhile. Pure. */
export function enablePlan(
  account: OpenLdapAccount,
  before: OpenLdapBefore | undefined,
  rule: DisableRule,
): { readonly changes: readonly LdapChange[]; readonly remarks: readonly Remark[] } {
  const missing: readonly Remark[] = before === undefined ? ['before_image_missing'] : []
  if (before?.wasDisabled === true) return { changes: [], remarks: [...missing, 'lock_restored'] }
  if (rule !== undefined) {
    if (!isDisabled(account, rule)) return { changes: [], remarks: missing }
    return { changes: [set(rule.name, before?.marker ?? [rule.enabled])], remarks: missing }
  }
  const marks = [
    { attribute: 'pwdAccountLockedTime', now: account.lock, ours: administrativeLock, was: before?.lock },
    { attribute: 'pwdEndTime', now: account.endTime, ours: disabledEndTime, was: before?.endTime },
  ]
  const changes = marks
    .filter(({ now, ours }) => now === ours)
    .map((one) => set(one.attribute, valuesOf(one.was)))
  const restored = changes.some((change) => change.values.length > 0)
  const foreign =
    before !== undefined && marks.some((one) => one.now !== one.ours && one.now !== (one.was ?? undefined))
  return {
    changes,
    remarks: [
      ...missing,
      ...(restored ? ['lock_restored' as const] : []),
      ...(foreign ? ['flags_changed_meanwhile' as const] : []),
    ],
  }
}

function valuesOf(value: string | null | undefined): readonly string[] {
  return value === null || value === undefined ? [] : [value]
}

/** Writes what `enablePlan` planned. */
export async function writePlan(
  connection: Connection,
  account: OpenLdapAccount,
  changes: readonly LdapChange[],
  rule: DisableRule,
): Promise<void> {
  try {
    await modify(connection, account.dn, changes)
  } catch (error) {
    throw explain(error, account.dn, changes, rule)
  }
}

async function modify(connection: Connection, dn: string, changes: readonly LdapChange[]): Promise<void> {
  await connection.modify(dn, changes)
}

function isUnknownAttribute(error: unknown): boolean {
  return error instanceof ConnectorError && error.facts.detail === 'unknown_attribute'
}

/** Adds what an administrator needs to know to a refusal; other failures stay as they are. */
function explain(error: unknown, dn: string, changes: readonly LdapChange[], rule: DisableRule): unknown {
  return explainRefusal(
    error,
    dn,
    changes,
    rule === undefined ? 'ppolicy_missing' : 'disable_attribute_unknown',
  )
}

/** The same for any change; `unknown` is what it means when the schema does not have the attribute. */
export function explainRefusal(
  error: unknown,
  dn: string,
  changes: readonly LdapChange[],
  unknown: 'ppolicy_missing' | 'disable_attribute_unknown',
): unknown {
  if (!(error instanceof ConnectorError)) return error
  const attributes = changes.map((change) => change.attribute).join(', ')
  if (error.code === 'not_permitted') {
    const facts = {
      ...error.facts,
      permission: `write ${attributes}`,
      where: `on ${parentDn(dn)}`,
      grantedBy: directoryAdministrator,
    }
    return new ConnectorError('not_permitted', error.message, facts, error)
  }
  if (!isUnknownAttribute(error)) return error
  return new ConnectorError('misconfigured', error.message, { ...error.facts, detail: unknown }, error)
}
