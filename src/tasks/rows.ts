import { z } from 'zod'
import {
  enforcementsOfPerson,
  enforcementsOfTask,
  type EnforcementRow,
  standsOfPerson,
} from '#db/queries/enforcements.ts'
import type { TaskRow } from '#db/queries/tasks.ts'
import type { ReadContext } from '#db/store.ts'
import { findTask, targetEmailsOf } from '#db/queries/tasks.ts'
import { connectorErrorCodes } from '#src/errors.ts'
import { readBacks, remarks, skipReasons, systemKinds } from '#src/iam/connector.ts'
import { StoredErrorFacts } from '#src/iam/target.ts'
import { type Enforcement, type EnforcementStand, type Task, taskStatuses, actions } from '#src/tasks/task.ts'

const text = z.array(z.string())
const systemKind = z.enum(systemKinds)
const readBack = z.enum(readBacks)
/** Why an enforcement ended as it did, as stored. */
export const StoredReason = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('system_error'), code: z.enum(connectorErrorCodes), facts: StoredErrorFacts }),
  z.object({ kind: z.literal('read_back'), readBack: readBack.exclude(['verified', 'accepted']) }),
  z.object({ kind: z.literal('protected'), why: z.string() }),
  z.object({ kind: z.literal('nobody_there') }),
  z.object({ kind: z.literal('no_such_action') }),
  z.object({
    kind: z.literal('not_for_this_account'),
    why: z.enum(skipReasons),
    where: z.string().optional(),
  }),
  z.object({
    kind: z.literal('sessions_live_on'),
    code: z.enum(connectorErrorCodes),
    facts: StoredErrorFacts,
  }),
  z.object({ kind: z.literal('ambiguous'), hits: z.number() }),
  z.object({ kind: z.literal('never_disabled_here') }),
  z.object({ kind: z.literal('out_of_time') }),
  z.object({ kind: z.literal('newer_task'), taskId: z.string() }),
  z.object({ kind: z.literal('our_fault'), reference: z.string() }),
])

const TaskColumns = z.object({ action: z.enum(actions), status: z.enum(taskStatuses) })
const EnforcementColumns = z.object({
  systemKind,
  status: z.enum(['waiting', 'running', 'successful', 'unsuccessful', 'skipped']),
  emails: text,
  readBack: readBack.nullable(),
  remarks: z.array(z.enum(remarks)),
  sessions: z.enum(['ended', 'accepted', 'not_asked', 'failed']).nullable(),
  reason: StoredReason.nullable(),
  follows: text.nullable(),
})
const StandColumns = EnforcementColumns.pick({ status: true, remarks: true, follows: true })
const EvidenceColumn = z.object({ by: z.string(), as: z.string().optional() })

/** A row as the subjects know it. Throws when the stored JSON is not ours. */
export function taskFrom(row: TaskRow): Task {
  return { ...row, ...TaskColumns.parse(row) }
}

/** A row as the subjects know it. Throws when the stored JSON is not ours. */
export function enforcementFrom(row: EnforcementRow): Enforcement {
  return { ...row, ...EnforcementColumns.parse(row), evidence: EvidenceColumn.parse(row.evidence) }
}

/** By which the target of a task is recognised: all e-mail addresses that its accounts were found to have. */
export async function readTargetEmails(ctx: ReadContext, taskId: string): Promise<readonly string[]> {
  return text.parse((await targetEmailsOf(ctx, taskId))?.emails ?? [])
}

/** A task with its enforcements, or undefined when there is none of that id. */
export async function readTask(
  ctx: ReadContext,
  id: string,
): Promise<{ readonly task: Task; readonly enforcements: readonly Enforcement[] } | undefined> {
  const row = await findTask(ctx, id)
  if (row === undefined) return undefined
  const rows = await enforcementsOfTask(ctx, id)
  return { task: taskFrom(row), enforcements: rows.map(enforcementFrom) }
}

/** How the accounts of one person of a task stand; 0 in a task about one person. */
export async function readStands(
  ctx: ReadContext,
  taskId: string,
  person: number,
): Promise<readonly EnforcementStand[]> {
  const rows = await standsOfPerson(ctx, taskId, person)
  return rows.map((row) => ({ ...row, ...StandColumns.parse(row) }))
}

/** The enforcements on the accounts of one person of a task; 0 in a task about one person. */
export async function readPerson(
  ctx: ReadContext,
  taskId: string,
  person: number,
): Promise<readonly Enforcement[]> {
  return (await enforcementsOfPerson(ctx, taskId, person)).map(enforcementFrom)
}
