import { isUserGroup } from '#src/people/actor.ts'
import { actions, button, context, overflow, plan, section } from '#src/slack/block-kit/index.ts'
import type { AnyBlock } from '#src/slack/context.ts'
import { enforcementLine, seconds } from '#src/slack/messages/enforcement.ts'
import { actionWords, durationWords, statusEmoji, statusLabel } from '#src/slack/messages/words.ts'
import { boldForeign, cut, escapeMrkdwn, mention, mentionGroup, slackDate } from '#src/slack/text.ts'
import type { TaskCard } from '#src/tasks/show.ts'
import { leadersOf } from '#src/tasks/order.ts'
import { type Enforcement, isFinished, type Task } from '#src/tasks/task.ts'

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
    `${statusEmoji[task.status]} ${boldForeign(title(task))} — ${statusLabel[task.status]}`,
  )
  const about = context([aboutLine(card), ...statusLines(card)].join('\n'))
  const buttons = buttonRow(card)
  const lines = enforcements.map((one) => ({
    id: one.id,
    // The result stands in the title: Slack folds everything else away.
    title: `${one.systemId} · ${one.login} — ${line(one, card)}`,
    status: cardStatus(one),
  }))
  const row = buttons === undefined ? [] : [buttons]
  if (lines.length === 0) return { text: spoken(card), blocks: [head, about, ...row] }
  const listed = enforcements.map(
    (one) =>
      `${mark(one)} *${escapeMrkdwn(one.systemId)}*  ${escapeMrkdwn(one.login)} — ${escapeMrkdwn(line(one, card))}`,
  )
  return {
    text: spoken(card),
    blocks: [head, about, plan(progress(card), lines), ...row],
    fallback: [head, about, section(`${escapeMrkdwn(progress(card))}\n${listed.join('\n')}`), ...row],
  }
}

/** What it is about: action, target, id. Plain. */
export function title(task: Task): string {
  return `${actionWords[task.action].label} · ${cut(task.targetName, 80)} · ${task.id}`
}

/** The few words about one account; where the task ended before it ran, nothing waits any more. */
function line(one: Enforcement, { task, enforcements: all }: TaskCard): string {
  const given = task.startedAt === null && isFinished(task.status)
  if (given) return 'not changed'
  const leaders = one.status === 'waiting' ? leadersOf(task.action, one, all) : []
  return leaders.length === 0
    ? enforcementLine(one, task.action)
    : `after ${some([...new Set(leaders.map((leader) => leader.systemId))])}`
}

/** What screen readers and phones read: who, what, result. */
function spoken(card: TaskCard): string {
  const { task, enforcements } = card
  const lines = enforcements.map((one) => `${one.systemId}: ${line(one, card)}`)
  const head = `${statusEmoji[task.status]} ${title(task)}: ${statusLabel[task.status]}.`
  const asked = `Requested by ${mention(task.requesterId)}.`
  return cut(`${escapeMrkdwn(head)} ${asked} ${escapeMrkdwn(lines.join('; '))}`, 2_000)
}

/** Who asked, when and why. Mrkdwn. */
export function aboutLine(card: TaskCard): string {
  const { task } = card
  const why =
    task.description === ''
      ? []
      : [escapeMrkdwn(cut(task.description.replaceAll(/\s+/gu, ' '), shownDescription))]
  const asked = [`Requested by ${mention(task.requesterId)}`, slackDate(task.createdAt), ...why]
  return [...asked, ...askedBeside(task)].join(' · ')
}

/** What a Disable says beside its accounts. */
export function askedBeside(task: Task): string[] {
  if (task.action !== 'disable_account') return []
  return [
    ...(task.mayDeactivate ? ['*deactivates* instead of suspending'] : []),
    ...(task.endSessions ? [] : ['leaves open sessions alone']),
    ...(task.endsAfterMs !== null && task.startedAt === null
      ? [`for ${durationWords(task.endsAfterMs)}`]
      : []),
  ]
}

/** What the status means now, in lines. Mrkdwn. */
export function statusLines(card: TaskCard): string[] {
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
      return [...approved, ...endLine(card)]
    case 'unsuccessful':
      return card.enforcements.length > 0 || card.people !== undefined
        ? [...approved, ...endLine(card)]
        : [...approved, 'No IAM system knows this person. Nothing was changed.']
  }
}

function endLine({ task, enableOffered }: TaskCard): string[] {
  const { endsAt } = task
  return endsAt === null || (!enableOffered && isFinished(task.status))
    ? []
    : [`Ends ${slackDate(endsAt)}: then enabled again`]
}

function byWhom(task: Task): string {
  if (task.endedBy === null) return ''
  return task.endedBy.startsWith('T-') ? `, because ${task.endedBy} is newer` : ` by ${mention(task.endedBy)}`
}

/** Slack users and groups as mentions. In a message that is edited they notify nobody again. */
export function people(ids: readonly string[]): string {
  return ids.map((id) => (isUserGroup(id) ? mentionGroup(id) : mention(id))).join(', ')
}

function progress(card: TaskCard): string {
  const { task, enforcements } = card
  const systems = new Set(enforcements.map((one) => one.systemId))
  if (task.startedAt === null)
    return `${enforcements.length} ${enforcements.length === 1 ? 'account' : 'accounts'}: ${some([...systems])}`
  const counted = enforcements.filter((one) => one.status !== 'skipped')
  if (counted.length === 0) return 'Nothing to do here'
  const done = counted.filter((one) => one.status === 'successful').length
  const thing = systems.size === enforcements.length ? 'system' : 'account'
  const things = counted.length === 1 ? thing : `${thing}s`
  const failed = counted.filter((one) => one.status === 'unsuccessful').map((one) => one.systemId)
  const open = failed.length === 0 || done === 0 ? '' : ` · not in ${some([...new Set(failed)])}`
  // How long it took is told for the first run only: a Retry may come hours later.
  const atOnce = task.finishedAt !== null && enforcements.every((one) => one.run === 1)
  const ms = (task.finishedAt ?? task.startedAt).getTime() - task.startedAt.getTime()
  const took = atOnce ? ` after ${seconds(ms)}` : ''
  const proportion =
    thing === 'system'
      ? ` in ${done} of ${counted.length} ${things}`
      : `: ${done} of ${counted.length} ${things}`
  const undone = some([...new Set(counted.flatMap((one) => one.undoneBy ?? []))])
  const since = undone === '' ? '' : ` · enabled again by ${undone}`
  return `${actionWords[task.action].done}${proportion}${took}${open}${since}`
}

/** The first three of some names. */
function some(names: readonly string[]): string {
  const more = names.length - 3
  return more > 0 ? `${names.slice(0, 3).join(', ')} and ${more} more` : names.join(', ')
}

function cardStatus(one: Enforcement): 'pending' | 'in_progress' | 'complete' | 'error' {
  switch (one.status) {
    case 'waiting':
    case 'skipped': // a tick would count it as done
      return 'pending'
    case 'running':
      return 'in_progress'
    case 'successful':
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

/** The buttons that are valid now; undefined when there are none. */
export function buttonRow(card: TaskCard): AnyBlock | undefined {
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
