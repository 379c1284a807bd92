import { openBatches } from '#db/queries/batches.ts'
import { searchTasks } from '#db/queries/tasks.ts'
import { permalinkOf } from '#db/queries/threads.ts'
import type { ReadContext, Store } from '#db/store.ts'
import { assertDecidable, assertUndecidedBy } from '#src/approvals/decidable.ts'
import type { Clock } from '#src/clock.ts'
import { UserError } from '#src/errors.ts'
import type { SystemRef } from '#src/iam/connector.ts'
import { type Batch, batchFrom } from '#src/local-users/batch.ts'
import { type LocalCounts, readLocalCounts } from '#src/local-users/list.ts'
import type { Actor } from '#src/people/actor.ts'
import { taskFrom } from '#src/tasks/rows.ts'
import { knownHealths, type KnownHealth } from '#src/tasks/system-health.ts'
import type { Task } from '#src/tasks/task.ts'

/** A task with the link to its message, where that is known. */
export interface LinkedTask {
  readonly task: Task
  readonly url: string | undefined
}

/** Some of several, and how many there are. */
export interface Some {
  readonly tasks: readonly LinkedTask[]
  readonly total: number
}

/** What somebody's Home tab shows. A part is undefined for whoever may not see it. */
export interface HomeFacts {
  readonly actor: Actor
  readonly waiting: Some | undefined
  readonly mine: Some
  readonly running: Some
  readonly systems: readonly KnownHealth[]
  readonly localUsers: { readonly counts: LocalCounts; readonly batches: readonly Batch[] } | undefined
  readonly now: Date
}

// How many of each list stand on the Home tab; the rest is behind a command.
const shownTasks = 5
// Some of those that wait are somebody's own, or decided already.
const lookedThrough = 50

/** Reads what a person with some role may see. */
export async function readHome(
  deps: { readonly store: Store; readonly clock: Clock; readonly systems: readonly SystemRef[] },
  actor: Actor,
): Promise<HomeFacts> {
  const now = deps.clock.now()
  const hasLocalUsers = deps.systems.some(({ kind }) => kind === 'local')
  return await deps.store.read(async (ctx) => ({
    actor,
    waiting: actor.roles.has('approver') ? await waitingFor(ctx, actor, now) : undefined,
    mine: await some(ctx, { requesterId: actor.userId }),
    running: await some(ctx, { status: 'in_progress' }),
    systems: await knownHealths(ctx, deps.systems),
    localUsers:
      hasLocalUsers && actor.roles.has('local_user_admin')
        ? { counts: await readLocalCounts(ctx, now), batches: (await openBatches(ctx)).map(batchFrom) }
        : undefined,
    now,
  }))
}

async function some(
  ctx: ReadContext,
  search: { readonly requesterId?: string; readonly status?: string },
): Promise<Some> {
  const { rows, total } = await searchTasks(ctx, { ...search, limit: shownTasks, offset: 0 })
  return { tasks: await linked(ctx, rows.map(taskFrom)), total }
}

async function linked(ctx: ReadContext, tasks: readonly Task[]): Promise<readonly LinkedTask[]> {
  const all: LinkedTask[] = []
  for (const task of tasks) all.push({ task, url: await permalinkOf(ctx, task.id) })
  return all
}

/** The requests that this approver may decide: the same judgement as at the press of their buttons. */
async function waitingFor(ctx: ReadContext, actor: Actor, now: Date): Promise<Some> {
  const { rows } = await searchTasks(ctx, { status: 'pending_approval', limit: lookedThrough, offset: 0 })
  const open: Task[] = []
  for (const row of rows) {
    try {
      await assertUndecidedBy(ctx, actor.userId, row.id)
      open.push(await assertDecidable(ctx, actor, row.id, now))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
    }
  }
  return { tasks: await linked(ctx, open.slice(0, shownTasks)), total: open.length }
}
