import type { ModalView } from '#src/slack/context.ts'
import { decisionForm } from '#src/slack/messages/decision-form.ts'
import { extendForm } from '#src/slack/messages/extend-form.ts'
import { type TaskFormFacts, taskForm } from '#src/slack/messages/task-form.ts'
import { usualChoices } from '#src/slack/messages/task-inputs.ts'
import { taskListView } from '#src/slack/messages/task-list.ts'
import { systemForms } from '#test/helpers/gallery/systems.ts'
import type { FoundTarget } from '#src/iam/target.ts'
import {
  account,
  alice,
  card,
  hebrewName,
  hostile,
  longName,
  minutesAgo,
  ran,
  task,
} from '#test/helpers/gallery/facts.ts'
import { taskStatuses } from '#src/tasks/task.ts'

const found: FoundTarget = {
  accounts: [
    account('corp-ad', 'active-directory', String.raw`CORP\anguyen`),
    account('entra', 'entra', 'alice@corp.example', {
      evidence: { by: 'same_object_guid', as: 'corp-ad' },
    }),
    account('okta', 'okta', 'alice@corp.example', { notes: ['password_expired'] }),
    account('okta', 'okta', 'a.nguyen@corp.example', {
      confident: false,
      evidence: { by: 'secondary_email' },
    }),
    account('unix-ldap', 'openldap', 'uid=anguyen', { state: 'disabled', notes: ['lock_not_proven'] }),
    account('legacy-ldap', 'openldap', 'uid=anguyen-admin', {
      privileged: ['Domain Admins'],
      protection: { kind: 'deny', why: 'it is in Domain Admins' },
    }),
  ],
  unasked: [{ systemId: 'partner-ad', systemKind: 'active-directory', code: 'timed_out' }],
  asked: ['corp-ad', 'entra', 'okta', 'unix-ldap', 'legacy-ldap'],
}

function form(changes: Partial<TaskFormFacts> & { readonly found?: FoundTarget } = {}): ModalView {
  const { found: wanted = found, ...rest } = changes
  const action = changes.meta?.action ?? 'disable_account'
  return taskForm({
    meta: { action, channelId: 'C0GALLERY', lookUpId: 'L1' },
    personText: 'alice@corp.example',
    description: 'Token theft, case 4711',
    choices: usualChoices,
    lookUp: {
      id: 'L1',
      action,
      personText: changes.personText ?? 'alice@corp.example',
      channelId: 'C0GALLERY',
      fromTask: undefined,
      mayDeactivate: false,
      found: wanted,
    },
    disabledHere: undefined,
    problem: undefined,
    suggestions: [],
    approvers: 1,
    ...rest,
  })
}

function deactivation(): ModalView {
  const account_ = account('okta', 'okta', 'alice@corp.example', { notes: ['password_expired'] })
  const only: FoundTarget = { accounts: [account_], unasked: [], asked: ['okta'] }
  const drawn = { action: 'disable_account', channelId: 'C0GALLERY' } as const
  return taskForm({
    meta: { ...drawn, lookUpId: 'L1', fixed: true },
    ...{ personText: 'alice@corp.example', description: '', choices: usualChoices },
    lookUp: {
      ...{ id: 'L1', ...drawn, personText: 'alice@corp.example', fromTask: 'T-4F7K2' },
      ...{ mayDeactivate: true, found: only },
    },
    ...{ disabledHere: undefined, problem: undefined, suggestions: [], approvers: 1 },
  })
}

const nobody: FoundTarget = { accounts: [], unasked: [], asked: ['corp-ad', 'entra', 'okta', 'unix-ldap'] }
const long: FoundTarget = {
  ...nobody,
  accounts: [
    account('a-very-long-system-id-that-somebody-chose', 'okta', `${'m'.repeat(64)}@corp.example`, {
      displayName: longName,
      department: 'Group Finance and Administration, Northern Europe',
    }),
    account('okta', 'okta', hostile, { confident: false, evidence: { by: 'secondary_email' } }),
    account('unix-ldap', 'openldap', `uid=${hebrewName}`),
  ],
}

/** The forms, with data that make trouble. */
export const forms: Readonly<Record<string, ModalView>> = {
  disable: form(),
  empty: form({ personText: '', description: '', lookUp: undefined }),
  nobody: form({ found: nobody, personText: 'alcie@corp.example', suggestions: ['alice@corp.example'] }),
  awkward: form({ found: long }),
  enable: form({
    meta: { action: 'enable_account', channelId: 'C0GALLERY', lookUpId: 'L1' },
    disabledHere: new Set(['unix-ldap/uid=anguyen']),
  }),
  hybrid: form({
    choices: { endsAfterMs: 8 * 3_600_000, endSessions: false },
    found: {
      ...found,
      unasked: [],
      accounts: found.accounts.map((one) => ({ ...one, synchronized: one.systemId === 'entra' })),
    },
  }),
  deactivate: deactivation(),
  reset: form({ meta: { action: 'force_password_reset', channelId: 'C0GALLERY', lookUpId: 'L1' } }),
  'sign out': form({
    meta: { action: 'force_sign_out', channelId: 'C0GALLERY', lookUpId: 'L1' },
    approvers: 0,
  }),
  extend: extendForm('T-4F7K2', minutesAgo(-55)),
  'approve for a time': decisionForm(
    'approve',
    card(task({ endsAfterMs: 4 * 3_600_000 }), alice()),
    'C0GALLERY',
  ),
  'approve deactivation': decisionForm(
    'approve',
    card(task({ mayDeactivate: true }), alice().slice(1, 2)),
    'C0GALLERY',
  ),
  'approve reset': decisionForm(
    'approve',
    card(task({ action: 'force_password_reset' }), alice()),
    'C0GALLERY',
  ),
  approve: decisionForm('approve', card(task(), alice()), 'C0GALLERY'),
  reject: decisionForm(
    'reject',
    card(task({ targetName: hostile, description: hostile }), alice()),
    'C0GALLERY',
  ),
  tasks: taskListView({
    filter: { text: '', status: 'any', action: 'any', system: 'any', since: 'any', whose: 'mine', page: 0 },
    systems: ['entra-prod', 'corp-ad', 'okta-prod', 'unix-ldap'],
    rows: taskStatuses.map((status, index) => ({
      task: ran({ status, id: `T-4F7K${index}` }),
      url: 'https://sandbox.slack.com/archives/C0/p1',
    })),
    total: 23,
  }),
  ...systemForms,
}
