import type { BatchFailureRow } from '#db/queries/batches.ts'
import type { Batch, ImportFacts } from '#src/local-users/batch.ts'
import {
  actions,
  button,
  checkboxes,
  context,
  divider,
  fileInput,
  input,
  modal,
  section,
} from '#src/slack/block-kit/index.ts'
import type { AnyBlock, ModalView } from '#src/slack/context.ts'
import type { Rendered } from '#src/slack/delivery.ts'
import { failureLine, failuresButton } from '#src/slack/messages/local/batch.ts'
import { thousands } from '#src/slack/messages/people/bar.ts'
import { boldForeign, code, escapeMrkdwn } from '#src/slack/text.ts'

/** The form that takes a CSV file. `said`: why the last one was not taken. Pure. */
export function importForm(said?: string): ModalView {
  return modal({
    id: 'local_import',
    title: 'Import local users',
    submit: 'Check the file',
    close: 'Close',
    blocks: [
      ...(said === undefined ? [] : [section(escapeMrkdwn(said))]),
      section(
        'The first line names the columns: `email`, and if wanted `description` and `groups` (several separated by `|`). Nothing is imported before you have seen what it would do.',
      ),
      input({
        blockId: 'file',
        label: 'CSV file',
        hint: 'UTF-8, up to 5 MB, with commas or semicolons between the columns.',
        element: fileInput({ id: 'file', filetypes: ['csv', 'txt'] }),
      }),
      input({
        blockId: 'existing',
        label: 'Accounts that are already there',
        optional: true,
        element: checkboxes({
          id: 'existing',
          choices: [
            {
              value: 'update',
              text: 'Update descriptions',
              description: 'Otherwise they are left as they are',
            },
          ],
        }),
      }),
    ],
  })
}

/** What importing a file would do, with the button that does it. `said` is what just happened. Pure. */
export function dryRunForm(
  batch: Batch,
  facts: ImportFacts,
  failures: readonly BatchFailureRow[],
  said?: string,
): ModalView {
  const file = failuresButton(batch)
  const work = workOf(facts)
  return modal({
    id: 'local_import_check',
    title: 'Import local users',
    ...(work > 0 && { submit: deedOf(facts) }),
    close: 'Close',
    meta: { id: batch.id },
    blocks: [
      ...(said === undefined ? [] : [section(said)]),
      section([boldForeign(facts.fileName), ...sentences(facts).map((one) => `• ${one}`)].join('\n')),
      context(work > 0 ? notYet : nothing),
      ...(file.length === 0 ? [] : [actions(file, { blockId: 'deeds' })]),
      ...reasons(batch, failures),
    ],
  })
}

/** The same as a message, for a file that was shared with the bot. Pure. */
export function dryRunMessage(
  batch: Batch,
  facts: ImportFacts,
  failures: readonly BatchFailureRow[],
): Rendered {
  const work = workOf(facts)
  const lines = sentences(facts).map((one) => `• ${one}`)
  const start = button({
    id: 'local_import_start',
    text: deedOf(facts),
    value: batch.id,
    style: 'primary',
  })
  const buttons = [...(work > 0 ? [start] : []), ...failuresButton(batch)]
  const name = escapeMrkdwn(facts.fileName)
  return {
    text: `${name}: ${work > 0 ? `${resultOf(facts)}. ${notYet}` : nothing}${refusedOf(facts)}`,
    blocks: [
      section([boldForeign(facts.fileName), ...lines].join('\n')),
      context(work > 0 ? notYet : nothing),
      ...(buttons.length === 0 ? [] : [actions(buttons, { blockId: 'deeds' })]),
      ...reasons(batch, failures),
    ],
  }
}

/** How many reasons a dry run names; the file has them all. */
export const reasonsShown = 5

