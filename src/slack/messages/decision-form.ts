import { longestNote, type Verdict } from '#src/approvals/submit.ts'
import { context, input, modal, section, textInput } from '#src/slack/block-kit/index.ts'
import type { ModalView } from '#src/slack/context.ts'
import { actionWords, durationWords } from '#src/slack/messages/words.ts'
import { namesWords } from '#src/slack/messages/people/task.ts'
import { boldForeign, code, escapeMrkdwn, mention } from '#src/slack/text.ts'
import type { PeopleCard } from '#src/tasks/people/show-people.ts'
import type { TaskCard } from '#src/tasks/show.ts'
import type { Task } from '#src/tasks/task.ts'

const titles: { readonly [verdict in Verdict]: string } = { approve: 'Approve', reject: 'Reject' }

/** The `callback_id` of the form for each verdict. */
export const decisionFormId: { readonly [verdict in Verdict]: string } = {
  approve: 'approve_task',
  reject: 'reject_task',
}

/** The form's title with a sentence: while something is looked up, and for the result. */
export function decisionWorking(verdict: Verdict, sentence: string): ModalView {
  return modal({ id: `${decisionFormId[verdict]}_said`, title: titles[verdict], blocks: [section(sentence)] })
}

/**
 * What will happen in one sentence, the accounts, a note (needed for Reject), and the one-time code where it is asked.
 * Pure.
 */
export function decisionForm(
  verdict: Verdict,
  card: TaskCard,
  channelId: string,
  asksCode = false,
): ModalView {
  const { task, enforcements } = card
  const accounts = enforcements.map((one) => `*${escapeMrkdwn(one.systemId)}*  ${code(one.login)}`).join('\n')
  const asked = `${mention(task.requesterId)} asks to ${actionWords[task.action].verb} ${boldForeign(task.targetName)} (${task.id}).`
  const why = task.description === '' ? [] : [section(`“${escapeMrkdwn(task.description)}”`)]
  const effect =
    verdict === 'reject'
      ? 'Rejecting ends the request for everybody. Nothing is changed.'
      : approveEffect(card)
  return modal({
    id: decisionFormId[verdict],
    title: titles[verdict],
    submit: titles[verdict],
    meta: { taskId: task.id, channelId },
    blocks: [
      section(asked),
      ...why,
      section(card.people === undefined ? accountsWords(accounts) : peopleWords(card.people)),
      context(effect),
      input({
        blockId: 'note',
        label: verdict === 'reject' ? 'Reason' : 'Note',
        hint: 'Everybody in the thread reads it.',
        optional: verdict === 'approve',
        element: textInput({ id: 'note', multiline: true, maxLength: longestNote, focus: true }),
      }),
      ...(asksCode ? [codeInput()] : []),
    ],
  })
}

function codeInput() {
  return input({
    blockId: 'code',
    label: 'One-time code',
    hint: 'The six digits that your authenticator app shows now. Each works once.',
    element: textInput({ id: 'code', maxLength: 10 }),
  })
}

function accountsWords(accounts: string): string {
  return accounts === '' ? 'No account is known yet.' : accounts
}

function peopleWords(people: PeopleCard): string {
  const systems = people.systems.map(({ systemId, accounts }) => `*${escapeMrkdwn(systemId)}* ${accounts}`)
  const left = people.leftOut === 0 ? '' : `\n${people.leftOut} more on the list are left out.`
  return `*${people.people} people*, accounts: ${systems.join(', ')}\n${namesWords(people)}${left}`
}

function approveEffect(card: TaskCard): string {
  const left = card.missing - 1
  if (left > 0) return `After yours ${left} more ${left === 1 ? 'approval is' : 'approvals are'} missing.`
  return `With your approval it runs at once: ${changeWords(card.task)}`
}

function changeWords(task: Task): string {
  switch (task.action) {
    case 'disable_account': {
      const how = task.mayDeactivate
        ? 'the account is deactivated, which takes it out of all applications, and read back'
        : 'each account is disabled and read back'
      const sessions = task.endSessions
        ? 'open sessions are ended where that is possible'
        : 'open sessions are left alone'
      const end =
        task.endsAfterMs === null
          ? ''
          : ` After ${durationWords(task.endsAfterMs)} the accounts are enabled again.`
      return `${how}; ${sessions}.${end}`
    }
    case 'enable_account':
      return 'each account is enabled as it was before, and read back.'
    case 'force_password_reset':
      return 'the person has to choose a new password at the next sign-in. The accounts stay enabled.'
    case 'force_sign_out':
      return 'open sessions are ended where that is possible. The accounts stay enabled.'
  }
}

/** What the form says once the decision was counted or refused. */
export function decisionSaid(verdict: Verdict, taskId: string, refusal: string | null): ModalView {
  const done =
    verdict === 'approve'
      ? `You approved ${taskId}. The thread tells how it goes.`
      : `You rejected ${taskId}. Nothing was changed.`
  return decisionWorking(verdict, refusal === null ? done : escapeMrkdwn(refusal))
}
