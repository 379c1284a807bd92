import { csvLine } from '#src/local-users/csv-write.ts'
import { enforcementLine } from '#src/slack/messages/enforcement.ts'
import { actionWords, statusLabel } from '#src/slack/messages/words.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'

const header = [
  ...['task', 'action', 'status', 'person', 'looked up as', 'people', 'requester', 'requester e-mail'],
  ...['description', 'created', 'finished', 'results'],
]

/** The first line of the file of tasks. The sign tells spreadsheets that it is UTF-8. */
export const tasksCsvHead = `\uFEFF${csvLine(header)}`

/** One task as a line of the file; spreadsheets calculate nothing of it. Pure. */
export function taskCsvLine(task: Task, enforcements: readonly Enforcement[]): string {
  return csvLine([
    ...[task.id, actionWords[task.action].label, statusLabel[task.status], task.targetName, task.personText],
    String(Math.max(1, task.people)),
    ...[task.requesterId, task.requesterEmail ?? '', task.description],
    ...[task.createdAt.toISOString(), task.finishedAt?.toISOString() ?? ''],
    task.people > 0 ? counts(enforcements) : results(task, enforcements),
  ])
}

function results(task: Task, enforcements: readonly Enforcement[]): string {
  return enforcements
    .map((one) => `${one.systemId} (${one.login}): ${enforcementLine(one, task.action)}`)
    .join('; ')
}

// The task's own file tells them one by one.
function counts(enforcements: readonly Enforcement[]): string {
  return [...Map.groupBy(enforcements, (one) => one.status)]
    .map(([status, all]) => `${all.length} ${status}`)
    .join(', ')
}
