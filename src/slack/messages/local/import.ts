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
import { deedOf, refusedOf, resultOf, sentences, workOf } from '#src/slack/messages/local/import-words.ts'
import { thousands } from '#src/slack/messages/people/bar.ts'
import { boldForeign, escapeMrkdwn } from '#src/slack/text.ts'

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
