import type { ConnectorErrorCode, ConnectorErrorFacts } from '#src/errors.ts'
import type { ReadBack, Remark, SystemKind } from '#src/iam/connector.ts'

/** What a task does. The words people see are in `src/slack/messages/words.ts`. */
export const actions = ['disable_account', 'enable_account'] as const
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
  | { readonly kind: 'ambiguous'; readonly hits: number }
  | { readonly kind: 'never_disabled_here' }
  | { readonly kind: 'out_of_time' }
  | { readonly kind: 'newer_task'; readonly taskId: string }
  | { readonly kind: 'our_fault'; readonly reference: string }

/** The part of a task that one IAM system carries out on one account. */
export interface Enforcement {
  readonly id: string
  readonly taskId: string
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
  readonly reason: EnforcementReason | null
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /** The Enable task that restored what this enforcement changed. */
  readonly undoneBy: string | null
}

/** What a responder asked for: one action on one target. */
export interface Task {
  readonly id: string
  readonly action: Action
  readonly status: TaskStatus
  readonly targetName: string
  /** What the responder typed; the person is looked up by it again when the task starts. */
  readonly personText: string
  readonly targetEmails: readonly string[]
  /** The look-up whose form made the task. */
  readonly lookUpId: string
  readonly requesterId: string
  readonly requesterEmail: string | null
  readonly description: string
  readonly approvalsNeeded: number
  /** The Disable task whose menu asked for this Enable. */
  readonly undoes: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly expiresAt: Date | null
  readonly approvedAt: Date | null
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /** Who ended it before it ran, for `cancelled`; the Slack user id, or the id of the newer task. */
  readonly endedBy: string | null
}

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
