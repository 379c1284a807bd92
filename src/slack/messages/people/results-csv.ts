import { csvLine } from '#src/local-users/csv-write.ts'
import { enforcementLine } from '#src/slack/messages/enforcement.ts'
import { leftOutWords } from '#src/slack/messages/people/left-out.ts'
import type { PersonOfList } from '#src/tasks/people/list.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'

const header = ['line', 'person', 'name', 'system', 'account', 'status', 'result', 'finished']

/**
 * Every result of a task about several people as CSV: a line for each account, and one for each person who was left out, in
 * the order of the list. Spreadsheets calculate nothing of it. Pure.
 */
export function resultsCsv(
  task: Task,
  people: readonly Pick<PersonOfList, 'position' | 'line' | 'text' | 'name' | 'leftOut' | 'others'>[],
  enforcements: readonly Enforcement[],
): string {
  const byPerson = Map.groupBy(enforcements, (one) => one.person)
  const lines = people.flatMap((person) => {
    const who = [String(person.line), person.text, person.name]
    if (person.leftOut !== undefined) return [[...who, '', '', 'left out', leftOutWords(person.leftOut), '']]
    const theirs = (byPerson.get(person.position) ?? []).map((one) => [
      ...who,
      one.systemId,
      one.login,
      one.status,
      enforcementLine(one, task.action),
      one.finishedAt?.toISOString() ?? '',
    ])
    const others = `${person.others} more ${person.others === 1 ? 'account' : 'accounts'} may be theirs`
    return person.others === 0 ? theirs : [...theirs, [...who, '', '', 'left alone', others, '']]
  })
  // The sign tells spreadsheets that it is UTF-8.
  return `\uFEFF${[header, ...lines].map(csvLine).join('')}`
}
