import { z } from 'zod'
import { systemKinds } from '#src/iam/connector.ts'

const SystemKind = z.enum(systemKinds)
const Evidence = z.object({
  /** How the account was tied to the target. */
  by: z.enum([
    'id',
    'sid',
    'dn',
    'user_principal_name',
    'email',
    'secondary_email',
    'employee_id',
    'login',
    'same_object_guid',
    'same_object_sid',
    'same_source_anchor',
    'same_employee_id',
    'task',
  ]),
  /** The IAM system whose account it agrees with, where that is the evidence. */
  as: z.string().optional(),
})
export type Evidence = z.infer<typeof Evidence>

const Protection = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('two_approvers'), why: z.string() }),
  z.object({ kind: z.literal('deny'), why: z.string() }),
])

/** One account of the match card. */
export const MatchedAccount = z.object({
  systemId: z.string(),
  systemKind: SystemKind,
  accountId: z.string(),
  login: z.string(),
  displayName: z.string().optional(),
  department: z.string().optional(),
  emails: z.array(z.string()),
  primaryEmail: z.string().optional(),
  state: z.enum(['enabled', 'disabled']),
  notes: z.array(z.string()),
  evidence: Evidence,
  /** Surely the same person; ticked when the card opens. */
  confident: z.boolean(),
  privileged: z.array(z.string()),
  protection: Protection,
  /** An on-premises directory masters it. */
  synchronized: z.boolean().optional(),
})
export type MatchedAccount = z.infer<typeof MatchedAccount>

/** `ConnectorErrorFacts` as they are stored. */
export const StoredErrorFacts = z.object({
  permission: z.string().optional(),
  grantedBy: z.string().optional(),
  where: z.string().optional(),
  retryAt: z.string().optional(),
  vendorCode: z.string().optional(),
  requestId: z.string().optional(),
  state: z.string().optional(),
  detail: z.string().optional(),
})

/** A system that could not be asked, and why. */
export const UnaskedSystem = z.object({
  systemId: z.string(),
  systemKind: SystemKind,
  code: z.string(),
  facts: StoredErrorFacts.optional(),
})
export type UnaskedSystem = z.infer<typeof UnaskedSystem>

/** What one look-up over all IAM systems found. Stored as JSON with the look-up. */
export const FoundTarget = z.object({
  accounts: z.array(MatchedAccount),
  unasked: z.array(UnaskedSystem),
  asked: z.array(z.string()),
})
export type FoundTarget = z.infer<typeof FoundTarget>

/** The same account in any text: its system and its stable id. */
export function accountKey(account: { readonly systemId: string; readonly accountId: string }): string {
  return `${account.systemId}/${account.accountId}`
}

/** The name to call the target by: the first confident account's, else the first account's, else what was typed. */
export function targetName(found: FoundTarget, typed: string): string {
  const account = found.accounts.find((one) => one.confident) ?? found.accounts[0]
  return account?.displayName ?? account?.emails[0] ?? account?.login ?? typed
}
