import { findBatch } from '#db/queries/batches.ts'
import { findThread } from '#db/queries/threads.ts'
import { batchFrom } from '#src/local-users/batch.ts'
import { failuresCsv, usersCsv } from '#src/local-users/export.ts'
import type { OutboxMessage } from '#src/outbox/message.ts'
import type { ClaimedLine, Delivery } from '#src/outbox/relay.ts'
import type { SlackDelivery } from '#src/slack/delivery.ts'
import { inChannel } from '#src/slack/in-channel.ts'
import { batchMessage } from '#src/slack/messages/local/batch-message.ts'
import { key, type NoticeDeps, sentence } from '#src/slack/tell-owners.ts'

interface Deps extends NoticeDeps {
  readonly slack: SlackDelivery
  readonly channels: { readonly local_users: string }
}
type Line = ClaimedLine<OutboxMessage>
type Message<Kind> = Extract<OutboxMessage, { kind: Kind }>

// What owners read when the channel does not take it.
const about = 'a batch over local users'
// Somebody deleted the message: how the batch goes is in /local-users.
const gone = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found'])

/** Posts a batch's own message, or edits it to what is true now. */
export async function deliverBatch(
  deps: Deps,
  line: Line,
  message: Message<'batch_status'>,
): Promise<Delivery> {
  const { row, thread } = await deps.store.read(async (ctx) => ({
    row: await findBatch(ctx, message.batchId),
    thread: line.thread ?? (await findThread(ctx, line.stream)),
  }))
  if (row === undefined) return { kind: 'dead', reason: 'the batch is gone' }
  const rendered = batchMessage(batchFrom(row), deps.clock.now())
  const { uncertain, createdAt } = line
  if (thread === undefined) {
    const channel = deps.channels.local_users
    const root = { line: key(line), channel, message: rendered, uncertain, since: createdAt }
    return await inChannel(deps, channel, about, () => deps.slack.postRoot(root))
  }
  const { channel, ts } = thread
  const edit = { channel, ts, message: rendered }
  const edited = await inChannel(deps, channel, about, () => deps.slack.editRoot(edit))
  return edited.kind === 'dead' && gone.has(edited.reason) ? { kind: 'sent', ref: ts } : edited
}

/** Puts the rows that failed into the batch's thread. */
export async function deliverFailures(
  deps: Deps,
  line: Line,
  message: Message<'batch_failures'>,
): Promise<Delivery> {
  if (line.thread === undefined) return { kind: 'later' }
  const { channel, ts: threadTs } = line.thread
  const content = await failuresCsv(deps, message.batchId)
  const file = { name: 'failed-rows.csv', title: 'Failed rows', content, uncertain: line.uncertain }
  return await inChannel(deps, channel, about, () => deps.slack.postFile({ channel, threadTs, ...file }))
}

/** Sends the rows of a batch that failed as a file to whoever asked. */
export async function deliverFailuresFile(
  deps: Deps,
  line: Line,
  { userId, batchId }: Message<'failures_file'>,
): Promise<Delivery> {
  const content = await failuresCsv(deps, batchId)
  const batch = await deps.store.read((ctx) => findBatch(ctx, batchId))
  const message = sentence(
    batch?.action === 'import'
      ? 'Here are the rows that failed, with their reasons. Mended, the file can be imported.'
      : 'Here are the accounts that failed, with their reasons.',
  )
  const file = { name: 'failed-rows.csv', content }
  return await deps.slack.postFileDirect({ line: key(line), userId, message, ...file })
}

/** Sends local users as a file to whoever asked. */
export async function deliverUsersFile(
  deps: Deps,
  line: Line,
  { userId, filter }: Message<'users_file'>,
): Promise<Delivery> {
  const content = await usersCsv(deps, filter)
  const message = sentence('Here are the local users that you asked for. The file can be imported again.')
  const file = { name: 'local-users.csv', content }
  return await deps.slack.postFileDirect({ line: key(line), userId, message, ...file })
}
