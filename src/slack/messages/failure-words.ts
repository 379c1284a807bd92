import { readBackWords } from '#src/slack/messages/words.ts'
import type { EnforcementReason } from '#src/tasks/task.ts'

/** What went wrong in a few words, for the task's own line. Plain. */
export function failureWords(reason: EnforcementReason | null, wanted: string): string {
  switch (reason?.kind) {
    case 'system_error':
      return isUnsuspendable(reason) ? "not disabled: can't be suspended" : systemErrorWords(reason.code)
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
    case 'sessions_live_on':
      return `${wanted}, but sessions live on`
    case 'nobody_there':
    case 'no_such_action':
    case 'not_for_this_account':
    case undefined:
      return 'not done'
  }
}

/** Why a system did not do it, in two or three words. Plain. */
export function systemErrorWords(
  errorCode: Extract<EnforcementReason, { kind: 'system_error' }>['code'],
): string {
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

/** Whether the system has no way to hold this account short of deactivating it. */
export function isUnsuspendable(reason: EnforcementReason | null): boolean {
  return (
    reason?.kind === 'system_error' &&
    reason.code === 'not_supported' &&
    reason.facts.detail === 'unsuspendable'
  )
}
