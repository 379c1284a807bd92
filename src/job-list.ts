import { decideJob } from '#src/approvals/decide.ts'
import type { DecideDeps } from '#src/approvals/judge.ts'
import { escalateApprovalJob, expireApprovalJob, remindApproversJob } from '#src/approvals/wait.ts'
import type { JobKind } from '#src/jobs/job.ts'
import { runBatchesJob } from '#src/local-users/run-batches.ts'
import { type SendMailsDeps, sendMailsJob } from '#src/local-users/send-mails.ts'
import { sendAskedLinkJob } from '#src/sign-in/ask-link.ts'
import { tellRelyingPartyJob } from '#src/sign-in/oidc/back-channel.ts'
import type { OidcSettings } from '#src/sign-in/oidc/settings.ts'
import { forgetOldJob, forgetOverJob, type RetentionRules } from '#src/retention.ts'
import { lookAgainJob } from '#src/tasks/drift.ts'
import { endDisableJob, remindOfEndJob } from '#src/tasks/end-jobs.ts'
import { enforceJob } from '#src/tasks/enforce.ts'
import { lookUpPeopleJob, type PeopleDeps } from '#src/tasks/people/look-up-people.ts'
import { showProgressJob } from '#src/tasks/people/show-progress.ts'
import { startPersonJob } from '#src/tasks/people/start-person.ts'
import { releaseEnforcementJob } from '#src/tasks/release.ts'
import { startTaskJob } from '#src/tasks/start.ts'
import { lookAtSystemsJob } from '#src/tasks/system-health.ts'
import { watchTaskJob } from '#src/tasks/watch.ts'

/** Every kind of durable work; one line each. */
export function jobKinds(
  deps: DecideDeps &
    PeopleDeps &
    SendMailsDeps & { readonly retention: RetentionRules; readonly oidc: OidcSettings | undefined },
): readonly JobKind[] {
  return [
    startTaskJob(deps),
    lookUpPeopleJob(deps),
    startPersonJob(deps),
    showProgressJob(deps),
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
    forgetOverJob(deps),
    runBatchesJob(deps),
    sendMailsJob(deps),
    lookAtSystemsJob(deps),
    sendAskedLinkJob(deps),
    tellRelyingPartyJob(deps),
  ]
}
