import { z } from 'zod'
import {
  countAtStage,
  markStage,
  placesAtStage,
  type TaskPersonRow,
  taskPeopleOf,
  updateTaskPerson,
} from '#db/queries/task-people.ts'
import { updateTask } from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { accountKey, MatchedAccount } from '#src/iam/target.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { JobResult } from '#src/jobs/job.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { planEnd } from '#src/tasks/ends.ts'
import { type Gate, identify, lookBeforeChange } from '#src/tasks/gate.ts'
import { emailsAt } from '#src/tasks/hand.ts'
import { needsMoreApprovals } from '#src/tasks/more-approvals.ts'
import { inTurns } from '#src/tasks/people/in-turns.ts'
import { showProgress } from '#src/tasks/people/show-progress.ts'
import { sendNext, underWay } from '#src/tasks/people/turns.ts'
import { readPerson, readTargetEmails, readTask } from '#src/tasks/rows.ts'
import { watchTask } from '#src/tasks/send.ts'
import type { Task } from '#src/tasks/task.ts'
import { reply, showStatus } from '#src/tasks/thread.ts'

/**
 * Starts a task about several people: matches and judges all of them anew before anybody is changed. What was read is
 * kept person by person, so that a restart goes on where it was.
 */
export async function startPeople(deps: TaskDeps, task: Task, signal: AbortSignal): Promise<JobResult> {
  await deps.store.write((ctx) => showProgress(ctx, deps.clock, task.id))
  const places = await deps.store.read((ctx) =>
    placesAtStage(ctx, task.lookUpId, 'to_check', Math.max(1, task.people)),
  )
  await inTurns(places, deps.rules.callsPerSystem, signal, (person) => check(deps, task, person, signal))
  return { kind: 'completed', settle: (ctx) => begin(ctx, deps, task.id) }
}

async function check(deps: TaskDeps, task: Task, person: number, signal: AbortSignal): Promise<void> {
  const enforcements = await deps.store.read((ctx) => readPerson(ctx, task.id, person))
  const gate = await lookBeforeChange(deps, task, enforcements, signal)
  const gateAt = deps.clock.now()
  await deps.store.write((ctx) =>
    updateTaskPerson(ctx, task.lookUpId, person, { stage: 'to_send', gate: storedGate(gate), gateAt }),
  )
}

const StoredGate = z.object({
  accounts: z.array(MatchedAccount),
  found: z.array(MatchedAccount),
  asked: z.array(z.string()),
  complete: z.boolean(),
})

function storedGate(gate: Gate): z.infer<typeof StoredGate> {
  return {
    accounts: [...gate.accounts.values()],
    found: [...gate.found],
    asked: [...gate.identified.keys()],
    complete: gate.complete,
  }
}

// As in the jobs of single accounts: what was read counts for this long.
const freshForMs = 30_000

/** What was read about a person before the first change; undefined while nobody looked. */
export function gateOf(row: TaskPersonRow, now: Date): Gate | undefined {
  if (row.gateAt === null) return undefined
  const { accounts, found, asked, complete } = StoredGate.parse(row.gate)
  return {
    accounts: new Map(accounts.map((account) => [accountKey(account), account])),
    identified: identify({ accounts: found, asked, unasked: [] }),
    found,
    complete,
    isOld: now.getTime() - row.gateAt.getTime() > freshForMs,
  }
}

async function begin(ctx: WriteContext, deps: TaskDeps, taskId: string): Promise<void> {
  const read = await readTask(ctx, taskId)
  if (read === undefined || read.task.status !== 'in_progress' || read.task.startedAt !== null) return
  const { lookUpId, people } = read.task
  if ((await countAtStage(ctx, lookUpId, 'to_check')) > 0)
    return await enqueue(ctx, deps.clock, { kind: 'start_task', payload: { taskId } })
  const now = deps.clock.now()
  const gates = (await taskPeopleOf(ctx, lookUpId, 'in')).flatMap((row) => {
    const gate = gateOf(row, now)
    const mine = read.enforcements.filter((one) => one.person === row.position)
    return gate === undefined ? [] : [{ gate, mine }]
  })
  const known = await readTargetEmails(ctx, taskId)
  const targetEmails = [...new Set([...known, ...gates.flatMap(({ gate, mine }) => emailsAt(gate, mine))])]
  const { task } = read
  for (const { gate, mine } of gates)
    if (await needsMoreApprovals(ctx, deps, task, mine, gate, targetEmails))
      return await markStage(ctx, lookUpId, 'to_check')
  await updateTask(ctx, taskId, {
    startedAt: now,
    tickedAt: now,
    updatedAt: now,
    targetEmails,
  })
  const accounts = read.enforcements.length
  const facts = { enforcements: accounts, people }
  await record(ctx, now, { kind: 'task_started', actor: 'system', taskId, facts })
  await planEnd(ctx, deps, task, now)
  await reply(ctx, deps.clock, { v: 1, kind: 'people_started', taskId, people, accounts })
  await sendNext(ctx, deps.clock, task, underWay(deps.rules))
  await watchTask(ctx, deps, task)
  await showStatus(ctx, deps.clock, taskId)
}
