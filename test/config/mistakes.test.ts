import { expect, test } from 'vitest'
import { type Changes, loadChanged, mistakesOf } from '#test/config/example.ts'

test.each<readonly [string, Changes, string]>([
  ['a missing section', { slack: undefined }, 'slack: This is missing. Give mode,'],
  ['an unknown mode', { 'slack.mode': 'carrier' }, 'slack.mode: One of socket, http belongs here.'],
  ['a key of the other mode', { 'slack.port': 1 }, 'slack.port: This key goes with mode: http.'],
  ['swapped tokens', { 'slack.app_token': 'xoxb-1' }, 'slack.app_token: This is another kind of token.'],
  [
    'a plain Slack address',
    { 'slack.api_url': 'http://slack.example/api' },
    'slack.api_url: http:// is for this machine only',
  ],
  [
    'an address with a password',
    { 'slack.api_url': 'https://a:b@x.example/' },
    'slack.api_url: Give the address without',
  ],
  ['a file host with a path', { 'slack.file_hosts': ['https://x'] }, 'slack.file_hosts[0]: Give a host name'],
  ['no default channel', { 'slack.channels.default': undefined }, 'slack.channels.default: This is missing.'],
  ['a channel name', { 'slack.channels.default': '#general' }, 'slack.channels.default: Give a channel id'],
  [
    'a misspelt key',
    { 'slack.chanels': {} },
    'slack.chanels: There is no such key here. Did you mean channels?',
  ],
  ['another database', { 'database.url': 'mysql://x' }, 'database.url: Give sqlite:FILE or postgres://'],
  ['a port too high', { 'operations.port': 70_000 }, 'operations.port: Give a port between'],
  ['a port that is a word', { 'operations.port': 'http' }, 'operations.port: Give a port between'],
  [
    'two servers on one port',
    { 'operations.port': 8080 },
    'operations.port: web.port has port 8080 already.',
  ],
  ['a short web secret', { 'web.secret': 'short' }, 'web.secret: Give at least 32 characters'],
  [
    'a range that is none',
    { 'web.trusted_proxies': ['10.0.0.0/64'] },
    'web.trusted_proxies[0]: Give an address range',
  ],
  [
    'a mail server without address',
    { 'mail.smtp_url': 'mail' },
    'mail.smtp_url: Give an address like smtp://',
  ],
  ['a sender without address', { 'mail.from': 'Drawbridge' }, 'mail.from: Give a sender like'],
  ['systems that are no list', { iam_systems: {} }, 'iam_systems: A list belongs here'],
  ['a system that is a word', { 'iam_systems[0]': 'ad' }, 'iam_systems[0]: Keys with values belong here'],
  [
    'an unknown kind',
    { 'iam_systems[0].kind': 'novell' },
    'iam_systems[0].kind: One of active-directory, openldap, entra, okta belongs here.',
  ],
  ['no kind', { 'iam_systems[0].kind': undefined }, 'iam_systems[0].kind: One of active-directory'],
  [
    'a number as password',
    { 'iam_systems[0].bind_password': 123 },
    'iam_systems[0].bind_password: Give a text here; put numbers',
  ],
  [
    'a plain directory',
    { 'iam_systems[0].url': 'ldap://dc1.example' },
    'iam_systems[0].url: ldap:// without start_tls is for this machine only.',
  ],
  [
    'a CA file that is not there',
    { 'iam_systems[0].ca_file': '/nowhere/ca' },
    'iam_systems[0].ca_file: The file /nowhere/ca cannot be read.',
  ],
  [
    'two systems of one id',
    { 'iam_systems[1].id': 'Corp-AD' },
    'iam_systems[1].id: Another system has the id corp-ad already.',
  ],
  [
    'the reserved id',
    { 'iam_systems[1].id': 'local' },
    'iam_systems[1].id: local is the id of the local users',
  ],
  ['an id with a colon', { 'iam_systems[1].id': 'a:b' }, 'iam_systems[1].id: Give up to 40 letters'],
  [
    'two ways to sign in to Entra',
    { 'iam_systems[2].managed_identity': true },
    'iam_systems[2].managed_identity: Give exactly one of',
  ],
  [
    'no way to sign in to Entra',
    { 'iam_systems[2].client_secret': undefined },
    'iam_systems[2].client_secret: Give exactly one of',
  ],
  [
    'an unknown source of Entra',
    { 'iam_systems[2].synchronized_from': 'unix-ldap' },
    'iam_systems[2].synchronized_from: No system of kind active-directory',
  ],
  [
    'half of an Okta credential',
    { 'iam_systems[3].private_key_file': undefined },
    'iam_systems[3].private_key_file: Give either client_id',
  ],
  [
    'both Okta credentials',
    { 'iam_systems[3].api_token': 't' },
    'iam_systems[3].private_key_file: Give either client_id',
  ],
  [
    'an unknown word for Okta',
    { 'iam_systems[3].unsuspendable': 'delete' },
    'iam_systems[3].unsuspendable: One of report, deactivate belongs here.',
  ],
  ['a name as a role', { 'roles.owner': ['@bob'] }, 'roles.owner[0]: Give a Slack user id'],
  ['a role that is no list', { 'roles.owner': 'U01' }, 'roles.owner: Give a list here'],
  [
    'nobody who approves',
    { 'roles.approver': [] },
    'approval.disable_account.approvers: This asks for 1 to approve, but roles.approver has nobody',
  ],
  [
    'fewer approvers than asked for',
    { 'approval.disable_account.approvers': 3, 'roles.approver': ['U01', 'U02'] },
    'approval.disable_account.approvers: This asks for 3 to approve, but roles.approver has only 2',
  ],
  [
    'one person who asks and approves',
    { 'roles.approver': ['U01'], 'roles.responder': ['U01'], protected_accounts: {} },
    'approval.enable_account.approvers: This asks for 1 to approve, but roles.approver has nobody',
  ],
  [
    'one person listed twice',
    { 'roles.approver': ['U01', 'U01'] },
    'protected_accounts.two_approvers: This asks for two to approve, but roles.approver has only 1',
  ],
  [
    'two needed for admins, one there',
    { 'roles.approver': ['U01'], protected_accounts: { detected: 'two_approvers' } },
    'protected_accounts.detected: This asks for two',
  ],
  [
    'half an approver',
    { 'approval.disable_account.approvers': 0.5 },
    'approval.disable_account.approvers: Give a whole number',
  ],
  [
    'a duration without unit',
    { 'approval.disable_account.expires_after': 30 },
    'approval.disable_account.expires_after: Give a duration like',
  ],
  [
    'a duration of nothing',
    { 'approval.disable_account.expires_after': '0s' },
    'approval.disable_account.expires_after: Give a duration like',
  ],
  [
    'a one-time code without local users',
    { 'approval.enable_account.step_up': true, mail: null },
    'approval.enable_account.step_up: Approvers show the codes of their local users, who need web: and mail:.',
  ],
  [
    'escalation to a name',
    { 'approval.escalate_to': ['managers'] },
    'approval.escalate_to[0]: Give a Slack user id',
  ],
  [
    'a group of no system',
    { 'protected_accounts.deny': ['group:nowhere:x'] },
    'protected_accounts.deny[0]: No system in iam_systems has the id nowhere.',
  ],
  [
    'a group without its id',
    { 'protected_accounts.deny': ['group:corp-ad'] },
    'protected_accounts.deny[0]: Write groups as group:SYSTEM:ID',
  ],
  [
    'a name cut at its commas',
    { 'protected_accounts.deny': ['group:corp-ad:CN=A', 'OU=Groups'] },
    'protected_accounts.deny[1]: This is a piece of a distinguished name.',
  ],
  [
    'a call longer than a task',
    { 'enforcement.task_timeout': '10s' },
    'enforcement.call_timeout: One call may not take as long',
  ],
  ['a call without end', { 'enforcement.call_timeout': '1d' }, 'enforcement.call_timeout: Give at most 10m.'],
  [
    'a key for the audit chain',
    { audit: { key: 'k' } },
    'audit.key: A keyed audit chain is not available in this version.',
  ],
  [
    'a yes',
    { 'enforcement.enable_requires_prior_disable': 'yes' },
    'enforcement.enable_requires_prior_disable: true or false belongs here.',
  ],
])('%s is told where it is', (_, change, expected) => {
  const mistakes = mistakesOf(loadChanged(change))
  expect(mistakes.filter((one) => one.startsWith(expected))).toHaveLength(1)
})

test.each<readonly [string, Changes]>([
  [
    'plain addresses on this machine',
    { 'slack.api_url': 'http://127.0.0.1:8/api/', 'iam_systems[0].url': 'ldap://127.0.0.1' },
  ],
  [
    'as many approvers as are listed',
    { 'roles.approver': ['U01', 'U02'], 'approval.disable_account.approvers': 2 },
  ],
  ['a group of approvers, however many are asked for', { 'approval.disable_account.approvers': 20 }],
  [
    'no approvers where none are needed',
    {
      roles: {},
      protected_accounts: {},
      'approval.disable_account.approvers': 0,
      'approval.enable_account.approvers': 0,
      'approval.force_password_reset.approvers': 0,
    },
  ],
  ['any free port, more than once', { 'operations.port': 0, 'web.port': 0 }],
  ['no drift checks', { 'enforcement.drift_checks': [] }],
])('%s are fine', (_, change) => {
  expect(mistakesOf(loadChanged(change))).toEqual([])
})
