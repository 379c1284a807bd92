import type { TaskReply } from '#src/outbox/message.ts'
import { actions, button, section } from '#src/slack/block-kit/index.ts'
import type { AnyBlock } from '#src/slack/context.ts'
import { enforcementReply, seconds } from '#src/slack/messages/enforcement.ts'
import { isUnsuspendable } from '#src/slack/messages/failure-words.ts'
import { peopleSentence } from '#src/slack/messages/people/replies.ts'
import { people, type RenderedMessage } from '#src/slack/messages/task.ts'
import { statusEmoji, statusLabel } from '#src/slack/messages/words.ts'
import { code, cutMrkdwn, escapeMrkdwn, mention, slackDate } from '#src/slack/text.ts'
import { StoredReason } from '#src/tasks/rows.ts'
import { taskStatuses } from '#src/tasks/task.ts'

// Slack recommends no more for the text of a message, and its sections take no more.
const longestText = 3_000

/** One reply in a task's thread, complete in itself. Pure. */
export function replyMessage(message: TaskReply): RenderedMessage {
  const text = cutMrkdwn(sentence(message), longestText)
  const offered = offer(message)
  const blocks: AnyBlock[] = [section(text), ...(offered === undefined ? [] : [offered])]
  return { text, blocks }
}

function offer(message: TaskReply): AnyBlock | undefined {
  if (message.kind === 'enforcement_finished') return offerDeactivate(message)
  if (message.kind === 'end_near') return offerLonger(message.taskId)
  if (message.kind !== 'drifted') return undefined
  const value = `${message.taskId}:${message.enforcementId}`
  return actions([
    button({
      id: 'disable_again',
      text: 'Disable again',
      value,
      style: 'danger',
      spoken: `Disable ${message.login} again`,
    }),
  ])
}

function offerLonger(taskId: string): AnyBlock {
  return actions([
    button({ id: 'extend_disable', text: 'Extend', value: taskId, spoken: `Extend ${taskId}` }),
    button({
      id: 'keep_disabled',
      text: 'Keep disabled',
      value: taskId,
      spoken: `Keep the accounts of ${taskId} disabled`,
    }),
  ])
}

function offerDeactivate(
  message: Extract<TaskReply, { kind: 'enforcement_finished' }>,
): AnyBlock | undefined {
  const { reason, mayDeactivate, enforcementId, login } = message.facts
  const unsuspendable = isUnsuspendable(reason === null ? null : StoredReason.parse(reason))
  if (!unsuspendable || mayDeactivate) return undefined
  return actions([
    button({
      id: 'deactivate_instead',
      text: 'Deactivate instead',
      value: `${message.taskId}:${enforcementId}`,
      style: 'danger',
      spoken: `Deactivate ${login} instead of suspending it`,
    }),
  ])
}

function sentence(message: TaskReply): string {
  switch (message.kind) {
    case 'approval_requested':
      return `${people(message.mention)}: please decide with *Approve* or *Reject* above. ${count(message.needed)} needed.`
    case 'reminder':
      return `${people(message.mention)}: this still waits. ${count(message.missing)} missing; it expires ${slackDate(new Date(message.expiresAt))}.`
    case 'escalation':
      return `${people(message.mention)}: nobody has decided yet. ${count(message.missing)} missing; only people with the role approver can decide. It expires ${slackDate(new Date(message.expiresAt))}.`
    case 'decision':
      return decisionSentence(message)
    case 'expired':
      return 'Nobody decided in time, so this request expired. Nothing was changed. It can be asked for again.'
    case 'cancelled':
      return message.newer === undefined
        ? `${mention(message.by)} withdrew this request. Nothing was changed.`
        : `Withdrawn, because ${message.newer} is newer and disables the same account. Nothing was changed.`
    case 'back_to_approval':
      return `${people(message.mention)}: this waits again, because ${escapeMrkdwn(message.why)}. ${count(message.missing)} missing. Nothing was changed so far.`
    case 'account_added':
      return `Found only now and surely the same person: ${code(message.login)} in *${escapeMrkdwn(message.systemId)}*. It is changed too.`
    case 'account_left_out':
      return `Also found now: ${code(message.login)} in *${escapeMrkdwn(message.systemId)}*. It is left alone, because ${escapeMrkdwn(message.why)}.`
    case 'enforcement_finished': {
      const { facts } = message
      const reason = facts.reason === null ? null : StoredReason.parse(facts.reason)
      return enforcementReply({ ...facts, reason, at: new Date(facts.at) })
    }
    case 'retried':
      return `${mention(message.by)} sent it again to ${message.systems.map((system) => `*${escapeMrkdwn(system)}*`).join(', ')}.`
    case 'drifted':
      return `↔ *${escapeMrkdwn(message.systemId)}* shows ${code(message.login)} enabled again (${slackDate(new Date(message.at), 'time')}, ${minutes(message.afterMs)} after the disable). Usually that is a directory sync or an administrator.`
    case 'seen_again':
      return `*${escapeMrkdwn(message.systemId)}* answers again: ${code(message.login)} reads as disabled (${slackDate(new Date(message.at), 'time')}). I check that it holds.`
    case 'end_near':
      return `${mention(message.by)}: this Disable ends ${slackDate(new Date(message.endsAt))}. Then the accounts are enabled again. If that is too early, press *Extend* or *Keep disabled*.`
    case 'end_moved':
      return `${mention(message.by)} extended this: it now ends ${slackDate(new Date(message.endsAt))}.`
    case 'end_dropped':
      return `${mention(message.by)} took the end away: the accounts stay disabled until somebody enables them.`
    case 'end_reached':
      return endSentence(message)
    case 'enable_requested':
      return `${mention(message.by)} asked to enable again what this task disabled: ${message.enableTaskId}.`
    case 'people_started':
    case 'more_failures':
    case 'people_retried':
    case 'people_ended':
      return peopleSentence(message)
    case 'deactivate_requested':
      return `${mention(message.by)} asked to deactivate the account instead: ${message.newTaskId}.`
    case 'enabled_again': {
      const status = taskStatuses.find((one) => one === message.status)
      const words = status === undefined ? message.status : `${statusEmoji[status]} ${statusLabel[status]}`
      return `Enable ${message.enableTaskId} ended: ${words}.`
    }
  }
}

function endSentence(message: Extract<TaskReply, { kind: 'end_reached' }>): string {
  const { enableTaskId, newer } = message
  const stays = newer === null ? '' : ` What ${newer} covers is left to it, because it is newer.`
  if (enableTaskId !== null)
    return `The end time is reached: ${enableTaskId} enables the accounts again.${stays}`
  return newer === null
    ? 'The end time is reached. Nothing of this task is left to enable.'
    : `The end time is reached.${stays} Nothing was enabled.`
}

function decisionSentence(message: Extract<TaskReply, { kind: 'decision' }>): string {
  const note =
    message.note === ''
      ? ''
      : `: _${escapeMrkdwn(message.note.replaceAll(/\s+/gu, ' ')).replaceAll('_', 'ˍ')}_`
  const who = mention(message.approverId)
  if (message.verdict === 'reject') return `${who} rejected this${note}. Nothing was changed.`
  const left = message.missing === 0 ? '' : ` ${count(message.missing)} still missing.`
  return `${who} approved${note}.${left}`
}

function count(approvals: number): string {
  return approvals === 1 ? 'One approval is' : `${approvals} approvals are`
}

function minutes(ms: number): string {
  return ms < 60_000 ? seconds(ms) : `${Math.round(ms / 60_000)} min`
}
