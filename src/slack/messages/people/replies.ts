import type { TaskReply } from '#src/outbox/message.ts'
import { thousands } from '#src/slack/messages/people/bar.ts'
import { actionWords, statusEmoji, statusLabel } from '#src/slack/messages/words.ts'
import { mention } from '#src/slack/text.ts'
import { taskStatuses } from '#src/tasks/task.ts'

type PeopleReply = Extract<
  TaskReply,
  { kind: 'people_started' | 'more_failures' | 'people_retried' | 'people_ended' }
>

/** What the thread of a task about several people says. Mrkdwn. */
export function peopleSentence(message: PeopleReply): string {
  switch (message.kind) {
    case 'people_started':
      return `Everybody was looked at again; now ${people(message.people)} with ${accounts(message.accounts)} are changed. Failures are told here, and all results come as a file.`
    case 'more_failures':
      return `More than ${message.told} accounts failed. The others are not told one by one: the file of results has all of them.`
    case 'people_retried':
      return `${mention(message.by)} sent it again for ${people(message.people)} with ${accounts(message.accounts)} that failed.`
    case 'people_ended':
      return endedSentence(message)
  }
}

function endedSentence(message: Extract<PeopleReply, { kind: 'people_ended' }>): string {
  const { successful, partly, unsuccessful, action } = message
  const status = taskStatuses.find((one) => one === message.status)
  const words = status === undefined ? message.status : `${statusEmoji[status]} ${statusLabel[status]}`
  const total = successful + partly + unsuccessful
  const rest = [
    ...(partly === 0 ? [] : [`${thousands(partly)} in part`]),
    ...(unsuccessful === 0 ? [] : [`${thousands(unsuccessful)} not`]),
  ]
  const failed = rest.length === 0 ? '' : `, ${rest.join(', ')}. *Retry failed* sends only that again`
  return `${words}. ${actionWords[action].done}: ${thousands(successful)} of ${people(total)}${failed}.`
}

function people(count: number): string {
  return count === 1 ? 'one person' : `${thousands(count)} people`
}

function accounts(count: number): string {
  return count === 1 ? 'one account' : `${thousands(count)} accounts`
}
