import { context, fileInput, input, modal, section, textInput } from '#src/slack/block-kit/index.ts'
import type { AnyBlock, ModalView } from '#src/slack/context.ts'
import { bar, thousands } from '#src/slack/messages/people/bar.ts'
import { leftOutLine } from '#src/slack/messages/people/left-out.ts'
import { effects } from '#src/slack/messages/task-form.ts'
import { type DisableChoices, safeBlock, taskInputs } from '#src/slack/messages/task-inputs.ts'
import { actionWords } from '#src/slack/messages/words.ts'
import { cut, cutMrkdwn, escapeMrkdwn } from '#src/slack/text.ts'
import type { PersonOfList } from '#src/tasks/people/list.ts'
import { longestPaste, mostPeople } from '#src/tasks/people/read-people.ts'
import type { Action } from '#src/tasks/task.ts'

/** The `callback_id` of the form in which several people are named, for each action. */
export const peopleFormId: { readonly [action in Action]: string } = {
  disable_account: 'disable_people',
  enable_account: 'enable_people',
  force_password_reset: 'reset_people',
  force_sign_out: 'sign_out_people',
}

/** The `callback_id` of the form that asks for the task, once everybody was looked up. */
export const foundFormId: { readonly [action in Action]: string } = {
  disable_account: 'disable_people_found',
  enable_account: 'enable_people_found',
  force_password_reset: 'reset_people_found',
  force_sign_out: 'sign_out_people_found',
}

/** The form in which several people are named. Pure. */
export function peopleForm(facts: {
  readonly action: Action
  readonly channelId: string
  readonly people: string
  readonly description: string
  readonly choices: DisableChoices
  /** Sentences above the field, in mrkdwn. */
  readonly notes?: readonly string[]
}): ModalView {
  const { action, channelId, people, description, choices, notes = [] } = facts
  return modal({
    id: peopleFormId[action],
    title: actionWords[action].label,
    submit: 'Look up',
    meta: { action, channelId },
    blocks: [
      ...(notes.length === 0 ? [] : [section(cutMrkdwn(notes.join('\n'), 2_900))]),
      input({
        blockId: 'people',
        label: 'People',
        optional: true,
        hint: `E-mail addresses or logins: one to a line, or separated by commas. Up to ${mostPeople} people.`,
        element: textInput({
          id: 'people',
          multiline: true,
          initial: people,
          maxLength: longestPaste,
          focus: true,
        }),
      }),
      input({
        blockId: 'file',
        label: 'Or a CSV file',
        optional: true,
        hint: 'The first line names the columns; email or login is the one that counts.',
        element: fileInput({ id: 'file', filetypes: ['csv', 'txt'] }),
      }),
      ...taskInputs(action, { description, choices }),
      context('Nothing is changed yet: first everybody is looked up.'),
    ],
  })
}

/** The form while everybody is looked up: "Looking: 120 of 500 …". Pure. */
export function lookingForm(action: Action, done: number, total: number | undefined): ModalView {
  const words =
    total === undefined
      ? 'Reading the file …'
      : `Looking: ${thousands(done)} of ${thousands(total)} …\n${bar(done, total)}`
  return modal({
    id: `${peopleFormId[action]}_working`,
    title: actionWords[action].label,
    blocks: [section(words), context('You may leave this form open; nothing is changed yet.')],
  })
}

/** The form when the list came to nothing, with the reason. Pure. */
export function failedForm(action: Action, problem: string): ModalView {
  return modal({
    id: `${peopleFormId[action]}_failed`,
    title: actionWords[action].label,
    blocks: [section(escapeMrkdwn(problem)), context('Nothing was changed.')],
  })
}

/** What the form that asks for the task is made of. */
export interface FoundFacts {
  readonly listId: string
  readonly action: Action
  readonly people: readonly PersonOfList[]
  readonly description: string
  readonly choices: DisableChoices
  readonly approvers: number
}

