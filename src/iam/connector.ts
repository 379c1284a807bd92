import type { Clock } from '#src/clock.ts'
import type { ConnectorErrorCode, ConnectorErrorFacts } from '#src/errors.ts'

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

/**
 * By what an account was found. Two are weak: `secondary_email`, because people can often edit it themselves, and
 * `employee_id`, because the number of one personnel system means nothing in another.
 */
export type FoundBy =
  | 'id'
  | 'sid'
  | 'dn'
  | 'user_principal_name'
  | 'email'
  | 'secondary_email'
  | 'login'
  | 'employee_id'

/** Something about an account that a responder should see, and that is not its enabled / disabled state. */
export type AccountNote =
  | 'locked_by_failures' // too many wrong passwords; ends by itself, the account counts as enabled
  | 'expired' // the account's own end date has passed
  | 'no_logon_hours'
  | 'must_change_password'
  | 'password_expired'
  | 'certificate_signins_not_covered' // the server also offers sign-ins that a lock does not stop
  | 'lock_not_proven' // disabled by a lock that nothing showed to be enforced
  | 'synchronized' // an on-premises Active Directory masters it and may undo what is done here
  | 'guest' // invited from another tenant, which keeps the password
  | 'management_restricted' // only administrators of its restricted unit may change it
  | 'never_activated' // made, but nobody has ever been able to sign in with it
  | 'activation_pending' // an activation link may be out
  | 'in_recovery' // a reset link may be out
  | 'deactivated' // taken out of all applications
  | 'changing_now' // the system is still carrying out an earlier change
  | 'eligible_roles_not_checked' // roles that the person may take at will could not be read

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
  readonly sharedIds: SharedIds
  /** The number that the personnel system gave the person: evidence to look at, never proof. */
  readonly employeeId?: string | undefined
  /** True when an on-premises Active Directory masters the account (Entra: `onPremisesSyncEnabled`). */
  readonly synchronized?: boolean | undefined
}

/** Ids that are the same in several systems, as text. */
export interface SharedIds {
  readonly objectGuid?: string
  readonly objectSid?: string
  /**
   * By what Entra Connect ties an Entra account to its Active Directory account: base64 of the 16 raw bytes of
   * `mS-DS-ConsistencyGuid`, else of `objectGUID`; in Entra `onPremisesImmutableId`. Compared exactly.
   */
  readonly sourceAnchor?: string
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
  'tokens_live_on', // access tokens already issued may work for up to about an hour (Entra)
  'app_sessions_live_on', // sessions that applications keep themselves are not ended (Okta)
  'sessions_at_home_tenant', // a guest signs in at another tenant, whose sessions cannot be ended from here
  'next_sync_will_undo', // the directory that masters the account still has it enabled
  'assignments_may_be_lost', // deactivated: application assignments may not come back
  'status_differs', // enabled, but in another status than before
  'plain_signins_fail', // applications that only check the password refuse the person until a new one is chosen (AD)
  'plain_signins_go_on', // applications that only check the password let the person in as before (OpenLDAP)
  'prompt_needs_writeback', // a password prompt in the cloud depends on the tenant's password writeback
] as const
export type Remark = (typeof remarks)[number]

/** How a change ended. */
export interface ChangeResult {
  readonly readBack: ReadBack
  /** The account was in the wanted state before we came. */
  readonly already: boolean
  readonly remarks: readonly Remark[]
  /** What became of the open sessions, where the system can end them; left out where it cannot. */
  readonly sessions?: SessionsEnd | undefined
}

/**
 * What became of the sessions. `ended`: the system showed it. `accepted`: the system took the request and gives no way to
 * look. `not_asked`: the requester wanted them left alone. `failed`: they live on, for the reason given.
 */
export type SessionsEnd =
  | { readonly kind: 'ended' | 'accepted' | 'not_asked' }
  | { readonly kind: 'failed'; readonly code: ConnectorErrorCode; readonly facts: ConnectorErrorFacts }

/** Why an action does not exist for one account. `smart_card`: the person signs in with one and has no password to choose. */
export const skipReasons = ['password_kept_elsewhere', 'guest', 'smart_card'] as const

/** The action does not exist for this account, although it does in this system; nothing was done. */
export interface Skipped {
  readonly skipped: (typeof skipReasons)[number]
  /** Who keeps the password, e.g. the name of the directory or identity provider. */
  readonly where?: string | undefined
}

/** What a change is handed. */
export interface ChangeContext {
  readonly signal: AbortSignal
  /** The before-image to restore (Enable); undefined when Drawbridge did not disable the account. */
  readonly before: BeforeImage | undefined
  /** Disable: whether open sessions are ended too, where the system can. */
  readonly endSessions: boolean
  /** Disable: the approved task says that an account which cannot be suspended is deactivated instead (Okta). */
  readonly mayDeactivate: boolean
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
  /** Where it is missing, or what could not be looked at, in words an administrator can follow. */
  readonly where?: string | undefined
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
  /** Makes the person choose a new password; left out where the system has no such thing. */
  resetPassword?(accountId: string, context: ChangeContext): Promise<ChangeResult | Skipped>
  /** Ends the open sessions, the account stays as it is; left out where the system has no such thing. */
  signOut?(accountId: string, context: ChangeContext): Promise<ChangeResult | Skipped>
  /** The AD system that masters this system's synchronized accounts, where the configuration names one (Entra). */
  readonly synchronizedFrom?: string | undefined
  /** Each right that the configured actions need, looked at without changing anything. */
  checkRights(signal: AbortSignal): Promise<readonly RightCheck[]>
  /** Reaches the system and signs in. Throws `ConnectorError` when that fails. */
  checkConnection(signal: AbortSignal): Promise<ConnectionReport>
}

/** How the system answered, for `/iam-systems` and `doctor`. Undefined: the system gives no way to tell. */
export interface ConnectionReport {
  /** The server that answered, without credentials, e.g. `ldaps://dc1.corp.example:636`. */
  readonly address: string
  /** From the request to its answer, after connecting. */
  readonly latencyMs: number
  /** Their clock minus ours. */
  readonly clockSkewMs: number | undefined
  /** When the server's TLS certificate ends. */
  readonly certificateEndsAt: Date | undefined
  /** When our own secret, key or certificate ends. */
  readonly credentialEndsAt: Date | undefined
}

/** What a connector is built from, beside its own settings. */
export interface ConnectorOptions {
  readonly callTimeoutMs: number
  /** The IDs of `group:SYSTEM:ID` entries of `protected_accounts` that name this system. */
  readonly protectedGroups: readonly string[]
  /** For end dates and lock times; the machine's own clock unless a test moves one by hand. */
  readonly clock?: Clock | undefined
}
