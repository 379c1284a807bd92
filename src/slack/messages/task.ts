import { actions, button, context, overflow, plan, section } from '#src/slack/block-kit/index.ts'
import type { AnyBlock } from '#src/slack/context.ts'
import { enforcementLine, seconds } from '#src/slack/messages/enforcement.ts'
import { actionLabel, statusEmoji, statusLabel, wantedState } from '#src/slack/messages/words.ts'
import { cut, escapeMrkdwn, mention, mentionGroup, slackDate } from '#src/slack/text.ts'
import type { TaskCard } from '#src/tasks/show.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'

/** A rendered message: `fallback` is for places that do not draw plans. */
export interface RenderedMessage {
  readonly text: string
  readonly blocks: readonly AnyBlock[]
  readonly fallback?: readonly AnyBlock[] | undefined
}

/** The longest description shown on the task's message; the rest is in `/tasks`. */
const shownDescription = 300

/** The task's own message: what, who, why, status, one line per IAM system, and the buttons that are valid now. */
export function taskMessage(card: TaskCard): RenderedMessage {
  const { task, enforcements } = card
  const head = section(
    `${statusEmoji[task.status]} *${escapeMrkdwn(title(task))}* — ${statusLabel[task.status]}`,
  )
  const about = context(aboutLine(card), ...statusLines(card))
  const buttons = buttonRow(card)
  const lines = enforcements.map((one) => ({
    id: one.id,
    title: `${one.systemId} · ${one.login}`,
    status: cardStatus(one),
    output: enforcementLine(one, task.action),
  }))
  const row = buttons === undefined ? [] : [buttons]
  const listed = enforcements.map(
    (one) =>
      `${mark(one)} *${escapeMrkdwn(one.systemId)}*  ${escapeMrkdwn(one.login)}  ${escapeMrkdwn(enforcementLine(one, task.action))}`,
  )
  return {
    text: spoken(card),
    blocks: lines.length === 0 ? [head, about, ...row] : [head, about, plan(progress(card), lines), ...row],
    fallback: [head, about, section(listed.join('\n')), ...row],
  }
}

function title(task: Task): string {
  return `${actionLabel[task.action]} · ${cut(task.targetName, 80)} · ${task.id}`
}

/** What screen readers and phones read: who, what, result. */
function spoken(card: TaskCard): string {
  const { task, enforcements } = card
  const lines = enforcements.map((one) => `${one.systemId}: ${enforcementLine(one, task.action)}`)
  const head = `${statusEmoji[task.status]} ${title(task)}: ${statusLabel[task.status]}.`
  const asked = `Requested by ${mention(task.requesterId)}.`
  return cut(`${escapeMrkdwn(head)} ${asked} ${escapeMrkdwn(lines.join('; '))}`, 2_000)
}

function aboutLine(card: TaskCard): string {
  const { task } = card
  const why =
    task.description === ''
      ? []
      : [escapeMrkdwn(cut(task.description.replaceAll(/\s+/gu, ' '), shownDescription))]
  return [`Requested by ${mention(task.requesterId)}`, ...why, slackDate(task.createdAt)].join(' · ')
}

function statusLines(card: TaskCard): string[] {
  const { task } = card
  const approved =
    card.approvedBy.length === 0 ? [] : [`Approved by ${card.approvedBy.map(mention).join(' and ')}`]
  switch (task.status) {
    case 'pending_approval': {
      const expires = task.expiresAt === null ? '' : ` · expires ${slackDate(task.expiresAt)}`
      // The approvers are mentioned in the thread's first reply: once is enough.
      const approvals = card.missing === 1 ? 'one approval' : `${card.missing} approvals`
      return [...approved, `Waits for ${approvals}${expires}`]
    }
    case 'rejected':
      return [
        `Rejected by ${mention(card.rejectedBy ?? '')}: ${escapeMrkdwn(cut(card.rejectReason ?? '', shownDescription))}. Nothing was changed.`,
      ]
    case 'expired':
      return ['Nobody decided in time. Nothing was changed.']
    case 'cancelled':
      return [`Withdrawn${byWhom(task)}. Nothing was changed.`]
    case 'in_progress':
    case 'successful':
    case 'partially_successful':
    case 'unsuccessful':
      return approved
  }
}

function byWhom(task: Task): string {
  if (task.endedBy === null) return ''
  return task.endedBy.startsWith('T-') ? `, because ${task.endedBy} is newer` : ` by ${mention(task.endedBy)}`
}

/** Slack users and groups as mentions. In a message that is edited they notify nobody again. */
export function people(ids: readonly string[]): string {
  return ids.map((id) => (id.startsWith('S') ? mentionGroup(id) : mention(id))).join(', ')
}

function progress(card: TaskCard): string {
  const { task, enforcements } = card
  const counted = enforcements.filter((one) => one.status !== 'skipped')
  const done = counted.filter((one) => one.status === 'successful').length
  if (task.startedAt === null)
    return `${enforcements.length} ${enforcements.length === 1 ? 'account' : 'accounts'}`
  // How long it took is told for the first run only: a Retry may come hours later.
  const atOnce = task.finishedAt !== null && enforcements.every((one) => one.run === 1)
  const ms = (task.finishedAt ?? task.startedAt).getTime() - task.startedAt.getTime()
  const took = atOnce ? ` after ${seconds(ms)}` : ''
  return `${wantedState[task.action]} in ${done} of ${counted.length} ${counted.length === 1 ? 'system' : 'systems'}${took}`
}

function cardStatus(one: Enforcement): 'pending' | 'in_progress' | 'complete' | 'error' {
  switch (one.status) {
    case 'waiting':
      return 'pending'
    case 'running':
      return 'in_progress'
    case 'successful':
    case 'skipped':
      return 'complete'
    case 'unsuccessful':
      return 'error'
  }
}

function mark(one: Enforcement): string {
  switch (one.status) {
    case 'waiting':
    case 'running':
      return '▸'
    case 'successful':
      return '✔'
    case 'skipped':
      return '–'
    case 'unsuccessful':
      return '✖'
  }
}

function buttonRow(card: TaskCard): AnyBlock | undefined {
  const { task } = card
  const { id } = task
  if (task.status === 'pending_approval')
    return actions([
      button({ id: 'approve_task', text: 'Approve', value: id, style: 'primary', spoken: `Approve ${id}` }),
      button({ id: 'reject_task', text: 'Reject', value: id, style: 'danger', spoken: `Reject ${id}` }),
      overflow({ id: 'task_menu', choices: [{ value: `cancel:${id}`, text: 'Cancel task' }] }),
    ])
  const retry = card.retryable
    ? [button({ id: 'retry_task', text: 'Retry failed', value: id, spoken: `Retry what failed of ${id}` })]
    : []
  const enable = card.enableOffered
    ? [overflow({ id: 'task_menu', choices: [{ value: `enable:${id}`, text: 'Enable User Account' }] })]
    : []
  const elements = [...retry, ...enable]
  return elements.length === 0 ? undefined : actions(elements)
}
