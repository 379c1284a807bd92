import type { Batch, ImportFacts } from '#src/local-users/batch.ts'
import type { ListedGroup, ListedUser } from '#src/local-users/list.ts'
import type { Rendered } from '#src/slack/delivery.ts'
import type { ModalView } from '#src/slack/context.ts'
import { batchMessage } from '#src/slack/messages/local/batch-message.ts'
import { batchesView, batchView } from '#src/slack/messages/local/batch.ts'
import { deleteGroupForm, groupForm, groupsView, membersForm } from '#src/slack/messages/local/groups.ts'
import { dryRunForm, dryRunMessage, importForm } from '#src/slack/messages/local/import.ts'
import {
  deleteGroupsForm,
  deleteUsersForm,
  pickGroupsView,
  pickUsersView,
} from '#src/slack/messages/local/pick.ts'
import { settingsForm } from '#src/slack/messages/local/settings.ts'
import {
  addUserForm,
  deleteUserForm,
  describeUserForm,
  manyForm,
} from '#src/slack/messages/local/user-forms.ts'
import { usersView } from '#src/slack/messages/local/users.ts'
import { everybody } from '#src/slack/modals/local-users.ts'
import { hebrewName, hostile, longName, minutesAgo, now, people } from '#test/helpers/gallery/facts.ts'

const user = (id: string, fields: Partial<ListedUser> = {}): ListedUser => ({
  id,
  email: `${id}@corp.example`,
  description: '',
  state: 'enabled',
  enrollment: 'enrolled',
  mailProblem: undefined,
  heldSince: undefined,
  version: 1,
  groups: [],
  ...fields,
})

const users: readonly ListedUser[] = [
  user('ann', { description: 'Finance', groups: ['vpn', 'build'] }),
  user('bob', { state: 'disabled' }),
  user('carol', { enrollment: 'waiting', groups: ['vpn'] }),
  user('dave', { enrollment: 'expired', mailProblem: '550 5.1.1 no such mailbox' }),
  user('eve', { state: 'disabled', enrollment: 'expired', heldSince: minutesAgo(90) }),
  user('m'.repeat(64), {
    email: `${'m'.repeat(64)}@${'a-very-long-department.'.repeat(7)}corp.example`,
    description: `${longName}, `.repeat(5),
    groups: [longName, hostile, hebrewName, 'build', 'vpn'],
  }),
  user('fritz', { description: hostile, groups: [hostile] }),
  user('sarah', { description: hebrewName }),
  user('tom'),
  user('uma', { enrollment: 'waiting' }),
]

const group = (name: string, fields: Partial<ListedGroup> = {}): ListedGroup => ({
  id: name.slice(0, 20),
  name,
  description: '',
  members: 3,
  version: 1,
  ...fields,
})

const groups = [
  group('build', { description: 'Build servers', members: 1 }),
  group(hostile, { description: hostile }),
  group(`${longName} `.repeat(6), { description: longName.repeat(4), members: 9_812 }),
  group('vpn', { members: 0 }),
]

const facts: ImportFacts = {
  ...{ kind: 'import', fileName: 'people.csv', updateDescriptions: false, fresh: 9_812, there: 120 },
  ...{ described: 0, invalid: 4, invalidLines: [17, 402, 403, 9_001], overLimit: 0, newGroups: 2 },
  ...{ newGroupNames: ['vpn', 'build'], groupsOverLimit: 0, unknownColumns: [] },
  ...{ emptied: 0, noDescriptions: false, held: 0 },
}

function batch(fields: Partial<Batch> = {}): Batch {
  return {
    ...{
      seq: 1,
      id: `b${fields.state ?? ''}${fields.action ?? ''}`,
      action: 'import',
      state: 'running',
      requesterId: people.rita,
    },
    ...{
      facts,
      total: 9_812,
      done: 6_967,
      changed: 6_963,
      failed: 4,
      partly: 0,
      nextPiece: 70,
      createdAt: minutesAgo(1),
    },
    ...{ startedAt: new Date(now.getTime() - 2_000), finishedAt: null, endedBy: null },
    ...fields,
  }
}

const failures = (
  [
    ['nonsense', 'email_not_an_address'],
    [hostile, 'email_not_an_address'],
    ['', 'email_missing'],
  ] as const
).map(([email, kind], i) => ({
  ...{ batchId: 'b', row: 17 + i, userId: null, email, cells: null, reason: { kind } },
}))

function stoppedAs(stopped: 'gave_up' | 'role_lost') {
  return { state: 'failed', failed: 0, facts: { kind: 'accounts', of: 'all', stopped } } as const
}

const states: readonly (readonly [string, Batch])[] = [
  ['waits', batch({ state: 'queued', done: 4, changed: 0, startedAt: null })],
  ['begins', batch({ done: 0, changed: 0, failed: 0, startedAt: now })],
  ['runs', batch()],
  ['done', batch({ state: 'done', done: 9_812, changed: 9_808 })],
  ['all well', batch({ action: 'disable', state: 'done', total: 1, done: 1, changed: 1, failed: 0 })],
  [
    'some so already',
    batch({ action: 'enable', state: 'done', total: 120, done: 120, changed: 100, failed: 0 }),
  ],
  ['links', batch({ action: 'resend', state: 'done', done: 9_812, changed: 1, failed: 0 })],
  ['cancelled', batch({ action: 'delete', state: 'cancelled', endedBy: people.ana })],
  ['stopped', batch({ ...stoppedAs('gave_up'), action: 'resend', done: 100, changed: 100 })],
  ['refused', batch({ ...stoppedAs('role_lost'), action: 'delete', done: 0, changed: 0 })],
]

