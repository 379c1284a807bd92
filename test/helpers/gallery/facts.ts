import type { MatchedAccount } from '#src/iam/target.ts'
import type { TaskCard } from '#src/tasks/show.ts'
import type { Enforcement, EnforcementReason, Task } from '#src/tasks/task.ts'

/** The people of the gallery; `test/gallery.ts` adds them to its workspace. */
export const people = { rita: 'U0RITA', ana: 'U0ANA', omar: 'U0OMAR', approvers: 'S0APPROVERS' } as const

/** The moment the gallery is drawn at: ten past three at night. */
export const now = new Date('2026-03-07T03:14:00Z')

/** A moment some minutes before (or, negative, after) now. */
export function minutesAgo(minutes: number): Date {
  return new Date(now.getTime() - minutes * 60_000)
}

/** What somebody who wishes us ill might call themselves. */
export const hostile = '<!channel> *bold* `code` <https://evil.example|here> \u202Edlrow & "quotes"'

/** Eighty characters that are one name. */
export const longName = 'Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmondeley, Maria-Amélie'

/** A name that is read from right to left. */
export const hebrewName = 'שרה כהן'

/** A Disable of Alice that waits for one approval, with changes. */
export function task(changes: Partial<Task> = {}): Task {
  return {
    id: 'T-4F7K2',
    action: 'disable_account',
    status: 'pending_approval',
    targetName: 'Alice Nguyen',
    personText: 'alice@corp.example',
    requesterId: people.rita,
    requesterEmail: 'rita@corp.example',
    description: 'Token theft, case 4711',
    approvalsNeeded: 1,
    undoes: null,
    people: 0,
    lookUpId: 'L1',
    endSessions: true,
    mayDeactivate: false,
    endsAfterMs: null,
    endsAt: null,
    createdAt: minutesAgo(2),
    updatedAt: now,
    expiresAt: minutesAgo(-1438),
    approvedAt: null,
    startedAt: null,
    finishedAt: null,
    endedBy: null,
    ...changes,
  }
}

/** A task that was approved and has run for 1.4 s. */
export function ran(changes: Partial<Task>): Task {
  const startedAt = minutesAgo(1)
  const finishedAt = new Date(startedAt.getTime() + 1_400)
  return task({ approvedAt: startedAt, startedAt, finishedAt, ...changes })
}

/** One enforcement that waits, with changes. */
export function enforcement(
  systemId: string,
  systemKind: Enforcement['systemKind'],
  login: string,
  changes: Partial<Enforcement> = {},
): Enforcement {
  return {
    id: `${systemId}-${login.length}`,
    taskId: 'T-4F7K2',
    person: 0,
    position: 0,
    systemId,
    systemKind,
    accountId: login,
    login,
    emails: [],
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

/** Alice in three systems; `changes` by system. */
export function alice(
  changes: { readonly [system in 'corp-ad' | 'okta' | 'unix-ldap']?: Partial<Enforcement> } = {},
): readonly Enforcement[] {
  return [
    enforcement('corp-ad', 'active-directory', String.raw`CORP\anguyen`, changes['corp-ad']),
    enforcement('okta', 'okta', 'alice@corp.example', changes.okta),
    enforcement('unix-ldap', 'openldap', 'uid=anguyen', changes['unix-ldap']),
  ]
}

/** Changes that make an enforcement done. */
export const done = { status: 'successful', readBack: 'verified', finishedAt: now } as const

/** Changes that make it failed. */
export function failed(reason: EnforcementReason): Partial<Enforcement> {
  return { status: 'unsuccessful', reason, finishedAt: now }
}

/** What a task's message is made from. */
export function card(
  of: Task,
  enforcements: readonly Enforcement[],
  changes: Partial<TaskCard> = {},
): TaskCard {
  return {
    task: of,
    enforcements,
    people: undefined,
    missing: of.status === 'pending_approval' ? 1 : 0,
    approvedBy: of.startedAt === null ? [] : [people.ana],
    rejectedBy: undefined,
    rejectReason: undefined,
    retryable: enforcements.some((one) => one.status === 'unsuccessful'),
    enableOffered:
      of.status !== 'in_progress' &&
      enforcements.some((one) => one.status === 'successful' && one.undoneBy === null),
    ...changes,
  }
}

/** An account on a match card. */
export function account(
  systemId: string,
  systemKind: MatchedAccount['systemKind'],
  login: string,
  changes: Partial<MatchedAccount> = {},
): MatchedAccount {
  return {
    systemId,
    systemKind,
    accountId: login,
    login,
    displayName: 'Alice Nguyen',
    department: 'Finance',
    emails: ['alice@corp.example'],
    state: 'enabled',
    notes: [],
    evidence: { by: 'email' },
    confident: true,
    privileged: [],
    protection: { kind: 'none' },
    ...changes,
  }
}
