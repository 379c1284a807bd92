import type { ConnectorErrorFacts } from '#src/errors.ts'
import type { Remark } from '#src/iam/connector.ts'
import { administratorOf, readBackWords, wantedState } from '#src/slack/messages/words.ts'
import { code, escapeMrkdwn, slackDate } from '#src/slack/text.ts'
import type { Action, Enforcement, EnforcementReason } from '#src/tasks/task.ts'

/** What one enforcement's reply is made from. */
export interface EnforcementFacts extends Pick<
  Enforcement,
  'systemId' | 'systemKind' | 'login' | 'readBack' | 'already' | 'remarks' | 'reason'
> {
  readonly action: Action
  readonly status: 'successful' | 'unsuccessful' | 'skipped'
  readonly durationMs: number
  readonly at: Date
}

/** The reply about one enforcement, complete in itself, in mrkdwn. */
export function enforcementReply(facts: EnforcementFacts): string {
  const system = `*${escapeMrkdwn(facts.systemId)}*`
  switch (facts.status) {
    case 'successful':
      return [`✔ ${system} ${successSentence(facts)}`, ...remarkSentences(facts.remarks)].join(' ')
    case 'skipped':
      return `– ${system}: ${skipSentence(facts)}`
    case 'unsuccessful':
      return [`✖ ${system} ${failureSentence(facts)}`, ...remarkSentences(facts.remarks)].join(' ')
  }
}

function successSentence(facts: EnforcementFacts): string {
  const account = code(facts.login)
  const wanted = wantedState[facts.action]
  const seen = slackDate(facts.at, 'time')
  if (facts.already) return `${account} was already ${wanted}. Read back at ${seen}: ${wanted}.`
  const done = `${wanted} ${account} in ${seconds(facts.durationMs)}.`
  if (facts.readBack === 'accepted')
    return `accepted the change for ${account} in ${seconds(facts.durationMs)}. This system gives no way to look.`
  const proof = facts.systemKind === 'openldap' && wanted === 'disabled' ? ', and the lock is enforced' : ''
  return `${done} Read back at ${seen}: ${wanted}${proof}.`
}

/** A duration as people say it; nothing is shorter than 0.1 s. */
export function seconds(ms: number): string {
  return `${(Math.max(ms, 100) / 1000).toFixed(1)} s`
}

function skipSentence(facts: EnforcementFacts): string {
  return facts.reason?.kind === 'nobody_there'
    ? `nobody called ${code(facts.login)} is there, so there was nothing to do.`
    : `this system has no such action, so there was nothing to do.`
}

function remarkSentences(remarks: readonly Remark[]): string[] {
  return remarks.map(remarkSentence)
}

function remarkSentence(remark: Remark): string {
  switch (remark) {
    case 'sessions_live_on':
      return 'Sessions already open there may live on until they end.'
    case 'other_domain_controllers_later':
      return 'Other domain controllers follow with the next replication.'
    case 'certificate_signins_not_covered':
      return 'Sign-ins with certificates or Kerberos are not covered by this lock.'
    case 'lock_cleared_by_password_change':
      return 'This server is too old for an end date: a password change would lift the lock.'
    case 'flags_changed_meanwhile':
      return 'Other settings of the account were changed by somebody else meanwhile; they are kept.'
    case 'lockout_not_restored':
      return "An earlier lock-out by wrong passwords can't be restored."
    case 'before_image_missing':
      return 'What stood there before is not known, so only the lock was removed.'
    case 'lock_restored':
      return 'A lock that was there before Drawbridge came was put back.'
  }
}

