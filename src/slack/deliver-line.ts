import { findThread } from '#db/queries/threads.ts'
import type { ApprovalRule } from '#src/approvals/policy.ts'
import type { OutboxMessage, TaskReply } from '#src/outbox/message.ts'
import type { ClaimedLine, Delivery, Limits } from '#src/outbox/relay.ts'
import type { SlackDelivery } from '#src/slack/delivery.ts'
import { section } from '#src/slack/block-kit/index.ts'
import { confirmation } from '#src/slack/messages/answers.ts'
import { decisionSaid } from '#src/slack/messages/decision-form.ts'
import { replyMessage } from '#src/slack/messages/replies.ts'
import { inChannel } from '#src/slack/in-channel.ts'
import {
  deliverBatch,
  deliverFailures,
  deliverFailuresFile,
  deliverUsersFile,
} from '#src/slack/deliver-local.ts'
import { deliverList, deliverResults, listLimits } from '#src/slack/deliver-people.ts'
import { deliverSharedFile, type SharedFileDeps } from '#src/slack/deliver-shared-file.ts'
import { deliverTasksFile } from '#src/slack/deliver-tasks.ts'
import { uploadPauseKey } from '#src/slack/delivery.ts'
import { deliverHome, homeLimits } from '#src/slack/home/publish.ts'
import { peopleMessage } from '#src/slack/messages/people/task.ts'
import { type RenderedMessage, taskMessage } from '#src/slack/messages/task.ts'
import { deliverNotice, isNotice, key, type NoticeDeps, sentence } from '#src/slack/tell-owners.ts'
import { readTaskCard } from '#src/tasks/show.ts'
import type { Action } from '#src/tasks/task.ts'

/** What delivery works with. */
export interface DeliverDeps extends NoticeDeps, Pick<SharedFileDeps, 'systems' | 'findActor' | 'fetchFile'> {
  readonly slack: SlackDelivery
  /** The channel of each action's tasks, and of batches over local users. */
  readonly channels: { readonly [about in Action | 'local_users']: string }
  /** The rule for each action. */
  readonly approval: { readonly [action in Action]: ApprovalRule }
}

// chat.update allows about one edit a second for the whole app; what is true by then is shown, not each step.
const editEveryMs = 1_200
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
export function createLineDelivery(
  deps: DeliverDeps,
): (line: Line, signal: AbortSignal) => Promise<Delivery> {
  return async (line, signal) => {
    const { message } = line
    if (message.kind === 'task_status') return await deliverStatus(deps, line, message)
    if (message.kind === 'confirmation') return await deliverConfirmation(deps, line, message)
    if (message.kind === 'decision_answer') return await deliverDecisionAnswer(deps, line, message)
    if (message.kind === 'answer') return await deliverAnswer(deps, line, message)
    if (isNotice(message)) return await deliverNotice(deps, line, message, signal)
    if (message.kind === 'batch_status') return await deliverBatch(deps, line, message)
    if (message.kind === 'batch_failures') return await deliverFailures(deps, line, message)
    if (message.kind === 'failures_file') return await deliverFailuresFile(deps, line, message)
    if (message.kind === 'users_file') return await deliverUsersFile(deps, line, message)
    if (message.kind === 'tasks_file') return await deliverTasksFile(deps, line, message)
    if (message.kind === 'shared_file') return await deliverSharedFile(deps, line, message, signal)
    if (message.kind === 'home') return await deliverHome(deps, message, signal)
    if (message.kind === 'people_list') return await deliverList(deps, message)
    if (message.kind === 'results_file') return await deliverResults(deps, line, message)
    return await deliverReply(deps, line, message)
  }
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
  if (kind === 'people_list') return listLimits
  if (kind === 'home') return homeLimits
  if (kind === 'shared_file') return { pauseKeys: ['slack:files.info'] }
  if (kind === 'users_file' || kind === 'failures_file' || kind === 'tasks_file')
    return { pauseKeys: [uploadPauseKey] }
  if (kind === 'results_file' || kind === 'batch_failures') return { pauseKeys: [...posts, uploadPauseKey] }
  if (kind === 'answer' || isNotice(line.message)) return { pauseKeys: [] }
  if ((kind !== 'task_status' && kind !== 'batch_status') || line.thread === undefined)
    return { pauseKeys: posts }
  return {
    pauseKeys: ['slack:chat.update'],
    pace: { key: 'slack:chat.update:pace', intervalMs: editEveryMs },
  }
}

async function deliverStatus(deps: DeliverDeps, line: Line, message: TaskLine): Promise<Delivery> {
  // The thread is read again with the card: another replica may have posted the root since this line was claimed.
  const { card, thread } = await deps.store.read(async (ctx) => ({
    card: await readTaskCard(ctx, message.taskId),
    thread: line.thread ?? (await findThread(ctx, line.stream)),
  }))
  if (card === undefined) return { kind: 'dead', reason: 'the task is gone' }
  const rendered = card.people === undefined ? taskMessage(card) : peopleMessage(card, card.people)
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
