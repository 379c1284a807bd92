import type { NewEnforcementRow } from '#db/queries/enforcements.ts'
import type { NewTaskRow } from '#db/queries/tasks.ts'

/** A moment that tests count from. */
export const start = new Date('2026-03-02T12:00:00.000Z')

/** So many milliseconds after `start`. */
export const after = (ms: number): Date => new Date(start.getTime() + ms)

/** A task row; what is not named has a usual value. */
export function taskRow(id: string, fields: Partial<NewTaskRow> = {}): NewTaskRow {
  return {
    id,
    action: 'disable_account',
    status: 'pending_approval',
    targetName: 'Alice Nguyen',
    personText: 'alice@corp.example',
    targetEmails: ['alice@corp.example'],
    requesterId: 'U0RITA',
    description: 'case 4711',
    approvalsNeeded: 1,
    endSessions: true,
    mayDeactivate: false,
    lookUpId: `look-up-of-${id}`,
    searchText: `${id}\nalice nguyen\ncase 4711`.toLowerCase(),
    createdAt: start,
    updatedAt: start,
    ...fields,
  }
}

/** An enforcement row of the task; what is not named has a usual value. */
export function enforcementRow(
  id: string,
  taskId: string,
  fields: Partial<NewEnforcementRow> = {},
): NewEnforcementRow {
  return {
    id,
    taskId,
    action: 'disable_account',
    position: 0,
    systemId: 'corp-ad',
    systemKind: 'active-directory',
    accountId: 'account-1',
    login: 'CORP\\anguyen',
    emails: ['alice@corp.example'],
    evidence: { by: 'email' },
    status: 'waiting',
    run: 1,
    already: false,
    remarks: [],
    ...fields,
  }
}