function reasons(batch: Batch, failures: readonly BatchFailureRow[]): readonly AnyBlock[] {
  const first = failures.slice(0, reasonsShown)
  const more = batch.failed - first.length
  return [
    ...(first.length === 0 ? [] : [divider(), ...first.map((row) => section(failureLine(batch, row)))]),
    ...(more > 0
      ? [context(`And ${thousands(more)} more that can’t be imported. *Failed rows (CSV)* has them all.`)]
      : []),
  ]
}

const notYet = 'Nothing has been imported yet. New people get a mail with a link to enroll.'
const nothing = 'There is nothing to import in this file.'

/** How many accounts would change. */
function workOf({ fresh, described, emptied }: ImportFacts): number {
  return fresh + described + emptied
}

/** The button: accounts that are made are imported, those that are there are not. */
function deedOf(facts: ImportFacts): string {
  const { fresh } = facts
  const updates = workOf(facts) - fresh
  if (updates === 0) return `Import ${accounts(fresh)}`
  return fresh === 0 ? `Update ${accounts(updates)}` : 'Import and update'
}

function resultOf(facts: ImportFacts): string {
  const { fresh } = facts
  const updates = workOf(facts) - fresh
  const told = [
    ...(fresh > 0 ? [`${accounts(fresh)} can be imported`] : []),
    ...(updates > 0 ? [`${accounts(updates)} can be updated`] : []),
  ]
  return told.join(', ')
}

function refusedOf({ invalid }: ImportFacts): string {
  if (invalid === 0) return ''
  return invalid === 1 ? ' 1 line can’t be imported.' : ` ${thousands(invalid)} lines can’t be imported.`
}

function accounts(count: number): string {
  return count === 1 ? '1 account' : `${thousands(count)} accounts`
}

function leftOf({ described, emptied, noDescriptions }: ImportFacts): string {
  if (noDescriptions) return 'left as they are: the file has no column `description`'
  const told = [
    ...(described > 0
      ? [`${thousands(described)} ${described === 1 ? 'gets' : 'get'} a new description`]
      : []),
    ...(emptied > 0
      ? [emptied === 1 ? '1 loses its description' : `${thousands(emptied)} lose their descriptions`]
      : []),
  ]
  return told.length === 0 ? 'left as they are' : told.join(', ')
}

function heldSaid(held: number): string {
  return held === 1
    ? '*1* of them stays disabled: a Disable task disabled this address before it was deleted'
    : `*${thousands(held)}* of them stay disabled: Disable tasks disabled these addresses before they were deleted`
}

function tooMany(count: number): string {
  return count === 1 ? '*1* is too many' : `*${thousands(count)}* are too many`
}

function sentences(facts: ImportFacts): readonly string[] {
  const { fresh, held, there, invalid, overLimit, newGroups, groupsOverLimit, unknownColumns } = facts
  const lines = facts.invalidLines.join(', ') + (invalid > facts.invalidLines.length ? ' …' : '')
  const names = facts.newGroupNames.map((name) => code(name.slice(0, 60))).join(', ')
  const dots = newGroups > facts.newGroupNames.length ? ' …' : ''
  return [
    `*${thousands(fresh)}* new`,
    ...(held > 0 ? [heldSaid(held)] : []),
    ...(there > 0 ? [`*${thousands(there)}* already there (${leftOf(facts)})`] : []),
    ...(invalid > 0
      ? [`*${thousands(invalid)}* can’t be imported (${invalid === 1 ? 'line' : 'lines'} ${lines})`]
      : []),
    overLimit > 0
      ? `room for 10,000 local users: no, ${tooMany(overLimit)}`
      : 'room for 10,000 local users: yes',
    ...(newGroups > 0
      ? [`*${thousands(newGroups)}* new ${newGroups === 1 ? 'group' : 'groups'}: ${names}${dots}`]
      : []),
    ...(groupsOverLimit > 0 ? [`room for 1,000 groups: no, ${tooMany(groupsOverLimit)}`] : []),
    ...(unknownColumns.length > 0
      ? [`columns that mean nothing here: ${unknownColumns.map((name) => code(name)).join(', ')}`]
      : []),
  ]
}
