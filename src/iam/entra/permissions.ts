/** A right at Graph: an application permission, and the wider ones that hold it ("Microsoft Graph permissions reference"). */
export interface GraphRight {
  readonly permission: string
  readonly alsoBy: readonly string[]
}

const directory = ['Directory.Read.All', 'Directory.ReadWrite.All'] as const
const writers = ['User.ReadWrite.All', 'Directory.ReadWrite.All'] as const

/** What the connector needs. Every one but the first three belongs to one action. */
export const graphRights = {
  readUsers: { permission: 'User.Read.All', alsoBy: ['User.ReadWrite.All', ...directory] },
  readGroups: { permission: 'GroupMember.Read.All', alsoBy: ['Group.Read.All', ...directory] },
  readRoles: {
    permission: 'RoleManagement.Read.Directory',
    alsoBy: ['RoleManagement.Read.All', ...directory],
  },
  enableDisable: { permission: 'User.EnableDisableAccount.All', alsoBy: writers },
  revokeSessions: { permission: 'User.RevokeSessions.All', alsoBy: writers },
  resetPassword: { permission: 'User-PasswordProfile.ReadWrite.All', alsoBy: [] },
} as const satisfies Record<string, GraphRight>

/** Who can give the application a permission. */
export const permissionGranter = 'a Privileged Role Administrator'

/** Where a permission is given. */
export const grantedUnder =
  'under App registrations → API permissions of the application, with “Grant admin consent”'

/** What the application needs beside the permission to act on people who hold administrative roles. */
export const roleForAdministrators = {
  permission: 'directory role Privileged Authentication Administrator',
  where: 'for the service principal of the application, under Roles and administrators',
  grantedBy: permissionGranter,
} as const

/** What the application needs beside the permission to act on people whom a restricted management unit shields. */
export const roleInUnit = {
  permission: 'directory role User Administrator',
  where:
    'for the service principal of the application, at the scope of the restricted management unit that holds the person',
  grantedBy: permissionGranter,
} as const

/** Whether these permissions hold the right. Pure. */
export function holds(permissions: readonly string[], { permission, alsoBy }: GraphRight): boolean {
  return permissions.includes(permission) || alsoBy.some((wider) => permissions.includes(wider))
}
