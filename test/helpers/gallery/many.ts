import type { ModalView } from '#src/slack/context.ts'
import { decisionForm, decisionSaid } from '#src/slack/messages/decision-form.ts'
import { failedForm, foundForm, lookingForm, peopleForm } from '#src/slack/messages/people/form.ts'
import { peopleMessage } from '#src/slack/messages/people/task.ts'
import type { RenderedMessage } from '#src/slack/messages/task.ts'
import { usualChoices } from '#src/slack/messages/task-inputs.ts'
import { LeftOut } from '#src/tasks/people/left-out.ts'
import type { PersonOfList } from '#src/tasks/people/list.ts'
import type { PeopleCard } from '#src/tasks/people/show-people.ts'
import type { TaskStatus } from '#src/tasks/task.ts'
import { account, alice, card, hostile, longName, now, ran, task } from '#test/helpers/gallery/facts.ts'

const counts: PeopleCard = {
  ...{ people: 500, leftOut: 12, accounts: 1_400, checked: 500, failedAccounts: 24, standing: 300 },
  systems: [
    { systemId: 'corp-ad', accounts: 500 },
    { systemId: 'okta', accounts: 900 },
  ],
  names: ['Alice Nguyen', 'Bob Stone', hostile, longName],
  byStatus: { successful: 300, unsuccessful: 20, partially_successful: 3, in_progress: 177 },
  lastAt: new Date(now.getTime() + 60_000),
}

function message(status: TaskStatus, changes: Partial<PeopleCard> = {}, startedAt: Date | null = now) {
  const people = { ...counts, ...changes }
  const facts = { status, people: 500, targetName: '500 people', startedAt }
  const of = startedAt === null ? task(facts) : ran(facts)
  return peopleMessage(card(of, [], { people }), people)
}

const ended = { successful: 477, unsuccessful: 20, partially_successful: 3 }

/** Messages of tasks about several people, by what they show. */
export const peopleMessages: readonly (readonly [string, RenderedMessage])[] = [
  ['waits', message('pending_approval', { byStatus: {} }, null)],
  ['looks again', message('in_progress', { byStatus: {}, checked: 120 }, null)],
  ['runs', message('in_progress')],
  ['ended', message('unsuccessful', { byStatus: ended })],
  ['all well', message('successful', { byStatus: { successful: 500 }, leftOut: 0, failedAccounts: 0 })],
]

function person(position: number, changes: Partial<PersonOfList> = {}): PersonOfList {
  const login = `p${position}@corp.example`
  return {
    ...{ position, line: position, text: login, name: `Person ${position}`, leftOut: undefined, others: 0 },
    ...{ found: undefined, chosen: [account('okta', 'okta', login)] },
    ...changes,
  }
}

const reasons = LeftOut.options.map((option): LeftOut =>
  LeftOut.parse({
    kind: option.shape.kind.value,
    ...{ line: 3, hits: 2, login: 'boss', systemId: 'corp-ad', why: 'it is on the list', taskId: 'T-4F7K2' },
  }),
)
const inside = Array.from({ length: 40 }, (_, i) => person(i + 1, { others: i < 3 ? 1 : 0 }))
const outside = reasons.map((leftOut, i) => person(41 + i, { leftOut, text: i === 0 ? hostile : `q${i}` }))
const facts = {
  ...({ listId: 'L1', action: 'disable_account', description: 'Token theft, case 4711' } as const),
  ...{ choices: usualChoices, approvers: 1, channelId: 'C0GALLERY' },
}

/** The forms for several people, and the decision about them. */
export const peopleForms: Readonly<Record<string, ModalView>> = {
  people: peopleForm({ ...facts, people: 'alice@corp.example\nbob@corp.example' }),
  'people looking': lookingForm('disable_account', 120, 500),
  'people reading': lookingForm('disable_account', 0, undefined),
  'people failed': failedForm('disable_account', 'This file is empty. Pick another one.'),
  'people found': foundForm({ ...facts, people: [...inside, ...outside] }),
  'people found enable': foundForm({ ...facts, action: 'enable_account', people: inside.slice(0, 1) }),
  'people nobody': foundForm({ ...facts, people: outside }),
  'approve people': decisionForm(
    'approve',
    card(task({ people: 500, targetName: '500 people' }), [], { people: counts }),
    'C0GALLERY',
  ),
  'approve with a code': decisionForm('approve', card(task(), alice()), 'C0GALLERY', true),
  'approve said': decisionSaid('approve', 'T-4F7K2', null),
  'reject said': decisionSaid('reject', 'T-4F7K2', null),
}
