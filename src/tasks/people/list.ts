import { z } from 'zod'
import {
  findPeopleList,
  insertPeopleList,
  insertTaskPeople,
  type PeopleListRow,
  type TaskPersonRow,
  taskPeopleOf,
} from '#db/queries/task-people.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import { UserError } from '#src/errors.ts'
import { accountKey, FoundTarget, type MatchedAccount } from '#src/iam/target.ts'
import { newId } from '#src/ids.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import type { Actor } from '#src/people/actor.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { LeftOut } from '#src/tasks/people/left-out.ts'
import type { ListedPerson } from '#src/tasks/people/read-people.ts'
import { readTask } from '#src/tasks/rows.ts'
import { type Action, actions } from '#src/tasks/task.ts'

/** A file that somebody put into the form, still to be fetched. */
export const ListFile = z.object({ name: z.string(), url: z.string(), size: z.number() })
export type ListFile = z.infer<typeof ListFile>

/** A list of people as it stands. */
export interface PeopleList extends Omit<PeopleListRow, 'action' | 'state' | 'file'> {
  readonly action: Action
  readonly state: 'reading' | 'looking' | 'found' | 'failed'
  readonly file: ListFile | null
}

const Columns = z.object({
  action: z.enum(actions),
  state: z.enum(['reading', 'looking', 'found', 'failed']),
  file: ListFile.nullable(),
})

/** The list of that id; undefined when there is none, or no longer. */
export async function readPeopleList(ctx: ReadContext, id: string): Promise<PeopleList | undefined> {
  const row = await findPeopleList(ctx, id)
  return row === undefined ? undefined : { ...row, ...Columns.parse(row) }
}

/** What a form for several people asks. */
export interface ListRequest {
  readonly actor: Actor
  readonly action: Action
  readonly channelId: string
  readonly viewId: string
  readonly description: string
  readonly endSessions: boolean
  readonly endsAfterMs: number | undefined
}

/** What names the people: what was pasted and read, or a file that is still to be fetched. */
export type ListSource =
  | { readonly kind: 'people'; readonly people: readonly ListedPerson[] }
  | { readonly kind: 'file'; readonly file: ListFile }

/** Keeps a list and has its people looked up. The open form follows. Answers the list's id. */
export async function createList(deps: TaskDeps, request: ListRequest, source: ListSource): Promise<string> {
  return await deps.store.write(async (ctx) => {
    const id = await insertList(ctx, deps, request, {
      state: source.kind === 'file' ? 'reading' : 'looking',
      file: source.kind === 'file' ? source.file : null,
    })
    if (source.kind === 'people') await insertListed(ctx, id, source.people)
    return id
  })
}

/** The list behind **Enable User Account** of a Disable about several people: those of whom something still stands. */
export async function createListFromTask(
  deps: TaskDeps,
  request: ListRequest & { readonly fromTask: string },
): Promise<string> {
  return await deps.store.write(async (ctx) => {
    const read = await readTask(ctx, request.fromTask)
    if (read === undefined) throw new UserError('not_found', 'I no longer know this task.')
    const standing = new Set(
      read.enforcements
        .filter((one) => one.readBack !== null && !one.already && one.undoneBy === null)
        .map((one) => one.person),
    )
    const people = (await taskPeopleOf(ctx, read.task.lookUpId, 'in')).filter((row) =>
      standing.has(row.position),
    )
    if (people.length === 0)
      throw new UserError('nothing_to_do', `Nothing of ${request.fromTask} is left to enable.`)
    const { fromTask } = request
    const id = await insertList(ctx, deps, request, { state: 'looking', file: null, fromTask })
    // The places stay as they are: by them the accounts are found.
    await insertTaskPeople(
      ctx,
      people.map(({ position, line, text, name }) => ({
        ...fresh,
        ...{ listId: id, position, line, text, name, state: 'waiting' },
      })),
    )
    return id
  })
}

async function insertList(
  ctx: WriteContext,
  deps: TaskDeps,
  request: ListRequest,
  how: { readonly state: PeopleList['state']; readonly file: ListFile | null; readonly fromTask?: string },
): Promise<string> {
  const id = newId()
  const { actor, action, channelId, viewId, description, endSessions, endsAfterMs } = request
  await insertPeopleList(ctx, {
    ...{ id, action, channelId, viewId, description, endSessions, endsAfterMs: endsAfterMs ?? null },
    ...{ requesterId: actor.userId, requesterEmail: actor.email ?? null, createdAt: deps.clock.now() },
    ...{ state: how.state, file: how.file, fromTask: how.fromTask ?? null },
  })
  await enqueue(ctx, deps.clock, { kind: 'look_up_people', payload: { listId: id } })
  return id
}

const fresh = { others: 0, stage: 'to_check', name: '' } as const

/** Adds those who were read; who is left out already stays so. */
export async function insertListed(
  ctx: WriteContext,
  listId: string,
  people: readonly ListedPerson[],
): Promise<void> {
  await insertTaskPeople(
    ctx,
    people.map(({ line, text, leftOut }, index) => ({
      ...fresh,
      ...{ listId, position: index + 1, line, text, name: text },
      ...{ state: leftOut === undefined ? 'waiting' : 'out', leftOut: leftOut ?? null },
    })),
  )
}

// Slack takes the answer to a submission for a moment; one that comes late would stand over this.
const ackedByMs = 1_000

/** Has the open form show how far the list is. */
export async function showList(
  ctx: WriteContext,
  clock: Clock,
  list: Pick<PeopleListRow, 'id' | 'createdAt'>,
): Promise<void> {
  const message = { v: 1, kind: 'people_list', listId: list.id } as const
  const notBefore = new Date(Math.max(clock.now().getTime(), list.createdAt.getTime() + ackedByMs))
  await enqueueLine(ctx, clock, { stream: `list:${list.id}`, lane: 'status', message, notBefore })
}

const Found = FoundTarget.extend({ chosen: z.array(z.string()) })

/** Somebody on a list, as far as they were looked up. */
export interface PersonOfList {
  readonly position: number
  readonly line: number
  readonly text: string
  readonly name: string
  readonly leftOut: LeftOut | undefined
  readonly others: number
  readonly found: FoundTarget | undefined
  /** The accounts that are to be changed. */
  readonly chosen: readonly MatchedAccount[]
}

/** A row as the subjects know it. Throws when the stored JSON is not ours. */
export function personFrom(row: TaskPersonRow): PersonOfList {
  const { position, line, text, name, others } = row
  const found = row.found === null ? undefined : Found.parse(row.found)
  const keys = new Set(found?.chosen)
  return {
    ...{ position, line, text, name, others, found },
    leftOut: row.leftOut === null ? undefined : LeftOut.parse(row.leftOut),
    chosen: found?.accounts.filter((account) => keys.has(accountKey(account))) ?? [],
  }
}

/** The JSON of what was found and chosen; `personFrom` reads it. */
export function storedFound(found: FoundTarget, chosen: readonly MatchedAccount[]): z.infer<typeof Found> {
  return { ...found, chosen: chosen.map(accountKey) }
}

/** Has another task name these people of a list, as they were looked up for the first one. */
export async function copyPeople(
  ctx: WriteContext,
  from: string,
  to: string,
  positions: readonly number[],
): Promise<void> {
  const rows = (await taskPeopleOf(ctx, from, 'in')).filter((row) => positions.includes(row.position))
  await insertTaskPeople(
    ctx,
    rows.map((row) => ({ ...row, listId: to, stage: 'to_check', gate: null, gateAt: null })),
  )
}