const areTheySafe = {
  question: 'Are they safe?',
  answer: 'I have verified that these accounts are safe',
}
const shownNames = 20
const shownLeftOut = 15

/** The summary of a list that was looked up: who is in, who is left out and why, and **Create**. Pure. */
export function foundForm(facts: FoundFacts): ModalView {
  const { action, listId, people } = facts
  const inside = people.filter((one) => one.leftOut === undefined)
  const blocks = [section(inWords(inside)), ...leftOutBlocks(people), ...noteBlocks(inside)]
  if (inside.length === 0)
    return modal({ id: `${foundFormId[action]}_nobody`, title: actionWords[action].label, blocks })
  return modal({
    id: foundFormId[action],
    title: actionWords[action].label,
    submit: 'Create',
    meta: { listId },
    blocks: [
      ...blocks,
      ...taskInputs(action, facts),
      ...(action === 'enable_account' ? [safeBlock(areTheySafe)] : []),
      context(`${policyWords(facts, inside)} ${effects[action]}`),
    ],
  })
}

function inWords(inside: readonly PersonOfList[]): string {
  if (inside.length === 0) return 'Nobody on this list can be changed.'
  const perSystem = Map.groupBy(
    inside.flatMap((one) => one.chosen),
    (account) => account.systemId,
  )
  const systems = [...perSystem].map(([id, all]) => `*${escapeMrkdwn(id)}* ${thousands(all.length)}`)
  const names = inside.slice(0, shownNames).map((one) => escapeMrkdwn(cut(one.name, 60)))
  const more = inside.length - names.length
  const who = inside.length === 1 ? '*One person*' : `*${thousands(inside.length)} people*`
  return cutMrkdwn(
    `${who} · accounts: ${systems.join(', ') || 'none known yet'}\n${names.join(', ')}${more > 0 ? ` and ${thousands(more)} more` : ''}`,
    2_900,
  )
}

function leftOutBlocks(people: readonly PersonOfList[]): readonly AnyBlock[] {
  const out = people.flatMap((one) =>
    one.leftOut === undefined ? [] : [{ line: one.line, text: cut(one.text, 80), leftOut: one.leftOut }],
  )
  if (out.length === 0) return []
  const more = out.length - shownLeftOut
  const lines = out.slice(0, shownLeftOut).map(leftOutLine)
  const rest = more > 0 ? [`… and ${thousands(more)} more`] : []
  return [section(cutMrkdwn([`*Left out: ${thousands(out.length)}*`, ...lines, ...rest].join('\n'), 2_900))]
}

function noteBlocks(inside: readonly PersonOfList[]): readonly AnyBlock[] {
  const others = inside.filter((one) => one.others > 0).length
  const unasked = new Set(inside.flatMap((one) => one.found?.unasked.map((system) => system.systemId) ?? []))
  const notes = [
    ...(others === 0
      ? []
      : [
          `${othersWords(others, inside.length)} further accounts that may be somebody else’s; those are left alone.`,
        ]),
    ...(unasked.size === 0
      ? []
      : [
          `⚠️ ${[...unasked].map(escapeMrkdwn).join(', ')} could not be asked about everybody. What is missing is asked again when the task runs.`,
        ]),
  ]
  return notes.length === 0 ? [] : [context(...notes)]
}

function othersWords(others: number, people: number): string {
  if (people === 1) return 'This person has'
  return others === 1 ? 'One of them has' : `${thousands(others)} of them have`
}

function policyWords({ approvers }: FoundFacts, inside: readonly PersonOfList[]): string {
  const special = inside.some((one) =>
    one.chosen.some((account) => account.protection.kind === 'two_approvers'),
  )
  const needed = special ? Math.max(2, approvers) : approvers
  if (needed === 0) return 'Runs at once, without approval.'
  const words = needed === 1 ? 'one approval' : `${needed} approvals`
  const together = inside.length === 1 ? '' : ' for all of them together'
  return `Needs ${words}${together}${special ? ', and a description' : ''}.`
}
