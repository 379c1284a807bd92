import type { ConnectorErrorFacts } from '#src/errors.ts'
import type { EnforcementFacts } from '#src/slack/messages/enforcement-facts.ts'
import { isUnsuspendable, systemErrorWords } from '#src/slack/messages/failure-words.ts'
import { leftAloneWhy } from '#src/slack/messages/left-alone.ts'
import { actionWords, administratorOf } from '#src/slack/messages/words.ts'
import { code, escapeMrkdwn, slackDate } from '#src/slack/text.ts'
import type { EnforcementReason } from '#src/tasks/task.ts'

/** What went wrong, and what to do next. Mrkdwn. */
export function failureSentence(facts: EnforcementFacts): string {
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
    case 'no_such_action':
    case 'not_for_this_account':
      return `has no such action for ${account}.`
    case 'sessions_live_on':
      return `${soFar(facts)}, but its open sessions could not be ended: ${whySessions(facts, reason)} ${retryThen}`
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
  const retry = retryThen
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
      if (reason.facts.detail === 'all_places_taken')
        return `is busy with other accounts, so ${account} was not changed. Press *Retry failed*.`
      return `gave no answer in time about ${account}. Its state is unknown. Press *Retry failed* when it is back.`
    case 'unknown_outcome':
      return `was sent the change for ${account}, but the answer was lost and I could not look again. Its state is unknown; I look again later, or press *Retry failed*.`
    case 'bad_response':
      return `gave an answer I do not understand about ${account}${vendor(reason.facts)}, so I don't call it ${actionWords[facts.action].state}. Press *Retry failed*, or look there yourself.`
    case 'not_supported':
      return isUnsuspendable(reason)
        ? `can't suspend ${account}${status(reason.facts)}, and the person can still come back from there. So it is *not disabled*. *Deactivate instead* holds, but takes the account out of all applications, and some assignments may not come back.`
        : `was left alone: ${account} ${leftAloneWhy(reason.facts.detail)}.`
    case 'refused_by_vendor':
      return `refused the change for ${account}${vendorAndDetail(reason.facts)}. ${sentenceStart(administratorOf[facts.systemKind])} can say why.`
    case 'misconfigured':
      if (reason.facts.detail !== undefined && reason.facts.detail in asksForNoPassword)
        return `would not ask ${account} for a new password: ${asksForNoPassword[reason.facts.detail]}. Nothing was changed. ${sentenceStart(administratorOf[facts.systemKind])} can change that. ${retry}`
      return `is wrongly configured in Drawbridge${detail(reason.facts)}, so ${account} was not changed. An owner of Drawbridge mends that. ${retry}`
  }
}

const retryThen = 'Then press *Retry failed*; only what failed will be asked again.'

function status(about: ConnectorErrorFacts): string {
  return about.state === undefined ? '' : ` while its status is ${code(about.state)}`
}

/** What did happen before the sessions could not be ended. */
function soFar(facts: EnforcementFacts): string {
  const { action, login, at } = facts
  const account = code(login)
  if (action !== 'disable_account') return `did what was asked for ${account}`
  return `disabled ${account}. Read back at ${slackDate(at, 'time')}: disabled`
}

function whySessions(
  facts: EnforcementFacts,
  reason: Extract<EnforcementReason, { kind: 'sessions_live_on' }>,
): string {
  if (reason.code === 'not_permitted') return missingRight(facts, reason.facts)
  return `${systemErrorWords(reason.code)}${vendor(reason.facts)}.`
}

// What keeps a directory from asking for a new password.
const asksForNoPassword: Readonly<Record<string, string>> = {
  reset_not_enforced: 'it takes the mark and lets people sign in all the same',
  policy_without_must_change: 'the password policy of this person says pwdMustChange FALSE',
  policy_forbids_password_change:
    'the password policy of this person says pwdAllowUserChange FALSE, so no new one could be chosen',
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
  if (about.detail === 'away_lately') return ' (it was away a moment ago, and I do not try again so soon)'
  return about.detail === undefined ? '' : ` (${escapeMrkdwn(about.detail.replaceAll('_', ' '))})`
}

function readBackSentence(
  facts: EnforcementFacts,
  readBack: Extract<EnforcementReason, { kind: 'read_back' }>['readBack'],
): string {
  const account = code(facts.login)
  const wanted = actionWords[facts.action].state
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
