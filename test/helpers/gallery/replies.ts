import type { ConnectorErrorCode } from '#src/errors.ts'
import type { ReadBack, Remark } from '#src/iam/connector.ts'
import type { TaskReply } from '#src/outbox/message.ts'
import { replyMessage } from '#src/slack/messages/replies.ts'
import type { RenderedMessage } from '#src/slack/messages/task.ts'
import { hebrewName, hostile, minutesAgo, now, people } from '#test/helpers/gallery/facts.ts'
import type { EnforcementReason } from '#src/tasks/task.ts'

type Finished = Extract<TaskReply, { kind: 'enforcement_finished' }>
type Rest = Exclude<TaskReply, { kind: 'enforcement_finished' }>
const about = { v: 1, taskId: 'T-4F7K2' } as const

function finished(facts: Partial<Finished['facts']>): RenderedMessage {
  return replyMessage({
    ...about,
    kind: 'enforcement_finished',
    facts: {
      systemId: 'corp-ad',
      systemKind: 'active-directory',
      login: String.raw`CORP\anguyen`,
      action: 'disable_account',
      status: 'successful',
      readBack: 'verified',
      already: false,
      remarks: [],
      sessions: null,
      enforcementId: 'E1',
      mayDeactivate: false,
      reason: null,
      durationMs: 320,
      at: now.toISOString(),
      ...facts,
    },
  })
}

function failure(reason: EnforcementReason, facts: Partial<Finished['facts']> = {}): RenderedMessage {
  return finished({ status: 'unsuccessful', readBack: null, reason, ...facts })
}

const unixLdap = { systemId: 'unix-ldap', systemKind: 'openldap', login: 'uid=anguyen' } as const

const errors: { readonly [code in ConnectorErrorCode]: RenderedMessage } = {
  not_found: failure({ kind: 'system_error', code: 'not_found', facts: {} }),
  not_permitted: failure({
    kind: 'system_error',
    code: 'not_permitted',
    facts: { permission: 'write userAccountControl', where: 'on OU=Staff,DC=corp,DC=example' },
  }),
  bad_credentials: failure({
    kind: 'system_error',
    code: 'bad_credentials',
    facts: { vendorCode: '49, data 532' },
  }),
  rate_limited: failure({ kind: 'system_error', code: 'rate_limited', facts: {} }),
  unavailable: failure({
    kind: 'system_error',
    code: 'unavailable',
    facts: { detail: 'connection_refused' },
  }),
  timed_out: failure({ kind: 'system_error', code: 'timed_out', facts: {} }),
  unknown_outcome: failure({ kind: 'system_error', code: 'unknown_outcome', facts: {} }),
  bad_response: failure({ kind: 'system_error', code: 'bad_response', facts: { vendorCode: '80' } }),
  not_supported: failure({ kind: 'system_error', code: 'not_supported', facts: {} }),
  refused_by_vendor: failure({
    kind: 'system_error',
    code: 'refused_by_vendor',
    facts: { vendorCode: '53', detail: 'constraint_violation' },
  }),
  misconfigured: failure({
    kind: 'system_error',
    code: 'misconfigured',
    facts: { detail: 'certificate_expired' },
  }),
}

const reasons: {
  readonly [kind in Exclude<EnforcementReason['kind'], 'system_error' | 'read_back'>]: RenderedMessage
} = {
  protected: failure({ kind: 'protected', why: 'it is on the list of protected accounts' }),
  nobody_there: failure({ kind: 'nobody_there' }),
  ambiguous: failure({ kind: 'ambiguous', hits: 3 }),
  never_disabled_here: failure({ kind: 'never_disabled_here' }, { action: 'enable_account' }),
  newer_task: failure({ kind: 'newer_task', taskId: 'T-9Q2XM' }),
  out_of_time: failure({ kind: 'out_of_time' }),
  no_such_action: finished({
    status: 'skipped',
    reason: { kind: 'no_such_action' },
    action: 'force_sign_out',
  }),
  not_for_this_account: finished({
    status: 'skipped',
    reason: { kind: 'not_for_this_account', why: 'password_kept_elsewhere', where: 'corp-ad' },
    action: 'force_password_reset',
  }),
  sessions_live_on: failure(
    {
      kind: 'sessions_live_on',
      code: 'not_permitted',
      facts: { permission: 'User.RevokeSessions.All', grantedBy: 'a Global Administrator' },
    },
    {
      readBack: 'verified',
      sessions: 'failed',
      systemId: 'entra',
      systemKind: 'entra',
      login: 'alice@corp.example',
    },
  ),
  our_fault: failure({ kind: 'our_fault', reference: 'K7Q2' }),
}

