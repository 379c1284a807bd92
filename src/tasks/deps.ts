import type { Store } from '#db/store.ts'
import type { ApprovalRule } from '#src/approvals/policy.ts'
import type { Clock } from '#src/clock.ts'
import type { LookUpDeps } from '#src/iam/find-target.ts'
import type { KnownAccount } from '#src/iam/match.ts'
import type { IamConnector } from '#src/iam/connector.ts'
import type { Log } from '#src/log.ts'
import type { ProtectionRules } from '#src/people/protection.ts'
import type { StepUp } from '#src/sign-in/step-up.ts'
import type { Action } from '#src/tasks/task.ts'

/** What the configuration says about tasks. Durations in milliseconds. */
export interface TaskRules {
  readonly approval: { readonly [action in Action]: ApprovalRule }
  /** Slack ids (users and groups) that hold the approver role: mentioned once per task. */
  readonly approvers: readonly string[]
  /** Slack ids that are mentioned when nobody decided for a while. Gives nobody a right. */
  readonly escalateTo: readonly string[]
  readonly protection: ProtectionRules
  readonly enableRequiresPriorDisable: boolean
  readonly taskTimeoutMs: number
  readonly callTimeoutMs: number
  /** How many calls to one IAM system run at the same time; lists of people are worked on no faster than that. */
  readonly callsPerSystem: number
  readonly driftChecksMs: readonly number[]
}

/** What the subjects `tasks` and `approvals` work with. */
export interface TaskDeps {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly rules: TaskRules
  readonly connectors: readonly IamConnector[]
  /** Asks approvers for a one-time code where the policy wants one; undefined without sign-in pages. */
  readonly stepUp?: StepUp | undefined
  /** The addresses of the last owner of Drawbridge who can still act; empty while there are more. */
  lastOwner(signal: AbortSignal): Promise<readonly string[]>
  /** Told once the end of an enforcement is committed; for counting. */
  onEnforcementEnded(ended: {
    readonly systemId: string
    readonly action: Action
    readonly result: 'successful' | 'unsuccessful' | 'skipped'
  }): void
}

/** How long a look-up for a card or a gate waits for one system, so that a slow one does not hold up the others. */
export function lookUpTimeoutMs(rules: TaskRules): number {
  return Math.min(rules.callTimeoutMs, 5_000)
}

/** What protects accounts at this moment: the configuration, and the last owner. */
export async function protectionNow(deps: TaskDeps, signal: AbortSignal): Promise<ProtectionRules> {
  return { ...deps.rules.protection, lastOwner: await deps.lastOwner(signal) }
}

/** What a look-up over these systems needs; `known` are accounts that the task covers already. */
export async function lookUpDeps(
  deps: TaskDeps,
  signal: AbortSignal,
  options: { readonly connectors?: readonly IamConnector[]; readonly known?: readonly KnownAccount[] } = {},
): Promise<LookUpDeps> {
  return {
    connectors: options.connectors ?? deps.connectors,
    protection: await protectionNow(deps, signal),
    lookUpTimeoutMs: lookUpTimeoutMs(deps.rules),
    log: deps.log,
    known: options.known,
  }
}

/** An approval is good for Retry while it is younger than this. */
export const approvalGoodForMs = 24 * 60 * 60 * 1000
