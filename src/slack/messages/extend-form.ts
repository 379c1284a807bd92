import { input, modal, notice, section, staticSelect } from '#src/slack/block-kit/index.ts'
import type { ModalView } from '#src/slack/context.ts'
import { durationWords } from '#src/slack/messages/words.ts'
import { slackDate } from '#src/slack/text.ts'
import { offeredLengthsMs } from '#src/tasks/task.ts'

/** The `callback_id` of the form. */
export const extendFormId = 'extend_disable'

/** By how long a temporary Disable is extended. Pure. */
export function extendForm(taskId: string, endsAt: Date | null): ModalView {
  if (endsAt === null) return notice('Extend', `${taskId} has no end any more: the accounts stay disabled.`)
  return modal({
    id: extendFormId,
    title: 'Extend',
    submit: 'Extend',
    meta: { taskId, endsAt: endsAt.toISOString() },
    blocks: [
      section(
        `${taskId} ends ${slackDate(endsAt)}. Extending needs no approval; the thread says who did it.`,
      ),
      input({
        blockId: 'ends',
        label: 'Longer by',
        element: staticSelect({
          id: 'ends',
          choices: offeredLengthsMs.map((ms) => ({ value: `${ms}`, text: durationWords(ms) })),
          picked: `${offeredLengthsMs[0] ?? ''}`,
        }),
      }),
    ],
  })
}
