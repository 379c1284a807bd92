import { describe, expect, it } from 'vitest'
import { connectorErrorCodes } from '#src/errors.ts'
import { readBacks, remarks } from '#src/iam/connector.ts'
import type { FoundTarget, MatchedAccount } from '#src/iam/target.ts'
import type { Batch, ImportFacts } from '#src/local-users/batch.ts'
import type { TaskReply } from '#src/outbox/message.ts'
import { checkBlocks } from '#src/sandbox/slack/blocks/message.ts'
import { checkView } from '#src/sandbox/slack/blocks/view.ts'
import { type Json, objects } from '#src/sandbox/json.ts'
import { slackLimits } from '#src/sandbox/slack/limits.ts'
import { pingsIn } from '#src/sandbox/slack/pings.ts'
import type { Settings } from '#src/sandbox/slack/world.ts'
import type { ModalView } from '#src/slack/context.ts'
import { confirmation, userStatus } from '#src/slack/messages/answers.ts'
import { decisionForm, decisionSaid } from '#src/slack/messages/decision-form.ts'
import { dryRunForm, dryRunMessage, importForm } from '#src/slack/messages/local/import.ts'
import { replyMessage } from '#src/slack/messages/replies.ts'
import { type RenderedMessage, taskMessage } from '#src/slack/messages/task.ts'
import { taskForm } from '#src/slack/messages/task-form.ts'
import { usualChoices } from '#src/slack/messages/task-inputs.ts'
import { taskListView } from '#src/slack/messages/task-list.ts'
import { actions, taskStatuses } from '#src/tasks/task.ts'
import { cardOf, enforcementOf, taskOf } from '#test/helpers/task-cards.ts'

/** Foreign text as it comes from directories and people. */
const hostile: readonly (readonly [string, string])[] = [
  ['mentions of everybody', '<!channel> <!here> <!everyone> @channel'],
  ['mentions of people and groups', '<@U0OLGA> <!subteam^S0ALL>'],
  ['a link', '<https://evil.test|View task status>'],
  ['markup', '*b* _i_ ~s~ `c` ```x``` > q'],
  ['backticks and line breaks', '`\n`\r\n\u2028`'],
  ['escapes', '&lt;!channel&gt; &amp;amp;'],
  ['ten thousand letters', 'x'.repeat(10_000)],
  ['ten thousand angle brackets', '<'.repeat(10_000)],
  ['ten thousand ampersands', '&'.repeat(10_000)],
  ['five thousand foxes', '🦊'.repeat(5_000)],
  ['turns of the reading direction', '\u202Eevil\u202C'],
  ['control characters', 'a\u0007b\u001B[31m'],
  ['nothing', ''],
  ['a blank', ' '],
]
const json = (value: object): readonly Json[] => objects(JSON.parse(JSON.stringify(value)))

const settings: Settings = {
  paid: true,
  planBlocks: true,
  commands: undefined,
  shortcuts: undefined,
  events: new Set(),
  revoked: new Map(),
  socketMode: true,
  appScopes: new Set(),
}

/** The people and groups that our own words mention. */
const ours = new Set(['U0RITA', 'U0ANA', 'S0APPROVERS'])

function checkMessage(message: RenderedMessage): void {
  expect(message.text.trim()).not.toBe('')
  expect(message.text.length).toBeLessThanOrEqual(4_000)
  for (const blocks of [message.blocks, message.fallback ?? []]) {
    checkBlocks({ limits: slackLimits, settings }, json(blocks))
    checkPings(message.text, json(blocks))
  }
}

function checkForm(view: ModalView): void {
  checkView(JSON.parse(JSON.stringify(view)), 'modal')
  checkPings('', json(view.blocks))
}

function checkPings(text: string, blocks: readonly Json[]): void {
  expect(pingsIn(text, blocks, false).filter(({ id }) => !ours.has(id ?? ''))).toEqual([])
}

