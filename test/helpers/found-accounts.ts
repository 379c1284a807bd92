import type { FoundAccount } from '#src/iam/connector.ts'

/** An ordinary account that a search returned, with changes. */
export function foundAccount(changes: Partial<FoundAccount> = {}): FoundAccount {
  return {
    id: 'id-1',
    login: 'uid=anguyen',
    logins: ['anguyen'],
    displayName: 'Alice Nguyen',
    department: undefined,
    emails: ['alice@corp.example'],
    foundBy: 'email',
    sharedIds: {},
    state: 'enabled',
    notes: [],
    privileged: [],
    privilegeKnown: true,
    protectedGroups: [],
    own: false,
    writable: true,
    ...changes,
  }
}
