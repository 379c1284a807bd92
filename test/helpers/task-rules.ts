import type { ApprovalRule } from '#src/approvals/policy.ts'
import type { TaskRules } from '#src/tasks/deps.ts'

/** Rules of tasks under which nobody is protected and nothing is looked at again; `rule` changes the approval of every action. */
export function taskRules(rule: Partial<ApprovalRule> = {}, changes: Partial<TaskRules> = {}): TaskRules {
  const approval = {
    ...{ approvers: 1, expiresAfterMs: 60_000, remindAfterMs: 60_000, escalateAfterMs: 60_000 },
    ...rule,
  }
  return {
    approval: {
      ...{ disable_account: approval, enable_account: approval },
      ...{ force_password_reset: approval, force_sign_out: approval },
    },
    ...{ approvers: [], escalateTo: [], driftChecksMs: [], callsPerSystem: 8 },
    protection: { deny: [], twoApprovers: [], detected: 'deny' },
    ...{ enableRequiresPriorDisable: true, taskTimeoutMs: 600_000, callTimeoutMs: 10_000 },
    ...changes,
  }
}
