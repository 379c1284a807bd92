import type { Batch } from '#src/local-users/batch.ts'
import { actions, button, section } from '#src/slack/block-kit/index.ts'
import type { Rendered } from '#src/slack/delivery.ts'
import {
  batchLine,
  batchTitle,
  cancelButton,
  failuresButton,
  isOpen,
} from '#src/slack/messages/local/batch.ts'

/** A batch's own message, edited in place: what, who, how far, and how it ended. Pure. */
export function batchMessage(batch: Batch, now: Date): Rendered {
  const title = batchTitle(batch)
  const line = batchLine(batch, now)
  const details = button({
    id: 'local_batch_details',
    text: 'View details',
    value: batch.id,
    spoken: `View details of ${batch.action}`,
  })
  const buttons = isOpen(batch)
    ? [details, cancelButton(batch, 'Cancel')]
    : [details, ...failuresButton(batch)]
  return {
    text: `${title}: ${line}`,
    blocks: [section(`*${title}*\n${line}`), actions(buttons, { blockId: 'deeds' })],
  }
}