function found(text: string): FoundTarget {
  const account = (index: number): MatchedAccount => ({
    systemId: text.slice(0, 40) || 'x',
    systemKind: 'openldap',
    accountId: `id-${index}`,
    login: text,
    displayName: text,
    department: text,
    emails: [text],
    state: index % 2 === 0 ? 'enabled' : 'disabled',
    notes: ['expired', 'unknown-note'],
    evidence: { by: 'same_object_guid', as: text },
    confident: index === 0,
    privileged: [text],
    protection: index % 3 === 0 ? { kind: 'deny', why: text } : { kind: 'none' },
  })
  return {
    accounts: Array.from({ length: 25 }, (_, index) => account(index)),
    unasked: [{ systemId: text.slice(0, 40), systemKind: 'okta', code: text }],
    asked: ['x'],
  }
}

/** What a file says that holds such text everywhere. Names are kept as short as the dry run keeps them. */
function dryRun(text: string): { readonly batch: Batch; readonly facts: ImportFacts } {
  const facts: ImportFacts = {
    ...{ kind: 'import', fileName: text.slice(0, 200), updateDescriptions: true, fresh: 9, there: 2 },
    ...{
      described: 2,
      emptied: 1,
      held: 2,
      noDescriptions: false,
      invalid: 3,
      invalidLines: [4, 5, 6],
      overLimit: 1,
      newGroups: 12,
    },
    ...{ newGroupNames: Array.from({ length: 10 }, () => text.slice(0, 512)), groupsOverLimit: 1 },
    unknownColumns: Array.from({ length: 10 }, () => text.slice(0, 100)),
  }
  const batch: Batch = {
    ...{ seq: 1, id: 'b', action: 'import', state: 'draft', requesterId: 'U0RITA', facts, total: 15 },
    ...{ done: 3, changed: 0, failed: 3, partly: 0, nextPiece: 0, createdAt: new Date(0), startedAt: null },
    ...{ finishedAt: null, endedBy: null },
  }
  return { batch, facts }
}

const replies = (text: string): readonly TaskReply[] => {
  const task = { v: 1, taskId: 'T-4F7K2' } as const
  const at = '2026-03-02T12:00:00.000Z'
  const facts = {
    systemId: text.slice(0, 40),
    systemKind: 'openldap',
    login: text,
    action: 'disable_account',
    readBack: null,
    already: false,
    remarks: [...remarks],
    sessions: null,
    enforcementId: 'e1',
    mayDeactivate: false,
    durationMs: 1_234,
    at,
  } satisfies Partial<Extract<TaskReply, { kind: 'enforcement_finished' }>['facts']>
  const about = { permission: text, grantedBy: text, where: text, vendorCode: text, detail: text }
  return [
    { ...task, kind: 'approval_requested', mention: ['S0APPROVERS'], needed: 2 },
    { ...task, kind: 'decision', approverId: 'U0ANA', verdict: 'approve', note: text, missing: 1 },
    { ...task, kind: 'decision', approverId: 'U0ANA', verdict: 'reject', note: text, missing: 0 },
    { ...task, kind: 'back_to_approval', missing: 1, why: text, mention: ['S0APPROVERS'] },
    { ...task, kind: 'account_added', systemId: text.slice(0, 40), login: text },
    { ...task, kind: 'account_left_out', systemId: text.slice(0, 40), login: text, why: text },
    { ...task, kind: 'retried', by: 'U0RITA', systems: [text.slice(0, 40)] },
    { ...task, kind: 'drifted', systemId: 'x', login: text, enforcementId: 'e', at, afterMs: 300_000 },
    { ...task, kind: 'seen_again', systemId: 'x', login: text, at },
    ...readBacks.map((readBack): TaskReply => {
      const isGood = readBack === 'verified' || readBack === 'accepted'
      const status = isGood ? 'successful' : 'unsuccessful'
      const reason = isGood ? null : { kind: 'read_back', readBack }
      return { ...task, kind: 'enforcement_finished', facts: { ...facts, readBack, status, reason } }
    }),
    ...connectorErrorCodes.map((code): TaskReply => {
      const reason = { kind: 'system_error', code, facts: about }
      return { ...task, kind: 'enforcement_finished', facts: { ...facts, status: 'unsuccessful', reason } }
    }),
    {
      ...task,
      kind: 'enforcement_finished',
      facts: { ...facts, status: 'unsuccessful', reason: { kind: 'protected', why: text } },
    },
  ]
}

