import { takeSlot } from '#db/queries/pauses.ts'
import { findThread } from '#db/queries/threads.ts'
import type { Store, WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import type { OutboxMessage, TaskReply } from '#src/outbox/message.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import type { ClaimedLine, Delivery, Limits } from '#src/outbox/relay.ts'
import type { SlackDelivery } from '#src/slack/delivery.ts'
import { section } from '#src/slack/block-kit/index.ts'
import { confirmation } from '#src/slack/messages/answers.ts'
import { decisionSaid } from '#src/slack/messages/decision-form.ts'
import { replyMessage } from '#src/slack/messages/replies.ts'
import { type RenderedMessage, taskMessage } from '#src/slack/messages/task.ts'
import { readTaskCard } from '#src/tasks/show.ts'
import type { Action } from '#src/tasks/task.ts'

/** What delivery works with. */
export interface DeliverDeps {
  readonly store: Store
  readonly clock: Clock
  readonly slack: SlackDelivery
  /** The channel of each action's tasks. */
  readonly channels: { readonly [action in Action]: string }
  /** Slack users who are told when a channel does not take messages. */
  readonly owners: readonly string[]
}

// chat.update allows about one edit a second for the whole app; what is true by then is shown, not each step.
const editEveryMs = 1_200
const noticeEveryMs = 60 * 60_000
const channelAgainMs = 60_000
const channelProblems = new Set([
  ...['not_in_channel', 'channel_not_found', 'is_archived', 'restricted_action'],
  ...['restricted_action_read_only_channel', 'restricted_action_thread_only_channel'],
  // What chat.update says of an archived channel.
  'is_inactive',
])
// Somebody deleted the message, or it may no longer be edited: there is nothing left to keep current.
const noLongerEditable = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'thread_not_found',
])

type Line = ClaimedLine<OutboxMessage>
type TaskLine = TaskReply | Extract<OutboxMessage, { kind: 'task_status' }>

/** Delivers one line of the outbox to Slack: what is true now for a task's own message, the stored facts for replies. */
export function createLineDelivery(deps: DeliverDeps): (line: Line) => Promise<Delivery> {
  return async (line) => {
    const { message } = line
    if (message.kind === 'task_status') return await deliverStatus(deps, line, message)
    if (message.kind === 'confirmation') return await deliverConfirmation(deps, line, message)
    if (message.kind === 'decision_answer') return await deliverDecisionAnswer(deps, line, message)
    if (message.kind === 'answer') return await deliverAnswer(deps, line, message)
    if (message.kind === 'undeliverable') return await deliverNotice(deps, line, message)
    if (message.kind === 'given_up') return await deliverGivenUp(deps, line, message)
    return await deliverReply(deps, line, message)
  }
}

async function deliverNotice(
  deps: DeliverDeps,
  line: Line,
  message: Extract<OutboxMessage, { kind: 'undeliverable' }>,
): Promise<Delivery> {
  const { userId } = message
  return await deps.slack.postDirect({ line: key(line), userId, message: sentence(undeliverable(message)) })
}

// Slack's words for a thread whose first message is no longer there.
const threadGone = new Set(['cannot_reply_to_message', 'thread_not_found', 'message_not_found'])

/** What a line calls, so that others wait with it: posts per channel, edits for the whole app. */
export function limitsOf(channels: DeliverDeps['channels'], line: Line): Limits {
  const { kind } = line.message
  const roots = [...new Set(Object.values(channels))]
  const posting = line.thread === undefined ? roots : [line.thread.channel]
  const posts = posting.map((channel) => `slack:chat.postMessage:${channel}`)
  if (kind === 'confirmation') return { pauseKeys: ['slack:chat.postEphemeral'] }
  if (kind === 'decision_answer') return { pauseKeys: ['slack:views.update'] }
  if (kind === 'answer' || kind === 'undeliverable' || kind === 'given_up') return { pauseKeys: [] }
  if (kind !== 'task_status' || line.thread === undefined) return { pauseKeys: posts }
  return {
    pauseKeys: ['slack:chat.update'],
    pace: { key: 'slack:chat.update:pace', intervalMs: editEveryMs },
  }
}

// The line's name in the message's metadata, by which it is found again.
function key(line: Line): string {
  return `${line.stream}/${line.id}`
}

// Mrkdwn: mentions and channels in our own sentences are drawn; foreign parts are escaped where they enter.
function sentence(text: string): RenderedMessage {
  return { text, blocks: [section(text)] }
}

async function deliverStatus(deps: DeliverDeps, line: Line, message: TaskLine): Promise<Delivery> {
  // The thread is read again with the card: another replica may have posted the root since this line was claimed.
  const { card, thread } = await deps.store.read(async (ctx) => ({
    card: await readTaskCard(ctx, message.taskId),
    thread: line.thread ?? (await findThread(ctx, line.stream)),
  }))
  if (card === undefined) return { kind: 'dead', reason: 'the task is gone' }
  const rendered = taskMessage(card)
  const { uncertain, createdAt } = line
  if (thread !== undefined) {
    const { channel, ts } = thread
    const edited = await inChannel(deps, channel, message.taskId, () =>
      deps.slack.editRoot({ channel, ts, message: rendered }),
    )
    return edited.kind === 'dead' && noLongerEditable.has(edited.reason) ? { kind: 'sent', ref: ts } : edited
  }
  const channel = deps.channels[card.task.action]
  return await inChannel(deps, channel, message.taskId, () =>
    deps.slack.postRoot({ line: key(line), channel, message: rendered, uncertain, since: createdAt }),
  )
}

