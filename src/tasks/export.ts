import { enforcementsOfTasks } from '#db/queries/enforcements.ts'
import { searchTasks, type TaskSearch } from '#db/queries/tasks.ts'
import { record } from '#src/audit/audit.ts'
import { newId } from '#src/ids.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import { type Actor, assertRole } from '#src/people/actor.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { enforcementFrom, taskFrom } from '#src/tasks/rows.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'

/** Which tasks, without the page. */
export type TaskFilter = Omit<TaskSearch, 'limit' | 'offset'>

const pieceOfList = 200

/** Sends the tasks that a list shows to whoever asks, as a file. Throws `UserError('not_allowed')`. */
export async function requestTasksFile(
  { store, clock }: Pick<TaskDeps, 'store' | 'clock'>,
  actor: Actor,
  filter: Omit<TaskFilter, 'until'>,
): Promise<void> {
  assertRole(actor, 'viewer')
  const { from, ...fields } = filter
  await store.write(async (ctx) => {
    const now = clock.now()
    const asked = {
      ...fields,
      until: now.toISOString(),
      ...(from !== undefined && { from: from.toISOString() }),
    }
    const message = { v: 1, kind: 'tasks_file', userId: actor.userId, filter: asked } as const
    await enqueueLine(ctx, clock, { stream: `export:${newId()}`, lane: 'direct', message })
    await record(ctx, now, { kind: 'tasks_exported', actor: actor.userId, facts: {} })
  })
}

/** The tasks that fit, newest first, each with its enforcements, piece by piece. */
export async function* tasksIn(
  { store }: Pick<TaskDeps, 'store'>,
  filter: TaskFilter,
): AsyncGenerator<{ readonly task: Task; readonly enforcements: readonly Enforcement[] }> {
  for (let offset = 0; ; offset += pieceOfList) {
    const search = { ...filter, limit: pieceOfList, offset }
    const { rows, parts } = await store.read(async (ctx) => {
      const found = await searchTasks(ctx, search)
      const ids = found.rows.map((row) => row.id)
      return { rows: found.rows, parts: await enforcementsOfTasks(ctx, ids) }
    })
    const byTask = Map.groupBy(parts.map(enforcementFrom), (one) => one.taskId)
    for (const row of rows) yield { task: taskFrom(row), enforcements: byTask.get(row.id) ?? [] }
    if (rows.length < pieceOfList) return
  }
}