describe.each(hostile)('messages that hold %s', (_, text) => {
  it("keep the task's message within what Slack takes, in every status", () => {
    expect.hasAssertions()
    const systemId = text.slice(0, 40)
    const enforcements = Array.from({ length: 12 }, (__, index) =>
      enforcementOf({ id: `e${index}`, login: text, systemId }),
    )
    for (const status of taskStatuses)
      checkMessage(
        taskMessage(
          cardOf(
            { status, targetName: text, description: text, endedBy: 'U0RITA' },
            { enforcements, rejectedBy: 'U0ANA', rejectReason: text, retryable: true, enableOffered: true },
          ),
        ),
      )
  })

  it('keep replies, answers and confirmations within what Slack takes', () => {
    expect.hasAssertions()
    for (const reply of replies(text)) checkMessage(replyMessage(reply))
    checkMessage(confirmation(taskOf({ targetName: text, description: text }), 'https://x.slack.com/a'))
    const tasks = Array.from({ length: 5 }, () => ({
      task: taskOf({ targetName: text, description: text }),
      url: 'https://x.slack.com/a',
    }))
    checkMessage(
      userStatus({
        found: found(text),
        typed: text,
        lookUpId: 'l1',
        tasks,
        offers: new Set(['disable_account']),
      }),
    )
  })

  it('keep the dry run of an import within what Slack takes', () => {
    expect.hasAssertions()
    const { batch, facts } = dryRun(text)
    const reason = { kind: 'email_not_an_address' }
    const cells = { email: text.slice(0, 2_000), description: text, groups: text }
    const row = { batchId: 'b', userId: null, email: cells.email, cells, reason }
    const failures = [4, 5, 6].map((line) => ({ ...row, row: line }))
    checkMessage(dryRunMessage(batch, facts, failures))
    checkForm(dryRunForm(batch, facts, failures))
    checkForm(importForm(text))
  })

  it('keep forms and lists within what Slack takes', () => {
    expect.hasAssertions()
    for (const verdict of ['approve', 'reject'] as const) {
      checkForm(decisionForm(verdict, cardOf({ targetName: text, description: text }), 'C1'))
      checkForm(decisionSaid(verdict, 'T-4F7K2', text))
    }
    for (const action of actions)
      checkForm(
        taskForm({
          meta: { action, channelId: 'C1', lookUpId: 'l1' },
          personText: text.slice(0, 512),
          description: text.slice(0, 512),
          choices: usualChoices,
          lookUp: {
            id: 'l1',
            action,
            personText: text,
            channelId: 'C1',
            fromTask: undefined,
            mayDeactivate: false,
            found: found(text),
          },
          disabledHere: undefined,
          problem: text === '' ? undefined : text,
          suggestions: [text, text, text],
          approvers: 2,
        }),
      )
    const rows = Array.from({ length: 10 }, () => ({
      task: taskOf({ targetName: text, description: text }),
      url: 'https://x.slack.com/a',
    }))
    const none = { status: 'any', action: 'any', system: 'any', since: 'any' } as const
    const filter = { ...none, text: text.slice(0, 200), whose: 'all', page: 1 }
    checkForm(taskListView({ filter, rows, total: 30, systems: ['okta-prod'] }))
    checkForm(taskListView({ filter, rows: [], total: 0, systems: ['okta-prod'] }))
  })
})