async function deliverReply(deps: DeliverDeps, line: Line, message: TaskReply): Promise<Delivery> {
  if (line.thread === undefined) return { kind: 'later' }
  const { channel, ts } = line.thread
  const { uncertain } = line
  const reply = { line: key(line), channel, threadTs: ts, message: replyMessage(message), uncertain }
  const posted = await inChannel(deps, channel, message.taskId, () => deps.slack.postReply(reply))
  if (posted.kind !== 'dead' || !threadGone.has(posted.reason)) return posted
  // Somebody deleted the task's message: what happened is told in the channel itself, with the task's id.
  const alone = { line: key(line), channel, message: beside(reply.message, message.taskId), uncertain }
  const told = await inChannel(deps, channel, message.taskId, () =>
    deps.slack.postRoot({ ...alone, since: line.createdAt }),
  )
  return told.kind === 'sent' ? { kind: 'sent', ref: told.ref } : told
}

function beside(message: RenderedMessage, taskId: string): RenderedMessage {
  return { text: `${taskId}: ${message.text}`, blocks: [section(`*${taskId}*`), ...message.blocks] }
}

/** A channel that does not take the bot's messages keeps them waiting, and owners are told. */
async function inChannel(
  deps: DeliverDeps,
  channel: string,
  taskId: string,
  post: () => Promise<Delivery>,
): Promise<Delivery> {
  const delivery = await post()
  if (delivery.kind !== 'dead' || !channelProblems.has(delivery.reason)) return delivery
  await tellOwners(deps, channel, taskId, delivery.reason)
  return { kind: 'later', until: new Date(deps.clock.now().getTime() + channelAgainMs) }
}

async function tellOwners(deps: DeliverDeps, channel: string, taskId: string, why: string): Promise<void> {
  const now = deps.clock.now()
  await deps.store.write(async (ctx) => {
    if (!(await takeSlot(ctx, `notice:${channel}`, now, noticeEveryMs))) return
    for (const userId of deps.owners) {
      const message = { v: 1, kind: 'undeliverable', userId, taskId, channel, why } as const
      await enqueueLine(ctx, deps.clock, { stream: `notice:${channel}:${userId}`, lane: 'direct', message })
    }
  })
}

/**
 * Tells the owners that a message was given up, in the transaction in which it is: a message that Slack will never take
 * must not be missed by nobody.
 */
export async function tellGivenUp(
  ctx: WriteContext,
  deps: Pick<DeliverDeps, 'clock' | 'owners'>,
  line: Line,
  why: string,
): Promise<void> {
  if (line.message.kind === 'given_up') return
  const about = 'taskId' in line.message ? line.message.taskId : line.message.kind
  if (!(await takeSlot(ctx, `given_up:${about}`, deps.clock.now(), noticeEveryMs))) return
  for (const userId of deps.owners) {
    const message = { v: 1, kind: 'given_up', userId, about, why } as const
    await enqueueLine(ctx, deps.clock, { stream: `given_up:${about}:${userId}`, lane: 'direct', message })
  }
}

async function deliverGivenUp(
  deps: DeliverDeps,
  line: Line,
  message: Extract<OutboxMessage, { kind: 'given_up' }>,
): Promise<Delivery> {
  const text = `Slack would not take a message about ${message.about} (${message.why}), so people have not read it. /tasks shows how things stand; the log has the details.`
  return await deps.slack.postDirect({ line: key(line), userId: message.userId, message: sentence(text) })
}

function undeliverable(message: Extract<OutboxMessage, { kind: 'undeliverable' }>): string {
  const what =
    message.why === 'is_archived' || message.why === 'is_inactive'
      ? 'is archived. Please unarchive it, or change slack.channels in the configuration.'
      : 'does not take my messages. Please invite me there (/invite), or change slack.channels in the configuration.'
  return `The channel <#${message.channel}> ${what} The messages of ${message.taskId} wait until then; nothing is lost.`
}

async function deliverConfirmation(
  deps: DeliverDeps,
  line: Line,
  message: Extract<OutboxMessage, { kind: 'confirmation' }>,
): Promise<Delivery> {
  const card = await deps.store.read((ctx) => readTaskCard(ctx, message.taskId))
  if (card === undefined) return { kind: 'dead', reason: 'the task is gone' }
  const rendered = confirmation(card.task, line.thread?.permalink ?? undefined)
  const { channelId: channel, userId } = message
  return await deps.slack.postEphemeralOrDirect({ line: key(line), channel, userId, message: rendered })
}

async function deliverDecisionAnswer(
  deps: DeliverDeps,
  line: Line,
  message: Extract<OutboxMessage, { kind: 'decision_answer' }>,
): Promise<Delivery> {
  const view = decisionSaid(message.verdict, message.taskId, message.refusal)
  const shown = await deps.slack.updateView({ viewId: message.viewId, view })
  if (shown.kind !== 'dead') return shown
  // The form was closed. A counted decision stands in the thread; a refusal must reach the person.
  if (message.refusal === null) return { kind: 'sent' }
  const { channelId: channel, userId, refusal } = message
  return await deps.slack.postEphemeralOrDirect({
    line: key(line),
    channel,
    userId,
    message: sentence(refusal),
  })
}

async function deliverAnswer(
  deps: DeliverDeps,
  line: Line,
  message: Extract<OutboxMessage, { kind: 'answer' }>,
): Promise<Delivery> {
  const { responseUrl, endsAt, userId, text } = message
  const open = responseUrl !== null && (endsAt === null || new Date(endsAt) > deps.clock.now())
  const answered = open ? await deps.slack.answer({ responseUrl, answer: { text } }) : undefined
  if (answered !== undefined && answered.kind !== 'dead') return answered
  return await deps.slack.postDirect({ line: key(line), userId, message: sentence(text) })
}
