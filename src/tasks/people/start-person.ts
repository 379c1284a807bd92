import { z } from 'zod'
import { forgetKept } from '#db/queries/journal.ts'
import { findTaskPerson } from '#db/queries/task-people.ts'
import { findTask } from '#db/queries/tasks.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { newReferenceCode } from '#src/ids.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { JobKind } from '#src/jobs/job.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { handOut, isBusy } from '#src/tasks/hand.ts'
import { holdBack } from '#src/tasks/hold.ts'
import { standingOn } from '#src/tasks/newest.ts'
import { leadersFirst, mustWait } from '#src/tasks/order.ts'
import { gateOf } from '#src/tasks/people/start-people.ts'
import { sendNext } from '#src/tasks/people/turns.ts'
import { readPerson, taskFrom } from '#src/tasks/rows.ts'
import { sendEnforcements } from '#src/tasks/send.ts'
import { failed, settleEnforcement } from '#src/tasks/settle.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'

const Payload = z.object({ taskId: z.string(), person: z.number() })
type Payload = z.infer<typeof Payload>
const busyAgainMs = 1_000

/**
 * One person's turn: hands the accounts that wait to their jobs, for the first time or again. An account that another
 * task is changing right now makes the person wait, and nobody else.
 */
export function startPersonJob(deps: TaskDeps): JobKind<Payload> {
  return {
    kind: 'start_person',
    payload: Payload,
    maxAttempts: 50,
    run: async (payload) => ({ kind: 'completed', settle: (ctx) => takeTurn(ctx, deps, payload) }),
    async givenUp(ctx, payload, reason) {
      const turn = await readTurn(ctx, payload)
      const reference = newReferenceCode()
      deps.log.error({ reference, reason, ...payload }, 'the turn of a person on a list was given up')
      if (turn === undefined) return
      for (const one of turn.waiting)
        await settleEnforcement(ctx, deps, turn.task, one, failed({ kind: 'our_fault', reference }))
    },
  }
}

interface Turn {
  readonly task: Task
  readonly all: readonly Enforcement[]
  readonly waiting: readonly Enforcement[]
}

async function readTurn(ctx: ReadContext, payload: Payload): Promise<Turn | undefined> {
  const row = await findTask(ctx, payload.taskId)
  if (row?.status !== 'in_progress') return undefined
  const all = await readPerson(ctx, payload.taskId, payload.person)
  return { task: taskFrom(row), all, waiting: all.filter((one) => one.status === 'waiting') }
}

async function takeTurn(ctx: WriteContext, deps: TaskDeps, payload: Payload): Promise<void> {
  const turn = await readTurn(ctx, payload)
  if (turn === undefined) return
  const { task, all, waiting } = turn
  if (waiting.length === 0) return await sendNext(ctx, deps.clock, task, 1)
  if (await isBusy(ctx, task, waiting)) {
    const runAt = new Date(deps.clock.now().getTime() + busyAgainMs)
    return await enqueue(ctx, deps.clock, { kind: 'start_person', payload, runAt })
  }
  if (waiting.some((one) => one.run > 1)) return await sendAgain(ctx, deps, task, waiting)
  const row = await findTaskPerson(ctx, task.lookUpId, payload.person)
  const gate = row === undefined ? undefined : gateOf(row, deps.clock.now())
  if (gate === undefined) throw new Error('a person is to be changed whom nobody has looked at')
  await handOut(ctx, deps, task, all, gate)
}

/** After Retry: each account's own job judges it anew. */
async function sendAgain(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  waiting: readonly Enforcement[],
): Promise<void> {
  for (const one of leadersFirst(waiting)) {
    const { systemId, accountId } = one
    const standing =
      accountId === null ? undefined : await standingOn(ctx, task, { systemId, accountId }, 'later')
    if (standing?.kind === 'lapsed') {
      await settleEnforcement(ctx, deps, task, one, failed({ kind: 'newer_task', taskId: standing.taskId }))
      continue
    }
    if (one.already) await forgetKept(ctx, one.id)
    const sending = { run: one.run, by: 'system' }
    const all = one.follows === null ? [] : await readPerson(ctx, task.id, one.person)
    if (mustWait(task.action, one, all)) await holdBack(ctx, deps, one, sending)
    else await sendEnforcements(ctx, deps, [{ one, ...sending }])
  }
}