const readBackReplies: { readonly [readBack in ReadBack]: RenderedMessage } = {
  verified: finished(unixLdap),
  accepted: finished({ systemId: 'okta', systemKind: 'okta', readBack: 'accepted' }),
  unproven: failure({ kind: 'read_back', readBack: 'unproven' }, unixLdap),
  not_enforced: failure({ kind: 'read_back', readBack: 'not_enforced' }, unixLdap),
  drifted: failure({ kind: 'read_back', readBack: 'drifted' }),
  unreachable: failure({ kind: 'read_back', readBack: 'unreachable' }),
}

const withRemark = (remark: Remark, action: Finished['facts']['action']) =>
  finished({ remarks: [remark], action })
const remarkReplies: { readonly [remark in Remark]: RenderedMessage } = {
  sessions_live_on: withRemark('sessions_live_on', 'disable_account'),
  other_domain_controllers_later: withRemark('other_domain_controllers_later', 'disable_account'),
  certificate_signins_not_covered: withRemark('certificate_signins_not_covered', 'disable_account'),
  lock_cleared_by_password_change: withRemark('lock_cleared_by_password_change', 'disable_account'),
  flags_changed_meanwhile: withRemark('flags_changed_meanwhile', 'enable_account'),
  lockout_not_restored: withRemark('lockout_not_restored', 'enable_account'),
  before_image_missing: withRemark('before_image_missing', 'enable_account'),
  lock_restored: withRemark('lock_restored', 'enable_account'),
  tokens_live_on: withRemark('tokens_live_on', 'disable_account'),
  app_sessions_live_on: withRemark('app_sessions_live_on', 'disable_account'),
  sessions_at_home_tenant: withRemark('sessions_at_home_tenant', 'disable_account'),
  next_sync_will_undo: withRemark('next_sync_will_undo', 'disable_account'),
  assignments_may_be_lost: withRemark('assignments_may_be_lost', 'disable_account'),
  status_differs: withRemark('status_differs', 'enable_account'),
  plain_signins_fail: withRemark('plain_signins_fail', 'force_password_reset'),
  plain_signins_go_on: withRemark('plain_signins_go_on', 'force_password_reset'),
  prompt_needs_writeback: withRemark('prompt_needs_writeback', 'force_password_reset'),
}

