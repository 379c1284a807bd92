import type { Batch, ImportFacts } from '#src/local-users/batch.ts'
import {
  actions,
  button,
  checkboxes,
  context,
  fileInput,
  input,
  modal,
  section,
} from '#src/slack/block-kit/index.ts'
import type { ModalView } from '#src/slack/context.ts'
import type { Rendered } from '#src/slack/delivery.ts'
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

/** What importing a file would do, with the button that does it. Pure. */
export function dryRunForm(batch: Batch, facts: ImportFacts): ModalView {
  const work = batch.total - facts.invalid - facts.overLimit
  const many = work === 1 ? 'Import 1 account' : `Import ${thousands(work)} accounts`
  return modal({
    id: 'local_import_check',
    title: 'Import local users',
    ...(work > 0 && { submit: many }),
    close: 'Close',
    meta: { id: batch.id },
    blocks: [
      section([boldForeign(facts.fileName), ...sentences(facts).map((one) => `• ${one}`)].join('\n')),
      context(
        work > 0
          ? 'Nothing has been imported yet. New people get a mail with a link to enroll.'
          : 'There is nothing to import in this file.',
      ),
    ],
  })
}

/** The same as a message, for a file that was shared with the bot. Pure. */
export function dryRunMessage(batch: Batch, facts: ImportFacts): Rendered {
  const work = batch.total - facts.invalid - facts.overLimit
  const lines = sentences(facts).map((one) => `• ${one}`)
  const nothing = 'There is nothing to import in this file.'
  const yet = 'Nothing has been imported yet. New people get a mail with a link to enroll.'
  const start = button({
    id: 'local_import_start',
    text: work === 1 ? 'Import 1 account' : `Import ${thousands(work)} accounts`,
    value: batch.id,
    style: 'primary',
  })
  const many = work === 1 ? '1 account' : `${thousands(work)} accounts`
  const name = escapeMrkdwn(facts.fileName)
  return {
    text: work > 0 ? `${name}: ${many} can be imported. ${yet}` : `${name}: ${nothing}`,
    blocks: [
      section([boldForeign(facts.fileName), ...lines].join('\n')),
      context(work > 0 ? yet : nothing),
      ...(work > 0 ? [actions([start], { blockId: 'deeds' })] : []),
    ],
  }
}

function sentences(facts: ImportFacts): readonly string[] {
  const { fresh, there, described, invalid, overLimit, newGroups, groupsOverLimit, unknownColumns } = facts
  const left = facts.updateDescriptions ? `${thousands(described)} get a new description` : 'left as they are'
  const lines = facts.invalidLines.join(', ') + (invalid > facts.invalidLines.length ? ' …' : '')
  const names = facts.newGroupNames.map((name) => code(name.slice(0, 60))).join(', ')
  const dots = newGroups > facts.newGroupNames.length ? ' …' : ''
  return [
    `*${thousands(fresh)}* new`,
    ...(there > 0 ? [`*${thousands(there)}* already there (${left})`] : []),
    ...(invalid > 0
      ? [
          `*${thousands(invalid)}* can’t be imported (${invalid === 1 ? 'line' : 'lines'} ${lines}); afterwards you see why`,
        ]
      : []),
    overLimit > 0
      ? `room for 10,000 local users: no, *${thousands(overLimit)}* are too many`
      : 'room for 10,000 local users: yes',
    ...(newGroups > 0
      ? [`*${thousands(newGroups)}* new ${newGroups === 1 ? 'group' : 'groups'}: ${names}${dots}`]
      : []),
    ...(groupsOverLimit > 0
      ? [`room for 1,000 groups: no, *${thousands(groupsOverLimit)}* are too many`]
      : []),
    ...(unknownColumns.length > 0
      ? [`columns that mean nothing here: ${unknownColumns.map((name) => code(name)).join(', ')}`]
      : []),
  ]
}