/** The messages about local users, by what they show. */
export const localMessages: readonly (readonly [string, Rendered])[] = [
  ...states.map(([name, one]) => [name, batchMessage(one, now)] as const),
  ['shared file', dryRunMessage(batch({ total: 9_816, state: 'draft' }), facts, failures)],
  [
    'shared file, nothing new',
    dryRunMessage(
      batch({ total: 0, state: 'draft', failed: 0 }),
      {
        ...facts,
        fresh: 0,
        invalid: 0,
        newGroups: 0,
        fileName: hostile,
      },
      [],
    ),
  ],
]

const none = { users: [], total: 0, groups: [] }
const noGroups = { groups: [], total: 0, everybody: 12 }
const list = { filter: { text: '', page: 0 }, groups, everybody: 10_000, total: 4 }
const long = user('long', { email: users[5]?.email ?? '' })

/** The forms about local users. */
export const localForms: Readonly<Record<string, ModalView>> = {
  'local users': usersView({
    filter: everybody,
    users,
    total: 23,
    groups,
    said: 'The description was saved.',
  }),
  'local users usual': usersView({
    ...{ filter: everybody, total: 23, groups: [group('build'), group('vpn')] },
    users: [
      ...users.slice(0, 5),
      user('frank'),
      user('grace', { groups: ['build'] }),
      user('hugo'),
      ...users.slice(8),
    ],
  }),
  'local users many found': usersView({
    filter: { ...everybody, text: 'corp', page: 1, edge: 'after:ann' },
    ...{ users, total: undefined, groups },
  }),
  'local users none': usersView({ filter: everybody, ...none }),
  'local users not found': usersView({ filter: { ...everybody, text: hostile }, ...none }),
  'local users filtered away': usersView({ filter: { ...everybody, state: 'disabled' }, ...none }),
  'local user add': addUserForm(everybody),
  'local user describe': describeUserForm(everybody, long),
  'local user delete': deleteUserForm(everybody, user('eve', { heldSince: minutesAgo(90) })),
  'local users many': manyForm({ ...everybody, text: 'sales' }, 812, false),
  'local users all': manyForm(everybody, 9_812, true),
  'local users pick': pickUsersView({
    filter: { ...everybody, page: 1 },
    rows: users,
    total: 23,
    chosen: ['ann', 'bob', 'x1', 'x2'],
  }),
  'local users delete': deleteUsersForm(users),
  'local settings': settingsForm({
    settings: { mfaRequired: true, brandingText: 'Access to the build servers of Corp' },
    signInUrl: 'https://access.corp.example/sign-in',
    said: 'The settings were saved.',
  }),
  'local import': importForm(),
  'local import refused': importForm('This file is encoded as UTF-16. Save it as “CSV UTF-8” and try again.'),
  'local import check': dryRunForm(batch({ total: 9_816, state: 'draft' }), facts, failures),
  'local import worst': dryRunForm(
    batch({ total: 12_000, state: 'draft', failed: 2_011 }),
    {
      ...{
        ...facts,
        fileName: `${longName}.csv`,
        updateDescriptions: true,
        described: 7,
        emptied: 1,
        invalid: 2_011,
      },
      ...{
        overLimit: 1_200,
        newGroups: 40,
        newGroupNames: Array.from({ length: 10 }, (_, i) => `${hostile} ${i}`),
      },
      ...{ groupsOverLimit: 3, unknownColumns: ['phone', hostile] },
    },
    failures,
    'The file is on its way to you as a direct message.',
  ),
  'local import nothing': dryRunForm(
    batch({ total: 0, state: 'draft', failed: 0 }),
    { ...facts, fresh: 0, invalid: 0 },
    [],
  ),
  'local batch': batchView(batch(), failures, now),
  'local batch done': batchView(
    batch({ state: 'done', done: 9_812, changed: 8_000, failed: 1_812 }),
    failures,
    now,
  ),
  'local batches': batchesView(
    states.map(([, one]) => one),
    now,
  ),
  'local batches none': batchesView([], now),
  'local groups': groupsView({ ...list, said: '2 groups were deleted.' }),
  'local groups none': groupsView({ filter: { text: '', page: 0 }, ...noGroups }),
  'local groups not found': groupsView({ filter: { text: hostile, page: 0 }, ...noGroups }),
  'local groups without users': groupsView({ filter: { text: '', page: 0 }, ...noGroups, everybody: 0 }),
  'local group add': groupForm({ text: '', page: 0 }),
  'local group change': groupForm({ text: '', page: 0 }, groups[2]),
  'local group delete': deleteGroupForm({ text: '', page: 0 }, groups[2] ?? group('x')),
  'local group members': membersForm(
    { text: '', page: 0 },
    groups[2] ?? group('x'),
    users.map(({ email }) => email),
  ),
  'local groups pick': pickGroupsView({
    filter: { text: '', page: 0 },
    rows: groups,
    total: 4,
    chosen: ['vpn'],
  }),
  'local groups delete': deleteGroupsForm(groups),
}

/** A dry run, and what it says. */
export const draftBatch = batch({ total: 9_816, state: 'draft' })
export const importFacts = facts
export const refusedRows = failures

/** Batches for the Home tab. */
export const galleryBatches = states.slice(0, 3).map(([, one]) => one)
