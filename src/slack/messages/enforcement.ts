import type { EnforcementFacts } from '#src/slack/messages/enforcement-facts.ts'
import { failureWords } from '#src/slack/messages/failure-words.ts'
import { failureSentence } from '#src/slack/messages/failure.ts'
import { remarkSentence, remarkWords } from '#src/slack/messages/remarks.ts'
import { actionWords } from '#src/slack/messages/words.ts'
import { code, escapeMrkdwn, slackDate } from '#src/slack/text.ts'
import type { Action, Enforcement } from '#src/tasks/task.ts'

/** The reply about one enforcement, complete in itself, in mrkdwn. */
export function enforcementReply(facts: EnforcementFacts): string {
  const system = `*${escapeMrkdwn(facts.systemId)}*`
  switch (facts.status) {
    case 'successful':
      return [`✔ ${system} ${successSentence(facts)}`, ...facts.remarks.map(remarkSentence)].join(' ')
    case 'skipped':
      return `– ${system}: ${skipSentence(facts)}`
    case 'unsuccessful':
      return [`✖ ${system} ${failureSentence(facts)}`, ...facts.remarks.map(remarkSentence)].join(' ')
  }
}

function successSentence(facts: EnforcementFacts): string {
  switch (facts.action) {
    case 'disable_account':
    case 'enable_account':
      return `${stateSentence(facts)}${sessionSentence(facts)}`
    case 'force_password_reset':
      return `${resetSentence(facts)}${sessionSentence(facts)}`
    case 'force_sign_out':
      return signOutSentence(facts)
  }
}

function stateSentence(facts: EnforcementFacts): string {
  const account = code(facts.login)
  const wanted = actionWords[facts.action].state
  const seen = slackDate(facts.at, 'time')
  if (facts.already) return `${account} was already ${wanted}. Read back at ${seen}: ${wanted}.`
  const done = `${wanted} ${account} in ${seconds(facts.durationMs)}.`
  if (facts.readBack === 'accepted')
    return `accepted the change for ${account} in ${seconds(facts.durationMs)}. This system gives no way to look.`
  const proof = facts.systemKind === 'openldap' && wanted === 'disabled' ? ', and the lock is enforced' : ''
  return `${done} Read back at ${seen}: ${wanted}${proof}.`
}

function resetSentence(facts: EnforcementFacts): string {
  const account = code(facts.login)
  if (facts.readBack === 'accepted')
    return `took the demand for a new password for ${account} in ${seconds(facts.durationMs)}. This system gives no way to look.`
  const seen = slackDate(facts.at, 'time')
  if (facts.already) return `demanded a new password from ${account} already. Read back at ${seen}.`
  return `demands a new password from ${account} at the next sign-in, set in ${seconds(facts.durationMs)}. Read back at ${seen}.`
}

function signOutSentence(facts: EnforcementFacts): string {
  const account = code(facts.login)
  if (facts.readBack === 'accepted')
    return `took the order to end all sessions of ${account} in ${seconds(facts.durationMs)}. This system gives no way to look.`
  return `ended all sessions of ${account} in ${seconds(facts.durationMs)}. Read back at ${slackDate(facts.at, 'time')}.`
}

function sessionSentence(facts: EnforcementFacts): string {
  switch (facts.sessions) {
    case 'ended':
      return ' Its open sessions were ended.'
    case 'accepted':
      return ' Its sessions were revoked.'
    case 'not_asked':
      return ' Open sessions were left alone, as asked.'
    case 'failed':
    case null:
      return ''
  }
}

/** A duration as people say it; nothing is shorter than 0.1 s. */
export function seconds(ms: number): string {
  return `${(Math.max(ms, 100) / 1000).toFixed(1)} s`
}

function skipSentence(facts: EnforcementFacts): string {
  const account = code(facts.login)
  const { reason } = facts
  if (reason?.kind === 'nobody_there') return `nobody called ${account} is there, so there was nothing to do.`
  if (reason?.kind !== 'not_for_this_account')
    return facts.action === 'force_sign_out'
      ? `this system has no way to end sessions, so nothing was done for ${account}. Those that are open live on until they end.`
      : `this system has no such action, so nothing was done for ${account}.`
  const where = reason.where === undefined ? 'elsewhere' : `by *${escapeMrkdwn(reason.where)}*`
  switch (reason.why) {
    case 'password_kept_elsewhere':
      return `the password of ${account} is kept ${where}, so there is none to change here.`
    case 'guest':
      return `${account} is a guest whose password and sessions are kept by its home organization, so nothing was done here.`
    case 'smart_card':
      return `${account} signs in with a smart card and has no password to choose, so nothing was done.`
  }
}

/** The few words about an enforcement on the task's own message. */
export function enforcementLine(one: Enforcement, action: Action): string {
  const { state } = actionWords[action]
  switch (one.status) {
    case 'waiting':
      return 'waiting'
    case 'running':
      return 'working'
    case 'skipped':
      return skippedWords(one)
    case 'successful':
      return [successWords(one, state), ...stillTrue(one)].join(' · ')
    case 'unsuccessful':
      return failureWords(one.reason, state)
  }
}

// What was told about the change means nothing once it is undone.
function stillTrue(one: Enforcement): string[] {
  return one.undoneBy === null ? one.remarks.flatMap((remark) => remarkWords(remark) ?? []) : []
}

function skippedWords({ reason }: Enforcement): string {
  if (reason?.kind === 'nobody_there') return 'nobody there, nothing to do'
  return reason?.kind === 'not_for_this_account'
    ? 'not possible for this account, nothing done'
    : 'no such action there, nothing done'
}

function successWords(one: Enforcement, state: string): string {
  if (one.undoneBy !== null) return `${state}, then enabled again by ${one.undoneBy}`
  const done = one.already ? `already ${state}` : state
  const sessions = one.sessions === 'ended' || one.sessions === 'accepted' ? ', sessions revoked' : ''
  return one.readBack === 'accepted' ? `${done}, accepted, no way to look` : `${done}${sessions}, read back`
}
