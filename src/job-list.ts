import { type DecideDeps, decideJob } from '#src/approvals/decide.ts'
import { escalateApprovalJob, expireApprovalJob, remindApproversJob } from '#src/approvals/wait.ts'
import type { JobKind } from '#src/jobs/job.ts'
import { runBatchesJob } from '#src/local-users/run-batches.ts'
import { type SendMailsDeps, sendMailsJob } from '#src/local-users/send-mails.ts'
import { forgetOldJob, type RetentionRules } from '#src/retention.ts'
import { lookAgainJob } from '#src/tasks/drift.ts'
import { endDisableJob, remindOfEndJob } from '#src/tasks/end-jobs.ts'
import { enforceJob } from '#src/tasks/enforce.ts'
import { releaseEnforcementJob } from '#src/tasks/release.ts'
import { startTaskJob } from '#src/tasks/start.ts'
import { watchTaskJob } from '#src/tasks/watch.ts'

/** Every kind of durable work; one line each. */
export function jobKinds(
  deps: DecideDeps & SendMailsDeps & { readonly retention: RetentionRules },
): readonly JobKind[] {
  return [
    startTaskJob(deps),
    enforceJob(deps),
    releaseEnforcementJob(deps),
    watchTaskJob(deps),
    lookAgainJob(deps),
    remindOfEndJob(deps),
    endDisableJob(deps),
    decideJob(deps),
    expireApprovalJob(deps),
    remindApproversJob(deps),
    escalateApprovalJob(deps),
    forgetOldJob(deps),
    runBatchesJob(deps),
    sendMailsJob(deps),
  ]
}
