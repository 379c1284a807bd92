import type { AccountNote, ReadBack, SystemKind } from '#src/iam/connector.ts'
import type { Evidence } from '#src/iam/target.ts'
import type { Action, TaskStatus } from '#src/tasks/task.ts'

/** The label of an action, as it stands in every title. */
export const actionLabel: { readonly [action in Action]: string } = {
  disable_account: 'Disable User Account',
  enable_account: 'Enable User Account',
}

/** The action inside a sentence: "to disable". */
export const actionVerb: { readonly [action in Action]: string } = {
  disable_account: 'disable',
  enable_account: 'enable',
}

/** The state an action leads to. */
export const wantedState: { readonly [action in Action]: 'disabled' | 'enabled' } = {
  disable_account: 'disabled',
  enable_account: 'enabled',
}

/** A status in exactly the product's words. */
export const statusLabel: { readonly [status in TaskStatus]: string } = {
  pending_approval: 'Pending approval',
  in_progress: 'In progress',
  successful: 'Successful',
  partially_successful: 'Partially successful',
  unsuccessful: 'Unsuccessful',
  rejected: 'Rejected',
  expired: 'Expired',
  cancelled: 'Cancelled',
}

/** The one emoji that starts a status, always the same. */
export const statusEmoji: { readonly [status in TaskStatus]: string } = {
  pending_approval: '🕓',
  in_progress: '🔄',
  successful: '✅',
  partially_successful: '⚠️',
  unsuccessful: '⛔',
  rejected: '↩️',
  expired: '⌛',
  cancelled: '🚫',
}

/** Why an account is thought to be the target's, in a few words. */
export function evidenceWords(evidence: Evidence): string {
  const as = evidence.as === undefined ? '' : ` as ${evidence.as}`
  switch (evidence.by) {
    case 'id':
      return 'by its id'
    case 'sid':
      return 'by its SID'
    case 'dn':
      return 'by its distinguished name'
    case 'user_principal_name':
      return 'same user principal name'
    case 'email':
      return 'same e-mail'
    case 'secondary_email':
      return 'by a second e-mail: tick it if this is the same person'
    case 'login':
      return 'same login'
    case 'same_object_guid':
      return `same objectGUID${as}`
    case 'same_object_sid':
      return `same SID${as}`
    case 'task':
      return `disabled by ${evidence.as ?? 'an earlier task'}`
  }
}

const noteWords: { readonly [note in AccountNote]: string } = {
  locked_by_failures: 'locked by wrong passwords',
  expired: 'account expired',
  no_logon_hours: 'no logon hours',
  must_change_password: 'must change password',
  password_expired: 'password expired',
  certificate_signins_not_covered: 'certificate sign-ins not covered',
  lock_not_proven: 'lock not proven',
}

/** A note about an account in two or three words; unknown notes are left out. */
export function noteLabel(note: string): string | undefined {
  return Object.entries(noteWords).find(([key]) => key === note)?.[1]
}

/** Why a system could not be asked, in a few words. */
export function unaskedWords(code: string): string {
  switch (code) {
    case 'timed_out':
      return 'no answer in time'
    case 'unavailable':
      return 'not reachable'
    case 'bad_credentials':
      return "Drawbridge's own sign-in was refused"
    case 'not_permitted':
      return 'not permitted to look'
    case 'misconfigured':
      return 'wrongly configured'
    default:
      return 'no usable answer'
  }
}

/** Who can end a missing right, by kind of system. */
export const administratorOf: { readonly [kind in SystemKind]: string } = {
  entra: 'an Entra administrator',
  okta: 'an Okta super administrator',
  'active-directory': 'a domain administrator',
  openldap: 'the administrator of the directory',
  local: 'an owner of Drawbridge',
}

/** A read-back in the short words of a status line. */
export function readBackWords(readBack: ReadBack): string {
  switch (readBack) {
    case 'verified':
      return 'read back'
    case 'accepted':
      return 'accepted, no way to look'
    case 'unproven':
      return 'lock written, not proven'
    case 'not_enforced':
      return 'lock written, not enforced'
    case 'drifted':
      return 'reads otherwise'
    case 'unreachable':
      return 'state unknown'
  }
}
