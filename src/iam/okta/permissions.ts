import type { LifecycleStep } from '#src/iam/okta/plan.ts'

/** One right, in both of Okta's halves: the scope says which API, the role's permission says which people. */
export interface OktaRight {
  readonly scope: string
  /** As custom roles name it. */
  readonly permission: string
}

const manage = 'okta.users.manage'

/** Every right that the connector uses. */
export const oktaRights = {
  readPeople: { scope: 'okta.users.read', permission: 'okta.users.read' },
  readRoles: { scope: 'okta.roles.read', permission: 'okta.iam.read' },
  readGroups: { scope: 'okta.groups.read', permission: 'okta.groups.read' },
  suspend: { scope: manage, permission: 'okta.users.lifecycle.suspend' },
  unsuspend: { scope: manage, permission: 'okta.users.lifecycle.unsuspend' },
  deactivate: { scope: manage, permission: 'okta.users.lifecycle.deactivate' },
  activate: { scope: manage, permission: 'okta.users.lifecycle.activate' },
  unlock: { scope: manage, permission: 'okta.users.lifecycle.unlock' },
  endSessions: { scope: manage, permission: 'okta.users.lifecycle.clearSessions' },
  expirePassword: { scope: manage, permission: 'okta.users.credentials.expirePassword' },
} as const satisfies Readonly<Record<LifecycleStep, OktaRight>> & Readonly<Record<string, OktaRight>>

/** The scopes that the app asks for; groups are read by themselves only to see whether a protected one is there. Pure. */
export function scopesFor(protectedGroups: readonly string[]): readonly string[] {
  const groups = protectedGroups.length === 0 ? [] : [oktaRights.readGroups.scope]
  return [oktaRights.readPeople.scope, manage, oktaRights.readRoles.scope, ...groups]
}

/** Who can grant rights in Okta: scopes and roles alike. */
export const superAdministrator = 'an Okta super administrator'

/** Where a scope is granted, in the words of the Admin Console. */
export const scopeGrantedUnder = 'under Applications → the app → Okta API Scopes'

/** Where a role's permission is granted, in the words of the Admin Console. */
export const roleGrantedUnder = 'in its admin role, under Security → Administrators'
