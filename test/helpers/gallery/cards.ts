import { type RenderedMessage, taskMessage } from '#src/slack/messages/task.ts'
import {
  alice,
  card,
  done,
  enforcement,
  failed,
  hebrewName,
  hostile,
  longName,
  minutesAgo,
  people,
  ran,
  task,
} from '#test/helpers/gallery/facts.ts'
import type { TaskStatus } from '#src/tasks/task.ts'

const away = failed({ kind: 'system_error', code: 'unavailable', facts: { detail: 'connection_refused' } })
const notPermitted = failed({
  kind: 'system_error',
  code: 'not_permitted',
  facts: { permission: 'okta.users.manage' },
})
const notEnforced = failed({ kind: 'read_back', readBack: 'not_enforced' })

/** The task's own message in every status. */
export const statusCards: { readonly [status in TaskStatus]: RenderedMessage } = {
  pending_approval: taskMessage(card(task(), alice())),
  in_progress: taskMessage(
    card(
      ran({ status: 'in_progress', finishedAt: null }),
      alice({ 'corp-ad': done, okta: { status: 'running' } }),
    ),
  ),
  successful: taskMessage(
    card(
      ran({ status: 'successful' }),
      alice({ 'corp-ad': done, okta: { ...done, already: true }, 'unix-ldap': done }),
    ),
  ),
  partially_successful: taskMessage(
    card(
      ran({ status: 'partially_successful' }),
      alice({ 'corp-ad': done, okta: notPermitted, 'unix-ldap': done }),
    ),
  ),
  unsuccessful: taskMessage(
    card(
      ran({ status: 'unsuccessful' }),
      alice({ 'corp-ad': away, okta: notPermitted, 'unix-ldap': notEnforced }),
    ),
  ),
  rejected: taskMessage(
    card(task({ status: 'rejected' }), alice(), {
      rejectedBy: people.ana,
      rejectReason: 'It was a drill, ask Omar',
    }),
  ),
  expired: taskMessage(card(task({ status: 'expired' }), alice())),
  cancelled: taskMessage(card(task({ status: 'cancelled', endedBy: people.rita }), alice())),
}

const many = [
  ...alice({ 'corp-ad': done, okta: done, 'unix-ldap': done }),
  ...Array.from({ length: 9 }, (_, index) =>
    enforcement(
      `tenant-${index + 1}`,
      'entra',
      `alice.nguyen${index + 1}@subsidiary-${index + 1}.corp.example`,
      index % 4 === 3 ? away : done,
    ),
  ),
]

