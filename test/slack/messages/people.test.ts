import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { checkBlocks } from '#src/sandbox/slack/blocks/message.ts'
import { checkView } from '#src/sandbox/slack/blocks/view.ts'
import { objects } from '#src/sandbox/json.ts'
import { slackLimits } from '#src/sandbox/slack/limits.ts'
import { pingsIn } from '#src/sandbox/slack/pings.ts'
import type { ModalView } from '#src/slack/context.ts'
import { decisionForm } from '#src/slack/messages/decision-form.ts'
import { bar, pace } from '#src/slack/messages/people/bar.ts'
import { failedForm, foundForm, lookingForm, peopleForm } from '#src/slack/messages/people/form.ts'
import { leftOutWords } from '#src/slack/messages/people/left-out.ts'
import { resultsCsv } from '#src/slack/messages/people/results-csv.ts'
import { peopleMessage } from '#src/slack/messages/people/task.ts'
import { usualChoices } from '#src/slack/messages/task-inputs.ts'
import { LeftOut } from '#src/tasks/people/left-out.ts'
import type { PersonOfList } from '#src/tasks/people/list.ts'
import type { PeopleCard } from '#src/tasks/people/show-people.ts'
import { actions, taskStatuses } from '#src/tasks/task.ts'
import { account, card, enforcement, now, task } from '#test/helpers/gallery/facts.ts'

const settings = {
  paid: true,
  planBlocks: true,
  commands: undefined,
  shortcuts: undefined,
  events: new Set<string>(),
  revoked: new Map(),
  socketMode: true,
  appScopes: new Set<string>(),
}
const checks = { limits: slackLimits, settings }
const json = (value: object) => objects(JSON.parse(JSON.stringify(value)))
const checkForm = (view: ModalView) => checkView(JSON.parse(JSON.stringify(view)), 'modal')

const cardOf = (changes: Partial<PeopleCard> = {}): PeopleCard => ({
  people: 500,
  leftOut: 12,
  accounts: 1_400,
  systems: [
    { systemId: 'corp-ad', accounts: 500 },
    { systemId: 'okta', accounts: 900 },
  ],
  names: ['Alice Nguyen', 'Bob Stone'],
  checked: 500,
  byStatus: { successful: 300, unsuccessful: 20, partially_successful: 3, in_progress: 177 },
  failedAccounts: 24,
  standing: 300,
  lastAt: new Date(now.getTime() + 60_000),
  ...changes,
})
const hostile = ['<!channel> `*_~ &amp;', '<'.repeat(3_000), '\u202Eevil', '🦊'.repeat(2_000), '', ' ']
const personOf = (position: number, changes: Partial<PersonOfList> = {}): PersonOfList => ({
  position,
  line: position,
  text: `p${position}@corp.example`,
  name: `Person ${position}`,
  leftOut: undefined,
  others: 0,
  found: undefined,
  chosen: [],
  ...changes,
})
const everyReason: readonly LeftOut[] = LeftOut.options.map((option): LeftOut =>
  LeftOut.parse({
    kind: option.shape.kind.value,
    ...{ line: 3, hits: 2, login: 'boss', systemId: 'corp-ad', why: 'it is on the list', taskId: 'T-4F7K2' },
  }),
)

describe('the bar', () => {
  it.each([
    [0, 500, '░░░░░░░░░░░░░░░░░░░░ 0 %'],
    [355, 500, '▓▓▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░ 71 %'],
    [499, 500, '▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓░ 99 %'],
    [500, 500, '▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓ 100 %'],
    [0, 0, '▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓ 100 %'],
  ])('of %i of %i is %s', (done, total, expected) => {
    expect(bar(done, total)).toBe(expected)
  })

  it('tells how fast it goes and how long it takes, once something is known', () => {
    expect(pace(0, 500, 1_000)).toBe('')
    expect(pace(500, 500, 1_000)).toBe('')
    expect(pace(20, 500, 10_000)).toBe(' · 2.0 a second · 4 min left')
    expect(pace(480, 500, 10_000)).toBe(' · 48 a second · 1 s left')
  })
})

