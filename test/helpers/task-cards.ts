import type { TaskCard } from '#src/tasks/show.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'
import { card, enforcement, task } from '#test/helpers/gallery/facts.ts'

/** A task that waits, with changes. */
export const taskOf = (changes: Partial<Task> = {}): Task => task(changes)

/** An enforcement that waits, with changes. */
export function enforcementOf(changes: Partial<Enforcement> = {}): Enforcement {
  const known = { id: 'e1', accountId: 'id-1', emails: ['alice@corp.example'] }
  return enforcement('unix-ldap', 'openldap', 'uid=anguyen', { ...known, ...changes })
}

/** The card of a task with one enforcement, with changes. */
export function cardOf(of: Partial<Task> = {}, changes: Partial<TaskCard> = {}): TaskCard {
  const nothingOffered = { missing: 1, approvedBy: [], retryable: false, enableOffered: false }
  return card(taskOf(of), [enforcementOf()], { ...nothingOffered, ...changes })
}
