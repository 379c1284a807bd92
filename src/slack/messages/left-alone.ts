import { escapeMrkdwn } from '#src/slack/text.ts'

const neverTouched: Readonly<Record<string, string>> = {
  own_account: 'is an account that Drawbridge itself uses to connect',
  built_in_account: 'is built into the directory and is never changed by Drawbridge',
  synchronization_account: 'belongs to the directory synchronization, which would stop',
  not_a_person: "is not a person's account",
  locked_in_directory:
    'is locked by its own directory, and that lock ends by itself; disable the account in that directory, then press *Retry failed*',
  account_changed_meanwhile: 'was changed by somebody else since the Disable, and is left as they set it',
  deactivated_elsewhere: 'was deactivated by somebody else, and is left as they set it',
  last_administrator:
    'is the last super administrator who can sign in; give that role to somebody else first',
  password_never_expires:
    'has a password that never expires, and then Active Directory asks for no new one; take that flag away first',
  never_activated: 'was never activated, so it has no password yet',
  activation_pending: 'is not activated yet, so it has no password; the link to choose one may be out',
  reset_under_way: 'has a password reset under way already: nobody signs in before its link is used',
  locked_by_failures:
    'is locked by wrong passwords, and its password can only be ended once the lock is gone; Disable works now',
  suspended: 'is suspended: nobody signs in with it, and its password can be ended once it is enabled',
  deactivated: 'is deactivated: nobody signs in with it',
}

/** Why an account was left alone, to stand after its name. Mrkdwn. */
export function leftAloneWhy(why: string | undefined): string {
  return (
    neverTouched[why ?? ''] ??
    `can't be changed this way${why === undefined ? '' : ` (${escapeMrkdwn(why.replaceAll('_', ' '))})`}`
  )
}
