import { actions, button, context, section } from '#src/slack/block-kit/index.ts'
import type { AnyBlock } from '#src/slack/context.ts'
import { readOnlyCard, spokenCard } from '#src/slack/messages/match-card.ts'
import type { RenderedMessage } from '#src/slack/messages/task.ts'
import { actionWords, statusEmoji, statusLabel } from '#src/slack/messages/words.ts'
import { cutMrkdwn, escapeMrkdwn, link, mention, slackDate } from '#src/slack/text.ts'
import type { FoundTarget } from '#src/iam/target.ts'
import type { Action, Task, TaskStatus } from '#src/tasks/task.ts'

// The word may arrive late, so it says what is true by then.
const createdWords: { readonly [status in TaskStatus]: string } = {
  pending_approval: ' and waits for approval',
  in_progress: ' and runs',
  successful: ' and is done: Successful',
  partially_successful: ' and is done: Partially successful',
  unsuccessful: ' and is done: Unsuccessful',
  rejected: ', and was rejected since',
  expired: ', and expired since: nobody decided in time',
  cancelled: ', and was withdrawn since',
}

/** "Task T-4F7K2 was created …", with **View task status**; only the requester sees it. */
export function confirmation(task: Task, url: string | undefined): RenderedMessage {
  const text = `Task ${task.id} was created${createdWords[task.status]}.`
  const view =
    url === undefined
      ? []
      : [
          actions([
            button({
              id: 'view_task',
              text: 'View task status',
              url,
              spoken: `View the status of ${task.id}`,
            }),
          ]),
        ]
  return { text, blocks: [section(text), ...view] }
}

/** That a request is covered already, with the way to it. Mrkdwn. */
export function runningSentence(task: Task, url: string | undefined): string {
  const what = task.status === 'pending_approval' ? 'already waits for approval' : 'is already running'
  const view = url === undefined ? '' : ` ${link(url, 'View task status')}`
  return `This ${what}: ${task.id}, asked by ${mention(task.requesterId)} ${slackDate(task.createdAt)}.${view}`
}

/** One task in a list: status, what, who, when. Mrkdwn. */
export function taskLine(task: Task, url: string | undefined): string {
  const id = url === undefined ? task.id : link(url, task.id)
  const head = `${statusEmoji[task.status]} *${id}* ${actionWords[task.action].label} · ${escapeMrkdwn(task.targetName)} — ${statusLabel[task.status]}`
  const description =
    task.description === ''
      ? ''
      : ` · ${escapeMrkdwn(task.description.replaceAll(/\s+/gu, ' ').slice(0, 120))}`
  return `${head}\n${mention(task.requesterId)} · ${slackDate(task.createdAt)}${description}`
}

// The buttons of `/user-status`, in their order.
const offered: readonly { readonly id: string; readonly action: Action }[] = [
  { id: 'disable_person', action: 'disable_account' },
  { id: 'enable_person', action: 'enable_account' },
  { id: 'reset_person', action: 'force_password_reset' },
  { id: 'sign_out_person', action: 'force_sign_out' },
]

/** The answer of `/user-status`: the card, the last tasks, and what may be done now. */
export function userStatus(facts: {
  readonly found: FoundTarget
  readonly typed: string
  readonly lookUpId: string
  readonly tasks: readonly { readonly task: Task; readonly url: string | undefined }[]
  /** What the asker may ask for now. */
  readonly offers: ReadonlySet<Action>
}): RenderedMessage {
  const { found, typed, tasks, lookUpId, offers } = facts
  const history: AnyBlock[] =
    tasks.length === 0
      ? [context('No task about this person so far.')]
      : [section(`*Last tasks*\n${tasks.map(({ task, url }) => taskLine(task, url)).join('\n')}`)]
  const buttons = offered
    .filter(({ action }) => offers.has(action))
    .map(({ id, action }) =>
      button({
        id,
        text: actionWords[action].label,
        value: lookUpId,
        ...(action === 'disable_account' && { style: 'danger' as const }),
      }),
    )
  const row = buttons.length > 0 ? [actions(buttons)] : []
  return {
    text: cutMrkdwn(spokenCard(found, typed), 3_000),
    blocks: [...readOnlyCard(found, typed), ...history, ...row],
  }
}
