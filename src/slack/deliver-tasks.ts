import type { OutboxMessage } from '#src/outbox/message.ts'
import type { ClaimedLine, Delivery } from '#src/outbox/relay.ts'
import type { SlackDelivery } from '#src/slack/delivery.ts'
import { taskCsvLine, tasksCsvHead } from '#src/slack/messages/tasks-csv.ts'
import { key, type NoticeDeps, sentence } from '#src/slack/tell-owners.ts'
import { tasksIn } from '#src/tasks/export.ts'

/** Sends tasks as a file to whoever asked. */
export async function deliverTasksFile(
  deps: NoticeDeps & { readonly slack: SlackDelivery },
  line: ClaimedLine<OutboxMessage>,
  message: Extract<OutboxMessage, { kind: 'tasks_file' }>,
): Promise<Delivery> {
  const { from, until, ...fields } = message.filter
  const filter = { ...fields, from: from === undefined ? undefined : new Date(from), until: new Date(until) }
  const lines = [tasksCsvHead]
  for await (const { task, enforcements } of tasksIn(deps, filter))
    lines.push(taskCsvLine(task, enforcements))
  const told = sentence('Here are the tasks that you asked for.')
  const file = { name: 'tasks.csv', content: lines.join('') }
  return await deps.slack.postFileDirect({ line: key(line), userId: message.userId, message: told, ...file })
}
