import { UserError } from '#src/errors.ts'
import type { Protection } from '#src/people/protection.ts'

/** The `approval` part of the configuration for one action. Times in milliseconds. */
export interface ApprovalRule {
  readonly approvers: number
  readonly expiresAfterMs: number
  readonly remindAfterMs: number
  readonly escalateAfterMs: number
  /** Whether approvers show a one-time code of their local user. */
  readonly stepUp?: boolean | undefined
}

/** How many approvers a task needs, given how its accounts are protected. Pure. */
export function approvalsNeeded(rule: ApprovalRule, protections: readonly Protection[]): number {
  return protections.some((one) => one.kind === 'two_approvers')
    ? Math.max(2, rule.approvers)
    : rule.approvers
}

/**
 * Why a task must leave an account alone that is protected in this way; undefined when it may change it. Two approvers
 * go together with a reason. Pure.
 */
export function whyForbidden(
  task: { readonly approvalsNeeded: number; readonly description: string },
  protection: Protection,
): string | undefined {
  switch (protection.kind) {
    case 'none':
      return undefined
    case 'deny':
      return protection.why
    case 'two_approvers':
      if (!hasReason(task))
        return `${protection.why}, and this task gives no reason: ask anew with a description`
      return task.approvalsNeeded < 2 ? protection.why : undefined
  }
}

/** Whether a task says why it was asked for. Pure. */
export function hasReason(task: { readonly description: string }): boolean {
  return task.description.trim() !== ''
}

/** The people a decision is about. */
export interface DecisionCase {
  readonly requesterId: string
  readonly targetEmails: readonly string[]
}

/** True when the person with this e-mail is the target: any matched e-mail equals theirs, ignoring case. */
export function isTarget(targetEmails: readonly string[], email: string | undefined): boolean {
  return email !== undefined && targetEmails.some((one) => one.toLowerCase() === email.toLowerCase())
}

/**
 * Refuses the requester and the target, whatever their role. Throws `UserError` with `own_request` or `about_you`.
 */
export function assertMayDecide(
  decider: { readonly userId: string; readonly email: string | undefined },
  about: DecisionCase,
): void {
  if (decider.userId === about.requesterId)
    throw new UserError('own_request', 'You asked for this, so somebody else has to decide.')
  if (isTarget(about.targetEmails, decider.email))
    throw new UserError('about_you', 'This is about your own account, so somebody else has to decide.')
}
