import { OktaRefusal } from '#src/sandbox/okta/errors.ts'
import { isAdmin } from '#src/sandbox/okta/people.ts'
import type { OktaRoleType, Person, Rights, World } from '#src/sandbox/okta/world.ts'

/** Who calls: the service app with the scopes of its token, or the owner of an API token. */
export type Caller =
  | { readonly kind: 'app'; readonly scopes: readonly string[]; readonly rights: Rights }
  | { readonly kind: 'token'; readonly ownerId: string; readonly rights: Rights }

const read = ['okta.users.read', 'okta.groups.read'] as const
const support = [
  'okta.users.lifecycle.unlock',
  'okta.users.lifecycle.clearSessions',
  'okta.users.credentials.expirePassword',
  'okta.users.credentials.resetPassword',
] as const
const lifecycle = [
  'okta.users.lifecycle.suspend',
  'okta.users.lifecycle.unsuspend',
  'okta.users.lifecycle.deactivate',
  'okta.users.lifecycle.activate',
] as const
const everything = [...read, ...support, ...lifecycle, 'okta.iam.read'] as const

/** What a standard role may do, as far as this org serves it. A custom role begins with nothing. */
export function rightsOfRole(type: OktaRoleType): {
  readonly permissions: readonly string[]
  readonly overAdmins: boolean
} {
  switch (type) {
    case 'SUPER_ADMIN':
      return { permissions: everything, overAdmins: true }
    case 'ORG_ADMIN':
      return { permissions: everything, overAdmins: false }
    case 'USER_ADMIN':
      return { permissions: [...read, ...support, ...lifecycle], overAdmins: false }
    case 'HELP_DESK_ADMIN':
      return { permissions: [...read, ...support], overAdmins: false }
    case 'CUSTOM':
      return { permissions: [], overAdmins: false }
    case 'APP_ADMIN':
    case 'READ_ONLY_ADMIN':
    case 'REPORT_ADMIN':
    case 'API_ACCESS_MANAGEMENT_ADMIN':
    case 'GROUP_MEMBERSHIP_ADMIN':
    case 'WORKFLOWS_ADMIN':
    case 'ACCESS_CERTIFICATIONS_ADMIN':
    case 'ACCESS_REQUESTS_ADMIN':
      return { permissions: read, overAdmins: false }
  }
}

/** Whether the caller's role allows something; `target` is whom it would change, undefined when it only reads. */
export function may(world: World, rights: Rights, permission: string, target?: Person): boolean {
  if (!holds(rights.permissions, permission)) return false
  return target === undefined || rights.overAdmins || !isAdmin(world, target)
}

/** Throws E0000006 where `may` says no. */
export function must(world: World, caller: Caller, permission: string, target?: Person): void {
  if (!may(world, caller.rights, permission, target)) throw new OktaRefusal('E0000006')
}

/** Throws E0000006 when the app's token lacks the scope. A token of a person has no scopes. `manage` holds `read`. */
export function mustHaveScope(caller: Caller, scope: string, path: string): void {
  if (caller.kind === 'token') return
  const wider = scope.replace(/\.read$/, '.manage')
  if (caller.scopes.includes(scope) || caller.scopes.includes(wider)) return
  throw new OktaRefusal('E0000006', [], {
    'www-authenticate': `Bearer scope="${scope}", error="insufficient_scope", error_description="The access token provided does not contain the required scopes.", resource="${path}"`,
  })
}

// A wider permission holds the narrower ones.
function holds(permissions: ReadonlySet<string>, permission: string): boolean {
  if (permissions.has(permission)) return true
  if (permission.startsWith('okta.users.lifecycle.') && permissions.has('okta.users.lifecycle.manage'))
    return true
  if (permission.startsWith('okta.users.credentials.') && permissions.has('okta.users.credentials.manage'))
    return true
  if (permission === 'okta.groups.read' && permissions.has('okta.groups.manage')) return true
  return permission.startsWith('okta.users.') && permissions.has('okta.users.manage')
}