function failureSentence(facts: EnforcementFacts): string {
  const { reason } = facts
  const account = code(facts.login)
  if (reason === null) return `did not do what was asked for ${account}. Press *Retry failed*.`
  switch (reason.kind) {
    case 'system_error':
      return systemErrorSentence(facts, reason)
    case 'read_back':
      return readBackSentence(facts, reason.readBack)
    case 'protected':
      return `was left alone: ${account} is protected, because ${escapeMrkdwn(reason.why)}.`
    case 'nobody_there':
      return `knows nobody called ${account}.`
    case 'ambiguous':
      if (reason.hits === 1)
        return `has an account that could be ${account}, but it may belong to somebody else, so it was not changed. Ask again and pick it if it is the right one.`
      return `has ${reason.hits} accounts that could be ${account}, so none was changed. Ask again and pick the right one.`
    case 'never_disabled_here':
      return `was left alone: ${account} was not disabled by Drawbridge.`
    case 'newer_task':
      return `was left alone: ${reason.taskId} is newer and covers ${account}.`
    case 'out_of_time':
      return `did not answer about ${account} in the time a task may take. Its state is unknown. Press *Retry failed* when it is back.`
    case 'our_fault':
      return `was not done for ${account}: something went wrong on my side. Reference ${reason.reference}: the log has the details.`
  }
}

function systemErrorSentence(
  facts: EnforcementFacts,
  reason: Extract<EnforcementReason, { kind: 'system_error' }>,
): string {
  const account = code(facts.login)
  const retry = 'Then press *Retry failed*; only what failed will be asked again.'
  switch (reason.code) {
    case 'not_permitted':
      return `refused ${account}: ${missingRight(facts, reason.facts)} ${retry}`
    case 'not_found':
      return `no longer has the account ${account}. Nothing was changed there.`
    case 'bad_credentials':
      return `refused Drawbridge's own sign-in${vendor(reason.facts)}. An owner of Drawbridge checks the account it connects with. ${retry}`
    case 'rate_limited':
      return `asked us to slow down, so ${account} was not changed. Press *Retry failed* in a few minutes.`
    case 'unavailable':
      return `could not be reached, so ${account} was not changed${detail(reason.facts)}. Press *Retry failed* when it is back.`
    case 'timed_out':
      return `gave no answer in time about ${account}. Its state is unknown. Press *Retry failed* when it is back.`
    case 'unknown_outcome':
      return `was sent the change for ${account}, but the answer was lost and I could not look again. Its state is unknown; I look again later, or press *Retry failed*.`
    case 'bad_response':
      return `gave an answer I do not understand about ${account}${vendor(reason.facts)}, so I don't call it ${wantedState[facts.action]}. Press *Retry failed*, or look there yourself.`
    case 'not_supported':
      return `was left alone: ${account} ${leftAloneWhy(reason.facts.detail)}.`
    case 'refused_by_vendor':
      return `refused the change for ${account}${vendorAndDetail(reason.facts)}. ${sentenceStart(administratorOf[facts.systemKind])} can say why.`
    case 'misconfigured':
      return `is wrongly configured in Drawbridge${detail(reason.facts)}, so ${account} was not changed. An owner of Drawbridge mends that. ${retry}`
  }
}

const neverTouched: Readonly<Record<string, string>> = {
  own_account: 'is an account that Drawbridge itself uses to connect',
  built_in_account: 'is built into the directory and is never changed by Drawbridge',
  synchronization_account: 'belongs to the directory synchronization, which would stop',
  not_a_person: "is not a person's account",
}

function leftAloneWhy(why: string | undefined): string {
  return (
    neverTouched[why ?? ''] ??
    `can't be changed this way${why === undefined ? '' : ` (${escapeMrkdwn(why.replaceAll('_', ' '))})`}`
  )
}

function missingRight(facts: EnforcementFacts, about: ConnectorErrorFacts): string {
  const right =
    about.permission === undefined
      ? 'a right is missing'
      : `Drawbridge lacks the right *${escapeMrkdwn(about.permission)}*`
  const where = about.where === undefined ? '' : ` ${escapeMrkdwn(about.where)}`
  return `${right}${where}. ${sentenceStart(about.grantedBy ?? administratorOf[facts.systemKind])} can grant it.`
}

function sentenceStart(words: string): string {
  return escapeMrkdwn(words.charAt(0).toUpperCase() + words.slice(1))
}

