import { z } from 'zod'
import { readBacks, remarks, systemKinds } from '#src/iam/connector.ts'

const task = { v: z.literal(1), taskId: z.string() }
const at = z.string()

/** Which local users somebody asked for. */
const LocalUserFilter = z.object({
  text: z.string().optional(),
  state: z.enum(['enabled', 'disabled']).optional(),
  enrollment: z.enum(['waiting', 'expired', 'enrolled']).optional(),
  groupId: z.string().optional(),
})

/** Which tasks somebody asked for; those created later than they asked are left out. */
const TaskFilter = z.object({
  text: z.string().optional(),
  status: z.string().optional(),
  action: z.string().optional(),
  requesterId: z.string().optional(),
  systemId: z.string().optional(),
  from: at.optional(),
  until: at,
})

/** How one enforcement ended, complete in itself. */
const EnforcementFacts = z.object({
  systemId: z.string(),
  systemKind: z.enum(systemKinds),
  login: z.string(),
  action: z.enum(['disable_account', 'enable_account', 'force_password_reset', 'force_sign_out']),
  status: z.enum(['successful', 'unsuccessful', 'skipped']),
  readBack: z.enum(readBacks).nullable(),
  already: z.boolean(),
  remarks: z.array(z.enum(remarks)),
  sessions: z.enum(['ended', 'accepted', 'not_asked', 'failed']).nullable(),
  enforcementId: z.string(),
  /** The task may deactivate, so that need not be offered. */
  mayDeactivate: z.boolean(),
  reason: z.unknown(),
  durationMs: z.number(),
  at,
})

/** A reply in a task's thread. */
const TaskReply = z.discriminatedUnion('kind', [
  z.object({
    ...task,
    kind: z.literal('approval_requested'),
    mention: z.array(z.string()),
    needed: z.number(),
  }),
  z.object({
    ...task,
    kind: z.literal('reminder'),
    mention: z.array(z.string()),
    missing: z.number(),
    expiresAt: at,
  }),
  z.object({
    ...task,
    kind: z.literal('escalation'),
    mention: z.array(z.string()),
    missing: z.number(),
    expiresAt: at,
  }),
  z.object({
    ...task,
    kind: z.literal('decision'),
    approverId: z.string(),
    verdict: z.enum(['approve', 'reject']),
    note: z.string(),
    missing: z.number(),
  }),
  z.object({ ...task, kind: z.literal('expired') }),
  z.object({ ...task, kind: z.literal('cancelled'), by: z.string(), newer: z.string().optional() }),
  z.object({
    ...task,
    kind: z.literal('back_to_approval'),
    missing: z.number(),
    why: z.string(),
    mention: z.array(z.string()),
  }),
  z.object({ ...task, kind: z.literal('account_added'), systemId: z.string(), login: z.string() }),
  z.object({
    ...task,
    kind: z.literal('account_left_out'),
    systemId: z.string(),
    login: z.string(),
    why: z.string(),
  }),
  z.object({ ...task, kind: z.literal('enforcement_finished'), facts: EnforcementFacts }),
  z.object({ ...task, kind: z.literal('retried'), by: z.string(), systems: z.array(z.string()) }),
  z.object({
    ...task,
    kind: z.literal('drifted'),
    systemId: z.string(),
    login: z.string(),
    enforcementId: z.string(),
    at,
    afterMs: z.number(),
  }),
  z.object({
    ...task,
    kind: z.literal('seen_again'),
    systemId: z.string(),
    login: z.string(),
    at,
  }),
  z.object({ ...task, kind: z.literal('end_near'), by: z.string(), endsAt: at }),
  z.object({ ...task, kind: z.literal('end_moved'), by: z.string(), endsAt: at }),
  z.object({ ...task, kind: z.literal('end_dropped'), by: z.string() }),
  z.object({
    ...task,
    kind: z.literal('end_reached'),
    enableTaskId: z.string().nullable(),
    newer: z.string().nullable(),
  }),
  z.object({ ...task, kind: z.literal('enable_requested'), enableTaskId: z.string(), by: z.string() }),
  z.object({ ...task, kind: z.literal('enabled_again'), enableTaskId: z.string(), status: z.string() }),
  z.object({ ...task, kind: z.literal('deactivate_requested'), newTaskId: z.string(), by: z.string() }),
  z.object({ ...task, kind: z.literal('people_started'), people: z.number(), accounts: z.number() }),
  z.object({ ...task, kind: z.literal('more_failures'), told: z.number() }),
  z.object({
    ...task,
    kind: z.literal('people_retried'),
    by: z.string(),
    people: z.number(),
    accounts: z.number(),
  }),
  z.object({
    ...task,
    kind: z.literal('people_ended'),
    action: z.enum(['disable_account', 'enable_account', 'force_password_reset', 'force_sign_out']),
    status: z.string(),
    successful: z.number(),
    partly: z.number(),
    unsuccessful: z.number(),
  }),
])
export type TaskReply = z.infer<typeof TaskReply>

