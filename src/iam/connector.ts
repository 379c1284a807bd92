import type { Clock } from '#src/clock.ts'

/**
 * The port between the subjects and one IAM system. Subjects know only this file; a connector implements it.
 * All calls are "set state", never "toggle": done twice is as good as done once.
 */

/** The kinds of IAM systems. */
export const systemKinds = ['entra', 'active-directory', 'okta', 'openldap', 'local'] as const
export type SystemKind = (typeof systemKinds)[number]

/** One configured IAM system as people see it. */
export interface SystemRef {
  readonly id: string
  readonly kind: SystemKind
}

/** What somebody typed, sorted by shape only. An `address` may be an e-mail or a user principal name. */
export type PersonQuery =
  | { readonly kind: 'address'; readonly value: string }
  | { readonly kind: 'login'; readonly value: string }
  | { readonly kind: 'domain_login'; readonly domain: string; readonly value: string }
  | { readonly kind: 'dn'; readonly value: string }
  | { readonly kind: 'sid'; readonly value: string }
  | { readonly kind: 'id'; readonly value: string }

/** By what an account was found. `secondary_email` is weak: people can often edit it themselves. */
export type FoundBy = 'id' | 'sid' | 'dn' | 'user_principal_name' | 'email' | 'secondary_email' | 'login'

/** Something about an account that a responder should see, and that is not its enabled / disabled state. */
export type AccountNote =
  | 'locked_by_failures' // too many wrong passwords; ends by itself, the account counts as enabled
  | 'expired' // the account's own end date has passed
  | 'no_logon_hours'
  | 'must_change_password'
  | 'password_expired'
  | 'certificate_signins_not_covered' // the server also offers sign-ins that a lock does not stop
  | 'lock_not_proven' // disabled by a lock that nothing showed to be enforced

/** The state of one account, read live. */
export interface AccountState {
  readonly state: 'enabled' | 'disabled'
  readonly notes: readonly AccountNote[]
  /** Names of the administrative roles or groups that make the account privileged; empty when none. */
  readonly privileged: readonly string[]
  /** False when roles could not be read: the account is then treated as protected. */
  readonly privilegeKnown: boolean
  /** Which of the configured protected groups (`group:SYSTEM:ID`, given at creation) hold the account, nested ones too. */
  readonly protectedGroups: readonly string[]
  /** True for an account that Drawbridge itself uses to connect. */
  readonly own: boolean
  /** Whether we may write what Disable needs; undefined when the system gives no way to look without a change. */
  readonly writable: boolean | undefined
}

/** One account that a search returned. */
export interface FoundAccount extends AccountState {
  /** Stable id: objectGUID, entryUUID, … never a name or DN. */
  readonly id: string
  /** The name people know it by, e.g. `CORP\anguyen` or `uid=anguyen`. */
  readonly login: string
  /** The bare sign-in names that `protected_accounts` may list, e.g. `anguyen`, `anguyen@corp.example`. */
  readonly logins: readonly string[]
  readonly displayName: string | undefined
  readonly department: string | undefined
  /** Primary address first. */
  readonly emails: readonly string[]
  /** The address that the directory's administrators give; never one that people may edit themselves. */
  readonly primaryEmail?: string | undefined
  readonly foundBy: FoundBy
  /** Ids that are the same in several systems: `objectGUID` as text, `objectSid` as text. */
  readonly sharedIds: { readonly objectGuid?: string; readonly objectSid?: string }
}

/** What a change replaced, as JSON that only the connector reads. Restoring it is the exact undo. */
export type BeforeImage = { readonly [key: string]: unknown }

/**
 * How a change ended, seen by looking again.
 * `verified`: reads as wanted (and a lock was seen to be enforced). `accepted`: the system gives no way to look.
 * `unproven`: written, enforcement not shown. `not_enforced`: shown that nothing enforces it.
 * `drifted`: reads otherwise. `unreachable`: could not look again.
 */
export const readBacks = [
  'verified',
  'accepted',
  'unproven',
  'not_enforced',
  'drifted',
  'unreachable',
] as const
export type ReadBack = (typeof readBacks)[number]

/** What people must be told beside the result. */
export const remarks = [
  'sessions_live_on', // sign-ins already open may go on until they end
  'other_domain_controllers_later',
  'certificate_signins_not_covered',
  'lock_cleared_by_password_change', // the schema lacks pwdEndTime
  'flags_changed_meanwhile',
  'lockout_not_restored',
  'before_image_missing',
  'lock_restored', // enable put back a lock that stood there before Drawbridge's own
] as const
export type Remark = (typeof remarks)[number]

/** How a change ended. */
export interface ChangeResult {
  readonly readBack: ReadBack
  /** The account was in the wanted state before we came. */
  readonly already: boolean
  readonly remarks: readonly Remark[]
}

/** What a change is handed. */
export interface ChangeContext {
  readonly signal: AbortSignal
  /** The before-image to restore (Enable); undefined when Drawbridge did not disable the account. */
  readonly before: BeforeImage | undefined
  /**
   * Runs `work` once and keeps its JSON result durably before returning it; after a crash or on Retry the kept
   * result is returned and `work` is not run again; whoever asks checks its shape. Disable keeps its before-image
   * under the name `before`, before the first write.
   */
  step(name: string, work: () => Promise<unknown>): Promise<unknown>
}

/** One right that the connector needs, looked at without changing anything. */
export interface RightCheck {
  readonly right: string
  readonly status: 'granted' | 'missing' | 'not_provable'
  readonly grantedBy: string | undefined
}

/** Everything that one IAM system must be able to do. Errors are `ConnectorError` only. */
export interface IamConnector {
  readonly system: SystemRef
  /** Live search; at most 10 accounts. Nobody found is an empty list, never an error. */
  find(query: PersonQuery, signal: AbortSignal): Promise<readonly FoundAccount[]>
  /** Live read by stable id. Throws `not_found` when the account is gone. */
  read(accountId: string, signal: AbortSignal): Promise<FoundAccount>
  /** Idempotent: an account already disabled is a success, marked `already`. */
  disable(accountId: string, context: ChangeContext): Promise<ChangeResult>
  /** Restores exactly what the before-image holds. Idempotent. */
  enable(accountId: string, context: ChangeContext): Promise<ChangeResult>
  checkRights(signal: AbortSignal): Promise<readonly RightCheck[]>
}

/** What a connector is built from, beside its own settings. */
export interface ConnectorOptions {
  readonly callTimeoutMs: number
  /** The IDs of `group:SYSTEM:ID` entries of `protected_accounts` that name this system. */
  readonly protectedGroups: readonly string[]
  /** For end dates and lock times; the machine's own clock unless a test moves one by hand. */
  readonly clock?: Clock | undefined
}
