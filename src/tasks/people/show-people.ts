import { countByPerson, countEnforcements, countStanding } from '#db/queries/enforcements.ts'
import { countAtStage, countPeopleStates, firstNames, summaryOfTask } from '#db/queries/task-people.ts'
import type { ReadContext } from '#db/store.ts'
import { statusByPerson } from '#src/tasks/people/status.ts'
import type { Task, TaskStatus } from '#src/tasks/task.ts'

/** What the message of a task about several people says instead of a line for each account. */
export interface PeopleCard {
  readonly people: number
  /** Named on the list, and not changed. */
  readonly leftOut: number
  readonly accounts: number
  readonly systems: readonly { readonly systemId: string; readonly accounts: number }[]
  /** The first of them, by name. */
  readonly names: readonly string[]
  /** How many were looked at again before the first change. */
  readonly checked: number
  /** How many people are at which status, once it runs. */
  readonly byStatus: { readonly [status in TaskStatus]?: number }
  readonly failedAccounts: number
  readonly standing: number
  /** When the last account ended so far. */
  readonly lastAt: Date | null
}

const shownNames = 10

/** What is true now about the people of a task. */
export async function readPeopleCard(ctx: ReadContext, task: Task): Promise<PeopleCard> {
  const { systems, lastAt } = await summaryOfTask(ctx, task.id)
  const byStatus: { [status in TaskStatus]?: number } = {}
  for (const status of statusByPerson(await countByPerson(ctx, task.id)).values())
    byStatus[status] = (byStatus[status] ?? 0) + 1
  const states = await countPeopleStates(ctx, task.lookUpId)
  return {
    people: task.people,
    leftOut: states['out'] ?? 0,
    accounts: systems.reduce((sum, { n }) => sum + n, 0),
    systems: systems.map(({ systemId, n }) => ({ systemId, accounts: n })),
    names: await firstNames(ctx, task.lookUpId, shownNames),
    checked: task.people - (await countAtStage(ctx, task.lookUpId, 'to_check')),
    byStatus,
    failedAccounts: await countEnforcements(ctx, task.id, ['unsuccessful']),
    standing: await countStanding(ctx, task.id),
    lastAt,
  }
}