/** The task's own message with data that make trouble. */
export const awkwardCards: Readonly<Record<string, RenderedMessage>> = {
  twelveAccounts: taskMessage(card(ran({ status: 'partially_successful' }), many)),
  longNames: taskMessage(
    card(
      ran({ status: 'partially_successful', targetName: longName, description: 'Case 4711. '.repeat(40) }),
      [
        enforcement(
          'a-very-long-system-id-that-somebody-chose-one-day',
          'okta',
          `${'m'.repeat(64)}@corp.example`,
          done,
        ),
        enforcement('unix-ldap', 'openldap', `uid=${'x'.repeat(76)}`, notEnforced),
      ],
    ),
  ),
  hostile: taskMessage(
    card(task({ targetName: hostile, description: `${hostile}\n> quoted\n*bold*` }), [
      enforcement('okta', 'okta', hostile),
      enforcement('unix-ldap', 'openldap', `uid=${hebrewName}`),
    ]),
  ),
  rightToLeft: taskMessage(
    card(ran({ status: 'successful', targetName: hebrewName, description: 'גניבת אסימון, 4711' }), [
      enforcement('unix-ldap', 'openldap', `uid=${hebrewName}`, done),
    ]),
  ),
  twoOfOneSystem: taskMessage(
    card(ran({ status: 'successful' }), [
      enforcement('okta', 'okta', 'alice@corp.example', done),
      enforcement('okta', 'okta', 'a.nguyen@corp.example', done),
    ]),
  ),
  nobody: taskMessage(card(ran({ status: 'unsuccessful' }), [])),
  skipped: taskMessage(
    card(
      ran({ status: 'unsuccessful' }),
      alice({
        'corp-ad': { status: 'skipped', reason: { kind: 'nobody_there' } },
        okta: { status: 'skipped', reason: { kind: 'nobody_there' } },
        'unix-ldap': { status: 'skipped' },
      }),
    ),
  ),
  drifted: taskMessage(
    card(
      ran({ status: 'partially_successful' }),
      alice({ 'corp-ad': done, okta: failed({ kind: 'read_back', readBack: 'drifted' }), 'unix-ldap': done }),
    ),
  ),
  undone: taskMessage(
    card(
      ran({ status: 'successful' }),
      alice({
        'corp-ad': { ...done, undoneBy: 'T-9Q2XM' },
        okta: { ...done, undoneBy: 'T-9Q2XM' },
        'unix-ldap': { ...done, undoneBy: 'T-9Q2XM' },
      }),
    ),
  ),
  twoApprovals: taskMessage(
    card(task({ approvalsNeeded: 2 }), alice(), { missing: 1, approvedBy: [people.ana] }),
  ),
  newerTask: taskMessage(
    card(task({ action: 'enable_account', status: 'cancelled', endedBy: 'T-9Q2XM' }), alice()),
  ),
  hybrid: taskMessage(
    card(ran({ status: 'in_progress', finishedAt: null }), [
      enforcement('corp-ad', 'active-directory', String.raw`CORP\anguyen`, { status: 'running' }),
      enforcement('entra', 'entra', 'alice@corp.example', { follows: ['corp-ad'] }),
    ]),
  ),
  sessions: taskMessage(
    card(ran({ status: 'successful', endsAfterMs: 8 * 3_600_000, endsAt: minutesAgo(-480) }), [
      enforcement('corp-ad', 'active-directory', String.raw`CORP\anguyen`, {
        ...done,
        remarks: ['sessions_live_on'],
      }),
      enforcement('entra', 'entra', 'alice@corp.example', {
        ...done,
        sessions: 'accepted',
        follows: ['corp-ad'],
        remarks: ['tokens_live_on'],
      }),
      enforcement('okta', 'okta', 'alice@corp.example', { ...done, sessions: 'ended' }),
    ]),
  ),
  willBeUndone: taskMessage(
    card(ran({ status: 'partially_successful' }), [
      enforcement(
        'corp-ad',
        'active-directory',
        String.raw`CORP\anguyen`,
        failed({ kind: 'system_error', code: 'unavailable', facts: {} }),
      ),
      enforcement('entra', 'entra', 'alice@corp.example', {
        ...done,
        sessions: 'accepted',
        follows: ['corp-ad'],
        remarks: ['tokens_live_on', 'next_sync_will_undo'],
      }),
    ]),
  ),
  unsuspendable: taskMessage(
    card(ran({ status: 'unsuccessful' }), [
      enforcement(
        'okta',
        'okta',
        'alice@corp.example',
        failed({ kind: 'system_error', code: 'not_supported', facts: { detail: 'unsuspendable' } }),
      ),
    ]),
  ),
  reset: taskMessage(
    card(
      ran({ action: 'force_password_reset', status: 'successful' }),
      alice({ 'corp-ad': done, okta: { ...done, readBack: 'accepted' }, 'unix-ldap': done }),
    ),
  ),
  signedOut: taskMessage(
    card(
      ran({ action: 'force_sign_out', status: 'successful' }),
      alice({
        'corp-ad': { status: 'skipped', reason: { kind: 'no_such_action' } },
        okta: done,
        'unix-ldap': { status: 'skipped', reason: { kind: 'no_such_action' } },
      }),
    ),
  ),
  endedByItself: taskMessage(
    card(
      ran({
        action: 'enable_account',
        status: 'successful',
        requesterId: 'system',
        description: 'The end time of T-4F7K2 is reached.',
      }),
      alice({ 'corp-ad': done, okta: done, 'unix-ldap': done }),
    ),
  ),
  noDescription: taskMessage(card(task({ description: '' }), alice())),
  rejectedLong: taskMessage(
    card(task({ status: 'rejected' }), alice(), {
      rejectedBy: people.ana,
      rejectReason: `${hostile}. Ask Omar first.`,
    }),
  ),
}