/**
 * The facts that the outbox holds, never rendered blocks.
 * `task_status` is the root message of a task's thread: posted once, afterwards edited, always rendered from what is
 * true at delivery. `TaskReply` lines are replies in its thread. The others go to one person.
 */
export const OutboxMessage = z.union([
  z.object({ ...task, kind: z.literal('task_status') }),
  /** All results of a task about several people, as a file in its thread. */
  z.object({ ...task, kind: z.literal('results_file'), name: z.string() }),
  /** A batch's own message: posted once, afterwards edited, always what is true at delivery. */
  z.object({ v: z.literal(1), kind: z.literal('batch_status'), batchId: z.string() }),
  /** The rows of a batch that failed, as a file in its thread. */
  z.object({ v: z.literal(1), kind: z.literal('batch_failures'), batchId: z.string() }),
  /** Local users as a file, to whoever asked. */
  z.object({ v: z.literal(1), kind: z.literal('users_file'), userId: z.string(), filter: LocalUserFilter }),
  /** The rows of a batch that failed as a file, to whoever asked. */
  z.object({ v: z.literal(1), kind: z.literal('failures_file'), userId: z.string(), batchId: z.string() }),
  /** Tasks as a file, to whoever asked. */
  z.object({ v: z.literal(1), kind: z.literal('tasks_file'), userId: z.string(), filter: TaskFilter }),
  /** Somebody's Home tab: always what is true at delivery, and again while they may be looking. */
  z.object({ v: z.literal(1), kind: z.literal('home'), userId: z.string(), openedAt: at }),
  /** A file that somebody shared with the bot, still to be read. */
  z.object({ v: z.literal(1), kind: z.literal('shared_file'), userId: z.string(), fileId: z.string() }),
  /** How far the look-up of a list is, in the open form. */
  z.object({ v: z.literal(1), kind: z.literal('people_list'), listId: z.string() }),
  z.object({ ...task, kind: z.literal('confirmation'), userId: z.string(), channelId: z.string() }),
  z.object({
    v: z.literal(1),
    kind: z.literal('decision_answer'),
    taskId: z.string(),
    userId: z.string(),
    channelId: z.string(),
    viewId: z.string(),
    verdict: z.enum(['approve', 'reject']),
    refusal: z.string().nullable(),
  }),
  z.object({
    v: z.literal(1),
    kind: z.literal('answer'),
    /** Slack's `response_url`; a direct message goes out when it is missing or has ended. */
    responseUrl: z.string().nullable(),
    endsAt: z.string().nullable(),
    userId: z.string(),
    text: z.string(),
  }),
  z.object({
    v: z.literal(1),
    kind: z.literal('undeliverable'),
    channel: z.string(),
    userId: z.string(),
    taskId: z.string(),
    why: z.string(),
  }),
  z.object({
    v: z.literal(1),
    kind: z.literal('given_up'),
    userId: z.string(),
    about: z.string(),
    why: z.string(),
  }),
  /** Asks an owner whether a Slack person and a local user are one. */
  z.object({
    v: z.literal(1),
    kind: z.literal('binding_asked'),
    userId: z.string(),
    requestId: z.string(),
    slackUserId: z.string(),
    email: z.string(),
  }),
  TaskReply,
])
export type OutboxMessage = z.infer<typeof OutboxMessage>
