import type { AccountNote, ReadBack, SystemKind } from '#src/iam/connector.ts'
import type { Evidence } from '#src/iam/target.ts'
import type { Action, TaskStatus } from '#src/tasks/task.ts'

/** How an action is called wherever people read about it. */
interface ActionWords {
  /** As it stands in every title. */
  readonly label: string
  /** Before the person's name: "asks to disable Alice". */
  readonly verb: string
  /** What the progress line starts with. */
  readonly done: string
  /** What one account is afterwards: "disabled, read back". */
  readonly state: string
  /** The state of the account that the action leads to; undefined where it leaves that alone. */
  readonly leadsTo: 'disabled' | 'enabled' | undefined
}

/** The words of each action. */
export const actionWords: { readonly [action in Action]: ActionWords } = {
  disable_account: {
    label: 'Disable User Account',
    verb: 'disable',
    done: 'Account disabled',
    state: 'disabled',
    leadsTo: 'disabled',
  },
  enable_account: {
    label: 'Enable User Account',
    verb: 'enable',
    done: 'Account enabled',
    state: 'enabled',
    leadsTo: 'enabled',
  },
  force_password_reset: {
    label: 'Force Password Reset',
    verb: 'force a new password for',
    done: 'New password demanded',
    state: 'new password demanded',
    leadsTo: undefined,
  },
  force_sign_out: {
    label: 'Force Sign Out',
    verb: 'sign out',
    done: 'Signed out',
    state: 'signed out',
    leadsTo: undefined,
  },
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
    case 'employee_id':
      return 'by its employee id: tick it if this is the same person'
    case 'same_object_guid':
      return `same objectGUID${as}`
    case 'same_object_sid':
      return `same SID${as}`
    case 'same_source_anchor':
      return `same source anchor${as}`
    case 'same_employee_id':
      return `same employee id${as}: tick it if this is the same person`
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
  synchronized: 'synced',
  guest: 'guest',
  management_restricted: 'restricted unit',
  never_activated: 'never activated',
  activation_pending: 'activation pending',
  in_recovery: 'password recovery under way',
  deactivated: 'deactivated',
  changing_now: 'changing right now',
  eligible_roles_not_checked: 'eligible roles not checked',
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
    case 'rate_limited':
      return 'asked us to slow down'
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

/** A length of time in its largest whole unit: "8 hours", "3 days". */
export function durationWords(ms: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ] as const
  const [unit, unitMs] = units.find(([, length]) => ms >= length && ms % length === 0) ?? ['minute', 60_000]
  const format = new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' })
  return format.format(Math.max(1, Math.round(ms / unitMs)))
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
