import { type Batch, hasFailures } from '#src/local-users/batch.ts'
import { reasonOf } from '#src/local-users/export.ts'
import type { BatchFailureRow } from '#db/queries/batches.ts'
import { actions, button, context, divider, modal, section } from '#src/slack/block-kit/index.ts'
import type { AnyBlock, ModalView } from '#src/slack/context.ts'
import { bar, pace, thousands } from '#src/slack/messages/people/bar.ts'
import { code, cut, mention, slackDate } from '#src/slack/text.ts'

// A cell that is no address may be a whole file.
const mostOfCell = 256

const verbs = {
  import: { title: 'Import', done: 'imported', already: 'already there' },
  enable: { title: 'Enable', done: 'enabled', already: 'already enabled' },
  disable: { title: 'Disable', done: 'disabled', already: 'already disabled' },
  delete: { title: 'Delete', done: 'deleted', already: 'already gone' },
  resend: { title: 'Resend links', done: 'new links are on their way', already: 'enrolled already' },
} as const

/** What a batch is, in one line: "Import · 9,812 local users · started by @lou". */
export function batchTitle({ action, total, requesterId }: Batch): string {
  const people = total === 1 ? '1 local user' : `${thousands(total)} local users`
  return `${verbs[action].title} · ${people} · started by ${mention(requesterId)}`
}

/** How far a batch is, or how it ended, in one line. Pure. */
export function batchLine(batch: Batch, now: Date): string {
  const { action, changed, failed, done, total } = batch
  const failures = failed === 0 ? '' : `, ${thousands(failed)} failed`
  const unchanged = done - changed - failed
  const already = unchanged > 0 ? `, ${thousands(unchanged)} ${verbs[action].already}` : ''
  const result = `${thousands(changed)} ${doneOf(batch)}${partlyOf(batch)}${already}${failures}`
  switch (batch.state) {
    case 'draft':
      return 'Not started.'
    case 'queued':
      return '🕓 Waits for its turn.'
    case 'running':
      return `${bar(done, total)} · ${thousands(done)} of ${thousands(total)}${failures.replace(', ', ' · ')}${paceOf(batch, now)}`
    case 'done':
      return `${!hasFailures(batch) ? '✅' : '⚠️'} ${result}.`
    case 'cancelled':
      return `🚫 Cancelled by ${mention(batch.endedBy ?? 'system')} after ${thousands(done)} of ${thousands(total)}: ${result}.`
    case 'failed':
      return batch.facts.stopped === 'role_lost'
        ? `⛔ Not started: ${mention(batch.requesterId)} no longer holds the role local-user admin. Somebody who does can ask for it again.`
        : `⛔ Stopped after ${thousands(done)} of ${thousands(total)}: ${result}. Something went wrong on my side; the log has the details. Ask for the rest again.`
  }
}

/** What was done, with something left to do: the failures say what. */
function partlyOf({ partly }: Batch): string {
  return partly === 0 ? '' : ` (${thousands(partly)} of them only in part)`
}

/** An import may make accounts, describe those that are there, or both. */
function doneOf({ action, facts, changed }: Batch): string {
  if (action === 'resend' && changed === 1) return 'new link is on its way'
  if (facts.kind !== 'import' || facts.described + facts.emptied === 0) return verbs[action].done
  return facts.fresh === 0 ? 'updated' : 'imported or updated'
}

/** Lines that the dry run refused were done at once: the pace is that of the others. */
function paceOf({ done, total, facts, startedAt }: Batch, now: Date): string {
  const refused = facts.kind === 'import' ? facts.invalid : 0
  const ranMs = startedAt === null ? 0 : now.getTime() - startedAt.getTime()
  return pace(done - refused, total - refused, ranMs)
}

/** Whether a batch waits or runs. Pure. */
export function isOpen({ state }: Batch): boolean {
  return state === 'queued' || state === 'running'
}

/** The button that stops a batch, after a question. Pure. */
export function cancelButton({ id, action }: Batch, text: string) {
  return button({
    id: 'local_batch_cancel',
    text,
    value: id,
    style: 'danger',
    spoken: `Cancel ${action}`,
    confirm: {
      title: 'Cancel the rest',
      text: 'What is done stays done.',
      yes: 'Cancel the rest',
      no: 'Go on',
      danger: true,
    },
  })
}

/** One batch with what failed: the answer to **View details**. Pure. */
export function batchView(
  batch: Batch,
  failures: readonly BatchFailureRow[],
  now: Date,
  said?: string,
): ModalView {
  const open = [
    button({ id: 'local_batch_show', text: 'Refresh', value: batch.id }),
    cancelButton(batch, 'Cancel the rest'),
  ]
  const buttons = isOpen(batch) ? open : failuresButton(batch)
  const lines = failures.map((row) => section(failureLine(batch, row)))
  const more = batch.failed + batch.partly - failures.length
  return modal({
    id: 'local_batch',
    title: 'Batch',
    blocks: [
      ...(said === undefined ? [] : [section(said)]),
      section(`*${batchTitle(batch)}*\n${batchLine(batch, now)}`),
      actions([...buttons, backButton()], { blockId: 'deeds' }),
      ...(lines.length === 0 ? [] : [divider(), ...lines]),
      ...(more > 0 ? [context(`And ${thousands(more)} more.`)] : []),
    ],
  })
}

/** The button that sends the rows that failed as a file, where some did. Pure. */
export function failuresButton(batch: Batch) {
  return hasFailures(batch)
    ? [button({ id: 'local_batch_failures', text: 'Failed rows (CSV)', value: batch.id })]
    : []
}

/** Why a row failed: "Line 17: `nonsense` — This is not an e-mail address." Pure. */
export function failureLine({ action }: Batch, row: BatchFailureRow): string {
  const line = action === 'import' ? [`Line ${row.row}:`] : []
  const who = row.email === '' ? [] : [code(cut(row.email, mostOfCell)), '—']
  return [...line, ...who, reasonOf(row)].join(' ')
}

function backButton() {
  return button({ id: 'local_users_back', text: 'Local users' })
}

/** The last batches, newest first. Pure. */
export function batchesView(batches: readonly Batch[], now: Date): ModalView {
  const lines: AnyBlock[] = batches.map((batch) =>
    section(`*${batchTitle(batch)}* · ${slackDate(batch.createdAt)}\n${batchLine(batch, now)}`, {
      accessory: button({ id: `local_batch_show:${batch.id}`, text: 'View details', value: batch.id }),
    }),
  )
  return modal({
    id: 'local_batches',
    title: 'Imports and batches',
    blocks: [
      actions([backButton()], { blockId: 'deeds' }),
      ...(lines.length === 0 ? [section('There was no import and no batch yet.')] : lines),
    ],
  })
}
