import { z } from 'zod'
import {
  findPeopleList,
  type NewTaskPersonRow,
  type TaskPersonRow,
  taskPeopleOf,
  updatePeopleList,
  updateTaskPerson,
} from '#db/queries/task-people.ts'
import { findTask } from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import { findTarget } from '#src/iam/find-target.ts'
import { readPersonQuery } from '#src/iam/person-query.ts'
import { accountKey, type FoundTarget, targetName } from '#src/iam/target.ts'
import type { JobKind, JobResult } from '#src/jobs/job.ts'
import { lookUpDeps, type TaskDeps } from '#src/tasks/deps.ts'
import { disabledHere, readLiveAll } from '#src/tasks/look-up.ts'
import { inTurns } from '#src/tasks/people/in-turns.ts'
import { judgePerson, namedTwice } from '#src/tasks/people/judge-person.ts'
import {
  insertListed,
  type ListFile,
  type PeopleList,
  personFrom,
  readPeopleList,
  showList,
  storedFound,
} from '#src/tasks/people/list.ts'
import { readPeopleFile } from '#src/tasks/people/read-people.ts'
import { readPerson, taskFrom } from '#src/tasks/rows.ts'

const Payload = z.object({ listId: z.string() })

/** What looking a list up needs beside what tasks need. */
export interface PeopleDeps extends TaskDeps {
  /** The bytes of a file that somebody put into a form. Throws `UserError` for one that is not fetched. */
  fetchFile(file: ListFile, signal: AbortSignal): Promise<Uint8Array>
}

/**
 * Looks up everybody on a list, so many at the same time as one system takes calls, and keeps each answer: a restart
 * goes on with who is missing. The open form shows how far it is.
 */
export function lookUpPeopleJob(deps: PeopleDeps): JobKind<z.infer<typeof Payload>> {
  return {
    kind: 'look_up_people',
    payload: Payload,
    maxAttempts: 20,
    async run({ listId }, run): Promise<JobResult> {
      const list = await deps.store.read((ctx) => readPeopleList(ctx, listId))
      if (list === undefined || list.state === 'found' || list.state === 'failed')
        return { kind: 'completed' }
      try {
        if (list.state === 'reading' && list.file !== null)
          await readFile(deps, listId, list.file, run.signal)
        await lookUpAll(deps, list, run.signal)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        return { kind: 'completed', settle: (ctx) => fail(ctx, deps, listId, error.message) }
      }
      return { kind: 'completed', settle: (ctx) => finish(ctx, deps, listId) }
    },
    givenUp: (ctx, { listId }) =>
      fail(ctx, deps, listId, 'I could not look these people up. Please try again; the log has the details.'),
  }
}

async function fail(ctx: WriteContext, deps: TaskDeps, listId: string, problem: string): Promise<void> {
  const list = await findPeopleList(ctx, listId)
  if (list === undefined) return
  await updatePeopleList(ctx, listId, { state: 'failed', problem })
  await showList(ctx, deps.clock, list)
}

async function readFile(
  deps: PeopleDeps,
  listId: string,
  file: ListFile,
  signal: AbortSignal,
): Promise<void> {
  const people = await readPeopleFile(await deps.fetchFile(file, signal))
  await deps.store.write(async (ctx) => {
    if ((await findPeopleList(ctx, listId))?.state !== 'reading') return
    await insertListed(ctx, listId, people)
    // The address was good for this one download.
    await updatePeopleList(ctx, listId, { state: 'looking', file: null })
  })
}

async function lookUpAll(deps: TaskDeps, list: PeopleList, signal: AbortSignal): Promise<void> {
  const waiting = await deps.store.read((ctx) => taskPeopleOf(ctx, list.id, 'waiting'))
  await inTurns(waiting, deps.rules.callsPerSystem, signal, async (row) => {
    const found = await lookUp(deps, list, row, signal)
    await deps.store.write(async (ctx) => {
      await updateTaskPerson(ctx, list.id, row.position, await judged(ctx, deps, list, row, found))
      await showList(ctx, deps.clock, list)
    })
  })
}

async function lookUp(
  deps: TaskDeps,
  list: PeopleList,
  row: TaskPersonRow,
  signal: AbortSignal,
): Promise<FoundTarget> {
  const { fromTask } = list
  if (fromTask !== null) {
    const read = await deps.store.read(async (ctx) => ({
      task: await findTask(ctx, fromTask),
      mine: await readPerson(ctx, fromTask, row.position),
    }))
    const mine = read.mine.filter((one) => one.accountId !== null && one.status !== 'skipped')
    if (read.task !== undefined) return await readLiveAll(deps, taskFrom(read.task), mine, signal)
  }
  const query = readPersonQuery(row.text)
  return query === undefined
    ? { accounts: [], unasked: [], asked: [] }
    : await findTarget(await lookUpDeps(deps, signal), query, signal)
}

async function judged(
  ctx: WriteContext,
  deps: TaskDeps,
  list: PeopleList,
  row: TaskPersonRow,
  found: FoundTarget,
): Promise<Partial<NewTaskPersonRow>> {
  const onlyOurs = list.action === 'enable_account' && deps.rules.enableRequiresPriorDisable
  const judgement = judgePerson({
    action: list.action,
    found,
    disabledHere: onlyOurs ? new Set((await disabledHere(ctx, found.accounts)).map(accountKey)) : undefined,
    requesterEmail: list.requesterEmail ?? undefined,
  })
  const name = targetName(found, row.text)
  if (judgement.kind === 'out')
    return { state: 'out', name, leftOut: judgement.why, found: storedFound(found, []) }
  const { chosen, others } = judgement
  return { state: 'in', name, others, found: storedFound(found, chosen) }
}

/** Everybody was looked up: who is named twice counts once, and the form shows what can be asked for. */
async function finish(ctx: WriteContext, deps: TaskDeps, listId: string): Promise<void> {
  const list = await findPeopleList(ctx, listId)
  if (list?.state !== 'looking') return
  const people = (await taskPeopleOf(ctx, listId, 'in')).map(personFrom)
  const placed = people.map(({ position, line, chosen }) => ({
    position,
    line,
    keys: chosen.map(accountKey),
  }))
  for (const [position, leftOut] of namedTwice(placed))
    await updateTaskPerson(ctx, listId, position, { state: 'out', leftOut })
  await updatePeopleList(ctx, listId, { state: 'found' })
  await showList(ctx, deps.clock, list)
}