const expiresAt = minutesAgo(-1438).toISOString()
const where = { systemId: 'corp-ad', login: String.raw`CORP\anguyen` }
const why = 'a group of this account became protected'
const rest: { readonly [kind in Rest['kind']]: Extract<Rest, { kind: kind }> } = {
  approval_requested: { ...about, kind: 'approval_requested', mention: [people.approvers], needed: 1 },
  reminder: { ...about, kind: 'reminder', mention: [people.approvers], missing: 1, expiresAt },
  escalation: { ...about, kind: 'escalation', mention: [people.approvers], missing: 2, expiresAt },
  decision: {
    ...about,
    kind: 'decision',
    approverId: people.ana,
    verdict: 'approve',
    note: 'seen the sign-ins, go',
    missing: 1,
  },
  expired: { ...about, kind: 'expired' },
  cancelled: { ...about, kind: 'cancelled', by: people.rita },
  back_to_approval: { ...about, kind: 'back_to_approval', mention: [people.approvers], missing: 1, why },
  account_added: { ...about, kind: 'account_added', ...where },
  account_left_out: { ...about, kind: 'account_left_out', ...where, why },
  retried: { ...about, kind: 'retried', by: people.rita, systems: ['okta', 'unix-ldap'] },
  drifted: {
    ...about,
    kind: 'drifted',
    ...where,
    enforcementId: 'E1',
    at: minutesAgo(1).toISOString(),
    afterMs: 33 * 60_000,
  },
  seen_again: { ...about, kind: 'seen_again', ...where, at: now.toISOString() },
  end_near: { ...about, kind: 'end_near', by: people.rita, endsAt: minutesAgo(-60).toISOString() },
  end_moved: { ...about, kind: 'end_moved', by: people.omar, endsAt: minutesAgo(-240).toISOString() },
  end_dropped: { ...about, kind: 'end_dropped', by: people.omar },
  end_reached: { ...about, kind: 'end_reached', enableTaskId: 'T-9Q2XM', newer: null },
  enable_requested: { ...about, kind: 'enable_requested', enableTaskId: 'T-9Q2XM', by: people.rita },
  people_started: { ...about, kind: 'people_started', people: 40, accounts: 112 },
  more_failures: { ...about, kind: 'more_failures', told: 10 },
  people_retried: { ...about, kind: 'people_retried', by: people.rita, people: 3, accounts: 4 },
  people_ended: {
    ...about,
    kind: 'people_ended',
    action: 'disable_account',
    status: 'unsuccessful',
    successful: 36,
    partly: 1,
    unsuccessful: 3,
  },
  deactivate_requested: { ...about, kind: 'deactivate_requested', newTaskId: 'T-9Q2XM', by: people.rita },
  enabled_again: { ...about, kind: 'enabled_again', enableTaskId: 'T-9Q2XM', status: 'successful' },
}

function named(prefix: string, all: Readonly<Record<string, RenderedMessage>>) {
  return Object.entries(all).map(([name, message]) => [`${prefix}:${name}`, message] as const)
}

/** Every way an enforcement can end without success, by name (`error:timed_out`, `reason:ambiguous`). */
export const failureReplies = [...named('error', errors), ...named('reason', reasons)]

/** Every read-back and remark. */
export const resultReplies = [
  ...named('read_back', readBackReplies),
  ...named('remark', remarkReplies),
  ['already', finished({ already: true })] as const,
  [
    'unsuspendable',
    failure(
      {
        kind: 'system_error',
        code: 'not_supported',
        facts: { detail: 'unsuspendable', state: 'PASSWORD_EXPIRED' },
      },
      { systemId: 'okta', systemKind: 'okta', login: 'alice@corp.example' },
    ),
  ] as const,
  ['sessions ended', finished({ sessions: 'ended', systemId: 'okta', systemKind: 'okta' })] as const,
  ['sessions kept', finished({ sessions: 'not_asked', systemId: 'okta', systemKind: 'okta' })] as const,
  ['reset', finished({ action: 'force_password_reset', remarks: ['plain_signins_fail'] })] as const,
  ['signed out', finished({ action: 'force_sign_out', readBack: 'accepted', systemId: 'entra' })] as const,
  ['skipped:nobody', finished({ status: 'skipped', reason: { kind: 'nobody_there' } })] as const,
  ['skipped:no_such_action', finished({ status: 'skipped' })] as const,
]

/** Every other reply, and some with data that make trouble. */
export const otherReplies = [
  ...Object.values(rest).map((reply) => [`reply:${reply.kind}`, replyMessage(reply)] as const),
  [
    'rejected',
    replyMessage({ ...rest.decision, verdict: 'reject', note: 'It was a drill', missing: 0 }),
  ] as const,
  ['end: stays', replyMessage({ ...rest.end_reached, enableTaskId: null, newer: 'T-9Q2XM' })] as const,
  ['end: nothing', replyMessage({ ...rest.end_reached, enableTaskId: null })] as const,
  ['newer', replyMessage({ ...rest.cancelled, newer: 'T-9Q2XM' })] as const,
  ['hostile note', replyMessage({ ...rest.decision, note: `${hostile} _x_ ~y~`, missing: 0 })] as const,
  ['hostile login', finished({ login: hostile, systemId: 'okta*_`' })] as const,
  ['hebrew login', finished({ login: `uid=${hebrewName}` })] as const,
]
