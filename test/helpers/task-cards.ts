import type { TaskCard } from '#src/tasks/show.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'

const at = new Date('2026-03-02T12:00:00.000Z')

/** A task that waits, with changes. */
export function taskOf(changes: Partial<Task> = {}): Task {
  return {
    id: 'T-4F7K2',
    action: 'disable_account',
    status: 'pending_approval',
    targetName: 'Alice Nguyen',
    personText: 'alice@corp.example',
    targetEmails: ['alice@corp.example'],
    requesterId: 'U0RITA',
    requesterEmail: 'rita@corp.example',
    description: 'Token theft, case 4711',
    approvalsNeeded: 1,
    undoes: null,
    lookUpId: 'look-up',
    endSessions: true,
    mayDeactivate: false,
    endsAfterMs: null,
    endsAt: null,
    createdAt: at,
    updatedAt: at,
    expiresAt: null,
    approvedAt: null,
    startedAt: null,
    finishedAt: null,
    endedBy: null,
    ...changes,
  }
}

/** An enforcement that waits, with changes. */
export function enforcementOf(changes: Partial<Enforcement> = {}): Enforcement {
  return {
    id: 'e1',
    taskId: 'T-4F7K2',
    position: 0,
    systemId: 'unix-ldap',
    systemKind: 'openldap',
    accountId: 'id-1',
    login: 'uid=anguyen',
    emails: ['alice@corp.example'],
    evidence: { by: 'email' },
    status: 'waiting',
    run: 1,
    readBack: null,
    already: false,
    remarks: [],
    sessions: null,
    follows: null,
    reason: null,
    startedAt: null,
    finishedAt: null,
    undoneBy: null,
    ...changes,
  }
}

/** The card of a task with one enforcement, with changes. */
export function cardOf(task: Partial<Task> = {}, changes: Partial<TaskCard> = {}): TaskCard {
  return {
    task: taskOf(task),
    enforcements: [enforcementOf()],
    missing: 1,
    approvedBy: [],
    rejectedBy: undefined,
    rejectReason: undefined,
    retryable: false,
    enableOffered: false,
    ...changes,
  }
}
