import { pausedUntil, takeSlot } from '#db/queries/pauses.ts'
import { findThread, type ThreadRow } from '#db/queries/threads.ts'
import type { Store } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import type { OutboxMessage, TaskReply } from '#src/outbox/message.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import type { ClaimedLine, Delivery } from '#src/outbox/relay.ts'
import type { SlackDelivery } from '#src/slack/delivery.ts'
import { plainSection } from '#src/slack/block-kit/index.ts'
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
  /** Slack ids that hold the approver role. */
  readonly approvers: readonly string[]
  /** Slack users who are told when a channel does not take messages. */
  readonly owners: readonly string[]
}

// chat.update allows about one edit a second for the whole app; what is true by then is shown, not each step.
const editEveryMs = 1_200
const noticeEveryMs = 60 * 60_000
const channelAgainMs = 60_000
const channelProblems = new Set(['not_in_channel', 'channel_not_found', 'is_archived', 'restricted_action'])
// Somebody deleted the message, or it may no longer be edited: there is nothing left to keep current.
const noLongerEditable = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'thread_not_found',
])

type TaskLine = TaskReply | Extract<OutboxMessage, { kind: 'task_status' }>

/** Delivers one line of the outbox to Slack: what is true now for a task's own message, the stored facts for replies. */
export function createLineDelivery(deps: DeliverDeps): (line: ClaimedLine) => Promise<Delivery> {
  return async (line) => {
    const { message } = line
    switch (message.kind) {
      case 'task_status':
        return await deliverStatus(deps, line, message)
      case 'confirmation':
        return await deliverConfirmation(deps, line, message)
      case 'decision_answer':
        return await deliverDecisionAnswer(deps, line, message)
      case 'answer':
        return await deliverAnswer(deps, line, message)
      case 'undeliverable':
        return await deps.slack.postDirect({
          line: key(line),
          userId: message.userId,
          message: sentence(undeliverable(message)),
        })
      default:
        return await deliverReply(deps, line, message)
    }
  }
}

// The line's name in the message's metadata, by which it is found again.
function key(line: ClaimedLine): string {
  return `${line.stream}/${line.id}`
}

function sentence(text: string): RenderedMessage {
  return { text, blocks: [plainSection(text)] }
}

async function deliverStatus(deps: DeliverDeps, line: ClaimedLine, message: TaskLine): Promise<Delivery> {
  const { card, thread } = await deps.store.read(async (ctx) => ({
    card: await readTaskCard(ctx, message.taskId),
    thread: await findThread(ctx, line.stream),
  }))
  if (card === undefined) return { kind: 'dead', reason: 'the task is gone' }
  const rendered = taskMessage(card, deps.approvers)
  if (thread !== undefined) return await edit(deps, thread, rendered)
  const channel = deps.channels[card.task.action]
  const { uncertain, createdAt } = line
  return await inChannel(deps, channel, message.taskId, () =>
    deps.slack.postRoot({ line: key(line), channel, message: rendered, uncertain, since: createdAt }),
  )
}

async function edit(deps: DeliverDeps, thread: ThreadRow, message: RenderedMessage): Promise<Delivery> {
  const now = deps.clock.now()
  const paced = 'slack:chat.update:pace'
  const until = await deps.store.write(async (ctx) => {
    const paused = await pausedUntil(ctx, ['slack:chat.update'], now)
    if (paused !== undefined) return paused
    if (await takeSlot(ctx, paced, now, editEveryMs)) return undefined
    return await pausedUntil(ctx, [paced], now)
  })
  if (until !== undefined) return { kind: 'later', until }
  const { channel, ts } = thread
  const delivery = await deps.slack.editRoot({ channel, ts, message })
  return delivery.kind === 'dead' && noLongerEditable.has(delivery.reason)
    ? { kind: 'sent', ref: ts }
    : delivery
}

async function deliverReply(deps: DeliverDeps, line: ClaimedLine, message: TaskReply): Promise<Delivery> {
  const thread = await deps.store.read((ctx) => findThread(ctx, line.stream))
  if (thread === undefined) return { kind: 'later' }
  const { channel, ts } = thread
  return await inChannel(deps, channel, message.taskId, () =>
    deps.slack.postReply({
      line: key(line),
      channel,
      threadTs: ts,
      message: replyMessage(message),
      uncertain: line.uncertain,
    }),
  )
}

/** Posts unless the channel is paused. A channel that does not take the bot's messages keeps them waiting, and owners are told. */
async function inChannel(
  deps: DeliverDeps,
  channel: string,
  taskId: string,
  post: () => Promise<Delivery>,
): Promise<Delivery> {
  const now = deps.clock.now()
  const keys = [`slack:chat.postMessage:${channel}`]
  const until = await deps.store.read((ctx) => pausedUntil(ctx, keys, now))
  if (until !== undefined) return { kind: 'later', until }
  const delivery = await post()
  if (delivery.kind !== 'dead' || !channelProblems.has(delivery.reason)) return delivery
  await tellOwners(deps, channel, taskId, delivery.reason)
  return { kind: 'later', until: new Date(now.getTime() + channelAgainMs) }
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

function undeliverable(message: Extract<OutboxMessage, { kind: 'undeliverable' }>): string {
  const what =
    message.why === 'is_archived'
      ? 'is archived. Please unarchive it, or change slack.channels in the configuration.'
      : 'does not take my messages. Please invite me there (/invite), or change slack.channels in the configuration.'
  return `The channel <#${message.channel}> ${what} The messages of ${message.taskId} wait until then; nothing is lost.`
}

async function deliverConfirmation(
  deps: DeliverDeps,
  line: ClaimedLine,
  message: Extract<OutboxMessage, { kind: 'confirmation' }>,
): Promise<Delivery> {
  const { card, thread } = await deps.store.read(async (ctx) => ({
    card: await readTaskCard(ctx, message.taskId),
    thread: await findThread(ctx, line.stream),
  }))
  if (card === undefined || thread === undefined) return { kind: 'later' }
  const rendered = confirmation(card.task, thread.permalink ?? undefined)
  const { channelId: channel, userId } = message
  return await deps.slack.postEphemeralOrDirect({ line: key(line), channel, userId, message: rendered })
}

async function deliverDecisionAnswer(
  deps: DeliverDeps,
  line: ClaimedLine,
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
  line: ClaimedLine,
  message: Extract<OutboxMessage, { kind: 'answer' }>,
): Promise<Delivery> {
  const { responseUrl, endsAt, userId, text } = message
  const open = responseUrl !== null && (endsAt === null || new Date(endsAt) > deps.clock.now())
  const answered = open ? await deps.slack.answer({ responseUrl, answer: { text } }) : undefined
  if (answered !== undefined && answered.kind !== 'dead') return answered
  return await deps.slack.postDirect({ line: key(line), userId, message: sentence(text) })
}
