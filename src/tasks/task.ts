import type { ConnectorErrorCode, ConnectorErrorFacts } from '#src/errors.ts'
import type { ReadBack, Remark, SessionsEnd, Skipped, SystemKind } from '#src/iam/connector.ts'

/** What a task does. The words people see are in `src/slack/messages/words.ts`. */
export const actions = [
  'disable_account',
  'enable_account',
  'force_password_reset',
  'force_sign_out',
] as const
export type Action = (typeof actions)[number]

/** A task's status, exactly the words of the product. Derived from its enforcements once it runs. */
export const taskStatuses = [
  'pending_approval',
  'in_progress',
  'successful',
  'partially_successful',
  'unsuccessful',
  'rejected',
  'expired',
  'cancelled',
] as const
export type TaskStatus = (typeof taskStatuses)[number]

export type EnforcementStatus = 'waiting' | 'running' | 'successful' | 'unsuccessful' | 'skipped'

/** Why an enforcement ended without success, or was skipped; the sentence is made from it in `slack/messages`. */
export type EnforcementReason =
  | { readonly kind: 'system_error'; readonly code: ConnectorErrorCode; readonly facts: ConnectorErrorFacts }
  | { readonly kind: 'read_back'; readonly readBack: Exclude<ReadBack, 'verified' | 'accepted'> }
  | { readonly kind: 'protected'; readonly why: string }
  | { readonly kind: 'nobody_there' }
  /** The IAM system has no such action. */
  | { readonly kind: 'no_such_action' }
  /** The system has the action, but not for this account. */
  | {
      readonly kind: 'not_for_this_account'
      readonly why: Skipped['skipped']
      readonly where?: string | undefined
    }
  /** The account is as wanted, but its sessions could not be ended. */
  | {
      readonly kind: 'sessions_live_on'
      readonly code: ConnectorErrorCode
      readonly facts: ConnectorErrorFacts
    }
  | { readonly kind: 'ambiguous'; readonly hits: number }
  | { readonly kind: 'never_disabled_here' }
  | { readonly kind: 'out_of_time' }
  | { readonly kind: 'newer_task'; readonly taskId: string }
  | { readonly kind: 'our_fault'; readonly reference: string }

/** The part of a task that one IAM system carries out on one account. */
export interface Enforcement {
  readonly id: string
  readonly taskId: string
  /** Whose account it is among the people of the task, from 1; 0 in a task about one person. */
  readonly person: number
  readonly position: number
  readonly systemId: string
  readonly systemKind: SystemKind
  /** The account's stable id; null while its system could not be asked who that is. */
  readonly accountId: string | null
  readonly login: string
  readonly emails: readonly string[]
  readonly evidence: { readonly by: string; readonly as?: string | undefined }
  readonly status: EnforcementStatus
  /** Raised by each Retry, so that a late answer of an earlier run is recognised. */
  readonly run: number
  readonly readBack: ReadBack | null
  readonly already: boolean
  readonly remarks: readonly Remark[]
  /** What became of the open sessions; null where the system cannot end them or nobody tried. */
  readonly sessions: SessionsEnd['kind'] | null
  /**
   * The Active Directory systems that may master the account: they go first, and their next synchronization decides.
   * Null: nothing masters it.
   */
  readonly follows: readonly string[] | null
  readonly reason: EnforcementReason | null
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /** The Enable task that restored what this enforcement changed. */
  readonly undoneBy: string | null
}

/** How far an enforcement is, and what that means for those that follow it. */
export type EnforcementStand = Pick<Enforcement, 'id' | 'systemId' | 'status' | 'run' | 'follows' | 'remarks'>

/** What a responder asked for: one action on one target. */
export interface Task {
  readonly id: string
  readonly action: Action
  readonly status: TaskStatus
  readonly targetName: string
  /** What the responder typed; the person is looked up by it again when the task starts. */
  readonly personText: string
  /** How many people it names; 0 for a task about one person. */
  readonly people: number
  /** The look-up, or the list of people, whose form made the task. */
  readonly lookUpId: string
  readonly requesterId: string
  readonly requesterEmail: string | null
  readonly description: string
  readonly approvalsNeeded: number
  /** The Disable task whose menu asked for this Enable, or whose end time did. */
  readonly undoes: string | null
  /** Disable: whether open sessions are ended too. */
  readonly endSessions: boolean
  /** Disable: an account that its system cannot suspend is deactivated (Okta). */
  readonly mayDeactivate: boolean
  /** Disable: how long after its start it ends, in milliseconds; part of what was approved. */
  readonly endsAfterMs: number | null
  /** Disable: when it ends, once it has started. */
  readonly endsAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly expiresAt: Date | null
  readonly approvedAt: Date | null
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /** Who ended it before it ran, for `cancelled`; the Slack user id, or the id of the newer task. */
  readonly endedBy: string | null
}

const hourMs = 60 * 60_000

/** How long a Disable may be asked for, in milliseconds; without an end it lasts until somebody enables. */
export const offeredLengthsMs: readonly number[] = [1, 4, 8, 24, 72, 168, 720].map((hours) => hours * hourMs)

/** Whether nothing about the task can change any more but by Retry. */
export function isFinished(status: TaskStatus): boolean {
  return status !== 'pending_approval' && status !== 'in_progress'
}

/**
 * The status of a task that has started, from its enforcements alone. `skipped` does not count; when nothing else is
 * there, nothing could be done: unsuccessful.
 */
export function rollUp(enforcements: readonly Pick<Enforcement, 'status'>[]): TaskStatus {
  const counted = enforcements.filter((one) => one.status !== 'skipped')
  if (counted.some((one) => one.status === 'waiting' || one.status === 'running')) return 'in_progress'
  const successful = counted.filter((one) => one.status === 'successful').length
  if (successful === 0) return 'unsuccessful'
  return successful === counted.length ? 'successful' : 'partially_successful'
}