describe('the message of a task about several people', () => {
  it('shows a bar, numbers and the time left while it runs, and no bar when it is over', () => {
    const running = task({ status: 'in_progress', people: 500, startedAt: now, targetName: '500 people' })
    const message = peopleMessage(card(running, [], { people: cardOf() }), cardOf())
    const shown = JSON.stringify(message.blocks)
    expect(shown).toContain('▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░░░ 64 %')
    expect(shown).toContain('323 of 500 · 20 failed · 3 in part · 5.4 a second · 33 s left')
    expect(shown).toContain('Alice Nguyen, Bob Stone and 498 more')
    expect(shown).toContain('12 on the list left out')
    const done = cardOf({ byStatus: { successful: 477, unsuccessful: 20, partially_successful: 3 } })
    const ended = peopleMessage(card({ ...running, status: 'unsuccessful' }, [], { people: done }), done)
    expect(JSON.stringify(ended.blocks)).not.toContain('▓')
    expect(ended.text).toMatch(
      /: Unsuccessful\. .*Account disabled: 477 of 500 people · 20 failed · 3 in part/u,
    )
  })

  it('is taken by Slack in every status, whatever people and systems are called', () => {
    expect.hasAssertions()
    for (const text of hostile)
      for (const status of taskStatuses)
        for (const startedAt of [null, now]) {
          const people = cardOf({
            names: Array.from({ length: 10 }, () => text),
            systems: [{ systemId: text.slice(0, 40), accounts: 1 }],
          })
          const of = card(task({ status, startedAt, people: 500, description: text.slice(0, 512) }), [], {
            people,
          })
          const message = peopleMessage(of, people)
          expect(message.text.length).toBeLessThanOrEqual(4_000)
          expect(() => checkBlocks(checks, json(message.blocks))).not.toThrow()
          const pings = pingsIn(message.text, json(message.blocks), false).map((ping) => ping.kind)
          expect(pings.filter((kind) => kind !== 'user' && kind !== 'group')).toEqual([])
          checkForm(decisionForm('approve', of, 'C1'))
        }
  })
})

describe('the forms for several people', () => {
  it('are taken by Slack for every action, for 500 people and every reason to leave somebody out', () => {
    expect.hasAssertions()
    for (const action of actions)
      for (const text of hostile) {
        const inside = Array.from({ length: 500 }, (_, index) =>
          personOf(index + 1, { name: text, others: 1, chosen: [account('okta', 'okta', text)] }),
        )
        const out = everyReason.map((leftOut, index) => personOf(600 + index, { leftOut, text }))
        const facts = {
          listId: 'L1',
          action,
          description: text.slice(0, 500),
          choices: usualChoices,
          approvers: 1,
        }
        const forms = [
          peopleForm({ ...facts, channelId: 'C1', people: text }),
          lookingForm(action, 120, 500),
          lookingForm(action, 0, undefined),
          failedForm(action, text),
          foundForm({ ...facts, people: [...inside, ...out, ...out] }),
          foundForm({ ...facts, people: out }),
        ]
        for (const form of forms) expect(() => checkForm(form)).not.toThrow()
      }
  })

  it('say how far the look-up is, and offer Create only when somebody is in', () => {
    expect(JSON.stringify(lookingForm('disable_account', 120, 500))).toContain('Looking: 120 of 500 …')
    const facts = {
      listId: 'L1',
      action: 'disable_account',
      description: '',
      choices: usualChoices,
      approvers: 1,
    } as const
    expect(foundForm({ ...facts, people: [personOf(1)] }).submit?.text).toBe('Create')
    expect(
      foundForm({ ...facts, people: [personOf(1, { leftOut: { kind: 'unknown' } })] }).submit,
    ).toBeUndefined()
  })
})

describe('the file with all results', () => {
  it('has a line for each account and each person who was left out, in the order of the list', () => {
    const people = [
      personOf(1, { others: 1 }),
      personOf(2, { leftOut: { kind: 'unknown' } }),
      ...everyReason.map((leftOut, index) => personOf(index + 3, { leftOut })),
    ]
    const enforcements = [
      enforcement('okta', 'okta', 'p1', {
        person: 1,
        status: 'successful',
        readBack: 'verified',
        finishedAt: now,
      }),
      enforcement('corp-ad', 'active-directory', 'p1', {
        person: 1,
        status: 'unsuccessful',
        reason: { kind: 'out_of_time' },
      }),
    ]
    const rows = parse(resultsCsv(task({ people: 1 }), people, enforcements), { bom: true })
    expect(rows[0]).toEqual(['line', 'person', 'name', 'system', 'account', 'status', 'result', 'finished'])
    expect(rows[1]).toEqual([
      '1',
      'p1@corp.example',
      'Person 1',
      'okta',
      'p1',
      'successful',
      'disabled, read back',
      now.toISOString(),
    ])
    expect(rows[2]?.slice(3, 6)).toEqual(['corp-ad', 'p1', 'unsuccessful'])
    expect(rows[3]?.slice(5, 7)).toEqual(['left alone', '1 more account may be theirs'])
    expect(rows[4]?.slice(5, 7)).toEqual(['left out', leftOutWords({ kind: 'unknown' })])
    expect(rows).toHaveLength(5 + everyReason.length)
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
    'has no cell that spreadsheets calculate: %j',
    (text) => {
      const csv = resultsCsv(task(), [personOf(1, { text, name: text, leftOut: { kind: 'unreadable' } })], [])
      const row = parse(csv, { bom: true })[1] ?? []
      expect(row.slice(1, 3)).toEqual([`'${text}`, `'${text}`])
    },
  )
})