function vendorAndDetail(about: ConnectorErrorFacts): string {
  const both = [about.vendorCode, about.detail?.replaceAll('_', ' ')].filter((one) => one !== undefined)
  return both.length === 0 ? '' : ` (${escapeMrkdwn(both.join(', '))})`
}

function vendor(about: ConnectorErrorFacts): string {
  return about.vendorCode === undefined ? '' : ` (${escapeMrkdwn(about.vendorCode)})`
}

function detail(about: ConnectorErrorFacts): string {
  return about.detail === undefined ? '' : ` (${escapeMrkdwn(about.detail.replaceAll('_', ' '))})`
}

function readBackSentence(
  facts: EnforcementFacts,
  readBack: Extract<EnforcementReason, { kind: 'read_back' }>['readBack'],
): string {
  const account = code(facts.login)
  const wanted = wantedState[facts.action]
  switch (readBack) {
    case 'unproven':
      return `has the lock written on ${account}, but nothing proves that it is enforced, so I don't call it ${wanted}. A canary account in the configuration, or read access to pwdFailureTime, makes it provable.`
    case 'not_enforced':
      return `accepts the lock on ${account} but does not enforce it: the person can still sign in. The ppolicy overlay needs a policy with pwdLockout TRUE for this person; ${administratorOf[facts.systemKind]} can add it. Then press *Retry failed*.`
    case 'drifted':
      if (facts.remarks.includes('lock_restored'))
        return `has ${account} as it was before the Disable, and that was not ${wanted}. Whoever locked it then can say more.`
      return `took the change for ${account}, but the account does not read as ${wanted}. Somebody or something changed it back. Press *Retry failed*.`
    case 'unreachable':
      return `took the change for ${account}, but I could not look again. Sent, not confirmed. I look again later, or press *Retry failed*.`
  }
}

/** The few words about an enforcement on the task's own message. */
export function enforcementLine(one: Enforcement, action: Action): string {
  const wanted = wantedState[action]
  switch (one.status) {
    case 'waiting':
      return 'waiting'
    case 'running':
      return 'working'
    case 'skipped':
      return one.reason?.kind === 'nobody_there'
        ? 'nobody there, nothing to do'
        : 'no such action there, nothing to do'
    case 'successful':
      if (one.undoneBy !== null) return `${wanted}, then enabled again by ${one.undoneBy}`
      if (one.already) return `already ${wanted}, read back`
      return one.readBack === 'accepted' ? 'accepted, no way to look' : `${wanted}, read back`
    case 'unsuccessful':
      return failureWords(one.reason, wanted)
  }
}

function failureWords(reason: EnforcementReason | null, wanted: string): string {
  switch (reason?.kind) {
    case 'system_error':
      return systemErrorWords(reason.code)
    case 'read_back':
      return reason.readBack === 'drifted' ? `not ${wanted} any more` : readBackWords(reason.readBack)
    case 'protected':
      return 'protected, left alone'
    case 'ambiguous':
      return 'several could be meant, none changed'
    case 'never_disabled_here':
      return 'not disabled by Drawbridge, left alone'
    case 'newer_task':
      return `left to ${reason.taskId}, which is newer`
    case 'out_of_time':
      return 'no answer in time, state unknown'
    case 'our_fault':
      return `went wrong on my side (${reason.reference})`
    case 'nobody_there':
    case undefined:
      return 'not done'
  }
}

function systemErrorWords(errorCode: Extract<EnforcementReason, { kind: 'system_error' }>['code']): string {
  switch (errorCode) {
    case 'not_permitted':
      return 'not permitted'
    case 'not_found':
      return 'account is gone'
    case 'bad_credentials':
      return "Drawbridge's own sign-in refused"
    case 'rate_limited':
      return 'asked to slow down'
    case 'unavailable':
      return 'not reachable'
    case 'timed_out':
    case 'unknown_outcome':
      return 'state unknown'
    case 'bad_response':
      return 'answer not understood'
    case 'not_supported':
      return 'not possible there'
    case 'refused_by_vendor':
      return 'refused'
    case 'misconfigured':
      return 'wrongly configured'
  }
}
