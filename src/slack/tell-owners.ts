import { takeSlot } from '#db/queries/pauses.ts'
import type { Store, WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import type { OutboxMessage } from '#src/outbox/message.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import type { ClaimedLine, Delivery } from '#src/outbox/relay.ts'
import { isUserGroup, SlackAwayError, type SlackPeople } from '#src/people/actor.ts'
import { freshMs } from '#src/people/roles.ts'
import type { SlackDelivery } from '#src/slack/delivery.ts'
import { section } from '#src/slack/block-kit/index.ts'
import { bindingAsked } from '#src/slack/messages/bindings.ts'
import type { RenderedMessage } from '#src/slack/messages/task.ts'

/** What telling the owners works with. */
export interface NoticeDeps {
  readonly store: Store
  readonly clock: Clock
  readonly slack: Pick<SlackDelivery, 'postDirect'>
  readonly people: Pick<SlackPeople, 'groupMembers'>
  /** Slack users and user groups that hold the role owner. */
  readonly owners: readonly string[]
}

type Notice = Extract<OutboxMessage, { kind: 'undeliverable' | 'given_up' | 'binding_asked' }>

/** Whether a line is for the owners. */
export function isNotice(message: OutboxMessage): message is Notice {
  const { kind } = message
  return kind === 'undeliverable' || kind === 'given_up' || kind === 'binding_asked'
}

const noticeEveryMs = 60 * 60_000

/** The line's name in the message's metadata, by which it is found again. */
export function key(line: ClaimedLine<OutboxMessage>): string {
  return `${line.stream}/${line.id}`
}

/** Mrkdwn: mentions and channels in our own sentences are drawn; foreign parts are escaped where they enter. */
export function sentence(text: string): RenderedMessage {
  return { text, blocks: [section(text)] }
}

/** Tells the owners, once an hour, that a channel does not take the bot's messages. */
export async function tellUndeliverable(
  deps: NoticeDeps,
  about: { readonly channel: string; readonly taskId: string; readonly why: string },
): Promise<void> {
  const now = deps.clock.now()
  await deps.store.write(async (ctx) => {
    if (!(await takeSlot(ctx, `notice:${about.channel}`, now, noticeEveryMs))) return
    for (const userId of deps.owners)
      await enqueueNotice(ctx, deps, { v: 1, kind: 'undeliverable', userId, ...about })
  })
}

/**
 * Tells the owners that a message was given up, in the transaction in which it is: a message that Slack will never take
 * must not be missed by nobody.
 */
export async function tellGivenUp(
  ctx: WriteContext,
  deps: Pick<NoticeDeps, 'clock' | 'owners'>,
  line: ClaimedLine<OutboxMessage>,
  why: string,
): Promise<void> {
  if (line.message.kind === 'given_up') return
  const about = 'taskId' in line.message ? line.message.taskId : line.message.kind
  if (!(await takeSlot(ctx, `given_up:${about}`, deps.clock.now(), noticeEveryMs))) return
  for (const userId of deps.owners)
    await enqueueNotice(ctx, deps, { v: 1, kind: 'given_up', userId, about, why })
}

async function enqueueNotice(
  ctx: WriteContext,
  deps: Pick<NoticeDeps, 'clock'>,
  message: Notice,
): Promise<void> {
  const about = aboutOf(message)
  const stream = `${message.kind}:${about}:${message.userId}`
  await enqueueLine(ctx, deps.clock, { stream, lane: 'direct', message })
}

/** Tells one owner; of a user group each member, as Slack lists them now. */
export async function deliverNotice(
  deps: NoticeDeps,
  line: ClaimedLine<OutboxMessage>,
  message: Notice,
  signal: AbortSignal,
): Promise<Delivery> {
  const { userId } = message
  if (!isUserGroup(userId))
    return await deps.slack.postDirect({ line: key(line), userId, message: rendered(message) })
  try {
    const members = await deps.people.groupMembers(userId, { maxAgeMs: freshMs, signal })
    await passOn(deps, line, message, members)
    return { kind: 'sent' }
  } catch (error) {
    if (!(error instanceof SlackAwayError)) throw error
    const { retryAfterMs } = error
    if (retryAfterMs === undefined) return { kind: 'later' }
    return { kind: 'later', until: new Date(deps.clock.now().getTime() + retryAfterMs) }
  }
}

/** A line for each member that is not told anyway; once, also when this line is delivered again. */
async function passOn(
  deps: NoticeDeps,
  line: ClaimedLine<OutboxMessage>,
  message: Notice,
  members: readonly string[],
): Promise<void> {
  await deps.store.write(async (ctx) => {
    if (!(await takeSlot(ctx, `passed_on:${key(line)}`, deps.clock.now(), noticeEveryMs))) return
    for (const userId of members)
      if (!deps.owners.includes(userId)) await enqueueNotice(ctx, deps, { ...message, userId })
  })
}

function aboutOf(message: Notice): string {
  switch (message.kind) {
    case 'given_up':
      return message.about
    case 'undeliverable':
      return message.channel
    case 'binding_asked':
      return message.requestId
  }
}

function rendered(message: Notice): RenderedMessage {
  return message.kind === 'binding_asked' ? bindingAsked(message) : sentence(textOf(message))
}

function textOf(message: Exclude<Notice, { kind: 'binding_asked' }>): string {
  if (message.kind === 'given_up')
    return `Slack would not take a message about ${message.about} (${message.why}), so people have not read it. /tasks shows how things stand; the log has the details.`
  const what =
    message.why === 'is_archived' || message.why === 'is_inactive'
      ? 'is archived. Please unarchive it, or change slack.channels in the configuration.'
      : 'does not take my messages. Please invite me there (/invite), or change slack.channels in the configuration.'
  return `The channel <#${message.channel}> ${what} The messages of ${message.taskId} wait until then; nothing is lost.`
}
