import type { Kit } from '#db/kit.ts'

/** Tasks: what a responder asked for. The status is kept in step with the enforcements in the same transaction. */
export const defineTasks = (k: Kit) =>
  k.table(
    'tasks',
    {
      id: k.text('id').primaryKey(),
      action: k.text('action').notNull(),
      status: k.text('status').notNull(),
      targetName: k.text('target_name').notNull(),
      personText: k.text('person_text').notNull(),
      requesterId: k.text('requester_id').notNull(),
      requesterEmail: k.text('requester_email'),
      description: k.text('description').notNull(),
      approvalsNeeded: k.int('approvals_needed').notNull(),
      // One task for one look-up: a form that is submitted twice finds the first one.
      lookUpId: k.text('look_up_id').notNull(),
      // How many people it names; 0 for a task about one person.
      people: k.int('people').notNull().default(0),
      undoes: k.text('undoes'),
      endSessions: k.bool('end_sessions').notNull(),
      mayDeactivate: k.bool('may_deactivate').notNull(),
      // How long a Disable lasts, and when it ends once it has started.
      endsAfterMs: k.int('ends_after_ms'),
      endsAt: k.time('ends_at'),
      createdAt: k.time('created_at').notNull(),
      updatedAt: k.time('updated_at').notNull(),
      expiresAt: k.time('expires_at'),
      approvedAt: k.time('approved_at'),
      startedAt: k.time('started_at'),
      finishedAt: k.time('finished_at'),
      endedBy: k.text('ended_by'),
      // Time spent running, without the time Drawbridge was down or paused by a rate limit.
      activeMs: k.int('active_ms').notNull().default(0),
      tickedAt: k.time('ticked_at'),
      // Long for a task about many people, and last: whoever reads the others does not read these.
      targetEmails: k.json('target_emails').notNull(),
      searchText: k.text('search_text').notNull(),
    },
    (t) => [
      k.uniqueIndex('tasks_look_up').on(t.lookUpId),
      k.index('tasks_created').on(t.createdAt, t.id),
      k.index('tasks_requester').on(t.requesterId, t.createdAt),
      k.index('tasks_status').on(t.status),
      k.index('tasks_finished').on(t.finishedAt),
    ],
  )

/** Enforcements: the part of a task that one IAM system carries out on one account. */
export const defineEnforcements = (k: Kit) =>
  k.table(
    'enforcements',
    {
      id: k.text('id').primaryKey(),
      taskId: k.text('task_id').notNull(),
      action: k.text('action').notNull(),
      // Whose account it is among the people of the task, from 1; 0 in a task about one person.
      person: k.int('person').notNull().default(0),
      position: k.int('position').notNull(),
      systemId: k.text('system_id').notNull(),
      systemKind: k.text('system_kind').notNull(),
      accountId: k.text('account_id'),
      login: k.text('login').notNull(),
      emails: k.json('emails').notNull(),
      evidence: k.json('evidence').notNull(),
      status: k.text('status').notNull(),
      run: k.int('run').notNull(),
      readBack: k.text('read_back'),
      already: k.bool('already').notNull(),
      remarks: k.json('remarks').notNull(),
      sessions: k.text('sessions'),
      follows: k.json('follows'),
      reason: k.json('reason'),
      startedAt: k.time('started_at'),
      finishedAt: k.time('finished_at'),
      undoneBy: k.text('undone_by'),
    },
    (t) => [
      k.index('enforcements_task').on(t.taskId, t.person),
      k.index('enforcements_status').on(t.taskId, t.status),
      k.index('enforcements_undone').on(t.undoneBy),
      k.index('enforcements_account').on(t.systemId, t.accountId),
    ],
  )

/** Look-ups: what one opened form found, and what its ticks mean. */
export const defineLookUps = (k: Kit) =>
  k.table(
    'look_ups',
    {
      id: k.text('id').primaryKey(),
      action: k.text('action').notNull(),
      requesterId: k.text('requester_id').notNull(),
      channelId: k.text('channel_id').notNull(),
      personText: k.text('person_text').notNull(),
      // The Disable task from whose menu the form was opened.
      fromTask: k.text('from_task'),
      // A Disable that deactivates what cannot be suspended.
      mayDeactivate: k.bool('may_deactivate').notNull(),
      found: k.json('found'),
      createdAt: k.time('created_at').notNull(),
    },
    (t) => [k.index('look_ups_created').on(t.createdAt)],
  )

/** Decisions: one approver's answer. `pending` until a job has looked the approver up live. */
export const defineDecisions = (k: Kit) =>
  k.table(
    'decisions',
    {
      id: k.text('id').primaryKey(),
      taskId: k.text('task_id').notNull(),
      approverId: k.text('approver_id').notNull(),
      verdict: k.text('verdict').notNull(),
      note: k.text('note').notNull(),
      state: k.text('state').notNull(),
      refusal: k.text('refusal'),
      // `task:approver` while pending or counted: one decision per approver.
      onceKey: k.text('once_key'),
      viewId: k.text('view_id').notNull(),
      channelId: k.text('channel_id').notNull(),
      createdAt: k.time('created_at').notNull(),
      settledAt: k.time('settled_at'),
    },
    (t) => [k.uniqueIndex('decisions_once').on(t.onceKey), k.index('decisions_task').on(t.taskId)],
  )

/** Audit events, written with what they record and never changed. */
export const defineAuditEvents = (k: Kit) =>
  k.table(
    'audit_events',
    {
      id: k.serial('id').primaryKey(),
      at: k.time('at').notNull(),
      kind: k.text('kind').notNull(),
      actor: k.text('actor').notNull(),
      taskId: k.text('task_id'),
      facts: k.json('facts').notNull(),
    },
    (t) => [k.index('audit_events_task').on(t.taskId), k.index('audit_events_at').on(t.at)],
  )

/** Requests of Slack already seen (signatures, event ids), so that a replay is refused by every replica. */
export const defineSeenRequests = (k: Kit) =>
  k.table('seen_requests', { key: k.text('key').primaryKey(), until: k.time('until').notNull() })
