import type { Remark } from '#src/iam/connector.ts'

/** What people are told beside the result, one sentence per remark. */
export function remarkSentence(remark: Remark): string {
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
    case 'tokens_live_on':
      return 'Access tokens already issued may work for up to about an hour.'
    case 'app_sessions_live_on':
      return 'Applications that keep their own sessions may let the person stay until those end.'
    case 'sessions_at_home_tenant':
      return 'A guest signs in at the home tenant: sessions there have to be ended there.'
    case 'next_sync_will_undo':
      return '*The next directory synchronization will undo this*, because the Active Directory account that leads it was not changed. Change it there too.'
    case 'assignments_may_be_lost':
      return 'It was deactivated: application assignments may not all come back with Enable.'
    case 'status_differs':
      return 'It is enabled, but its status is not the one it had before.'
    case 'plain_signins_fail':
      return 'Applications that only check the password refuse the person until a new one is chosen.'
    case 'plain_signins_go_on':
      return 'Applications that only check the password let the person in as before.'
    case 'prompt_needs_writeback':
      return "Whether the person is asked depends on the tenant's password writeback: the password is kept on-premises."
  }
}

/** The remarks that belong on the task's own line, in a few words; the others are told in the thread only. */
export function remarkWords(remark: Remark): string | undefined {
  switch (remark) {
    case 'next_sync_will_undo':
      return 'the next sync will undo it'
    case 'tokens_live_on':
      return 'tokens already issued may work up to about an hour'
    case 'sessions_at_home_tenant':
      return 'sessions at the home tenant live on'
    case 'prompt_needs_writeback':
      return 'needs password writeback'
    case 'sessions_live_on':
    case 'other_domain_controllers_later':
    case 'certificate_signins_not_covered':
    case 'lock_cleared_by_password_change':
    case 'flags_changed_meanwhile':
    case 'lockout_not_restored':
    case 'before_image_missing':
    case 'lock_restored':
    case 'app_sessions_live_on':
    case 'assignments_may_be_lost':
    case 'status_differs':
    case 'plain_signins_fail':
    case 'plain_signins_go_on':
      return undefined
  }
}
