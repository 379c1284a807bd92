import { countByPerson } from '#db/queries/enforcements.ts'
import type { ReadContext } from '#db/store.ts'
import { type EnforcementStatus, rollUp, type TaskStatus } from '#src/tasks/task.ts'

/** How many enforcements of a person are in a status. */
export interface PersonCount {
  readonly person: number
  readonly status: string
  readonly n: number
}

const statuses = ['waiting', 'running', 'successful', 'unsuccessful', 'skipped'] as const

/** The status of each person of a task from their enforcements alone. Pure. */
export function statusByPerson(counts: readonly PersonCount[]): ReadonlyMap<number, TaskStatus> {
  const seen = new Map<number, { readonly status: EnforcementStatus }[]>()
  for (const { person, status: stored } of counts) {
    const status = statuses.find((one) => one === stored)
    if (status !== undefined) seen.set(person, [...(seen.get(person) ?? []), { status }])
  }
  return new Map([...seen].map(([person, all]) => [person, rollUp(all)]))
}

/** The status of a task about several people: that of the least successful of them. Pure. */
export function leastSuccessful(people: Iterable<TaskStatus>): TaskStatus {
  const all = new Set(people)
  if (all.has('in_progress')) return 'in_progress'
  if (all.size === 0 || all.has('unsuccessful')) return 'unsuccessful'
  return all.has('partially_successful') ? 'partially_successful' : 'successful'
}

/** The status of a started task about several people, as its enforcements stand. */
export async function peopleStatus(ctx: ReadContext, taskId: string): Promise<TaskStatus> {
  return leastSuccessful(statusByPerson(await countByPerson(ctx, taskId)).values())
}
