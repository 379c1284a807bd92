import type { Ids } from '#src/sandbox/okta/ids.ts'
import type { RecordedCall } from '#src/sandbox/http/recorded-call.ts'

/** The eight statuses of the API. */
export const oktaStatuses = [
  'STAGED',
  'PROVISIONED',
  'ACTIVE',
  'RECOVERY',
  'PASSWORD_EXPIRED',
  'LOCKED_OUT',
  'SUSPENDED',
  'DEPROVISIONED',
] as const
export type OktaStatus = (typeof oktaStatuses)[number]

/** What a slow change is on its way to. */
export type TransitionTarget = 'ACTIVE' | 'PROVISIONED' | 'DEPROVISIONED'

/** The role types of the API. `CUSTOM` is what the org's administrators put together themselves. */
export const oktaRoleTypes = [
  'SUPER_ADMIN',
  'ORG_ADMIN',
  'APP_ADMIN',
  'USER_ADMIN',
  'HELP_DESK_ADMIN',
  'READ_ONLY_ADMIN',
  'REPORT_ADMIN',
  'API_ACCESS_MANAGEMENT_ADMIN',
  'GROUP_MEMBERSHIP_ADMIN',
  'WORKFLOWS_ADMIN',
  'ACCESS_CERTIFICATIONS_ADMIN',
  'ACCESS_REQUESTS_ADMIN',
  'CUSTOM',
] as const
export type OktaRoleType = (typeof oktaRoleTypes)[number]

/** A role that a person, a group or an app holds. */
export interface RoleAssignment {
  readonly id: string
  readonly type: OktaRoleType
  readonly label: string
  readonly status: 'ACTIVE' | 'INACTIVE'
}

/** Who checks the password. */
export interface Provider {
  readonly type: 'OKTA' | 'IMPORT' | 'ACTIVE_DIRECTORY' | 'LDAP' | 'FEDERATION' | 'SOCIAL'
  readonly name: string
}

/** A token that some client holds for a person. */
export interface PersonToken {
  readonly id: string
  readonly clientId: string
  readonly kind: 'access' | 'refresh'
  readonly madeAt: number
}

/** A person of the org as they really are; replaced as a whole at every change, so one that was kept is what was. */
export interface Person {
  readonly id: string
  readonly profile: Readonly<Record<string, string>>
  readonly status: OktaStatus
  /** A slow change under way, and how many reads by id will still show it; undefined reads: until it is let end. */
  readonly transition: { readonly to: TransitionTarget; readonly reads: number | undefined } | undefined
  readonly provider: Provider
  /** Ids of groups. */
  readonly groups: readonly string[]
  /** Given to the person, not through groups. */
  readonly roles: readonly RoleAssignment[]
  readonly password: string | undefined
  /** The person must choose a new one at the next sign-in. */
  readonly passwordExpired: boolean
  /** Okta's own sessions, which can be revoked. */
  readonly sessions: readonly string[]
  /** Sessions that applications keep themselves; nothing here ends them. */
  readonly appSessions: readonly string[]
  readonly oauthTokens: readonly PersonToken[]
  /** Whether devices are remembered for the second factor. */
  readonly devicesRemembered: boolean
  readonly blocked: 'ANY_DEVICES' | 'UNKNOWN_DEVICES' | undefined
  /** Applications the person is assigned to; deactivation takes all away. */
  readonly applications: readonly string[]
  /** The secret of an activation or reset link that is out. */
  readonly linkToken: string | undefined
  readonly createdAt: number
  readonly activatedAt: number | undefined
  readonly statusChangedAt: number | undefined
  readonly lastLoginAt: number | undefined
  readonly lastUpdatedAt: number
  readonly passwordChangedAt: number | undefined
  readonly unlockedAt: number | undefined
}

/** A group of the org. Its roles are those of its members. */
export interface Group {
  readonly id: string
  readonly name: string
  readonly roles: readonly RoleAssignment[]
  readonly createdAt: number
}

/** What a caller may do; changeable while everything runs. */
export interface Rights {
  /** Permissions as custom roles name them, e.g. `okta.users.lifecycle.suspend`; `okta.users.manage` holds them all. */
  readonly permissions: Set<string>
  /** Whether it may change people who hold a role. */
  overAdmins: boolean
}

/** What the org's administrators gave the service app. */
export interface AppRights extends Rights {
  /** Granted API scopes. Without the permission beside it a scope opens nothing. */
  readonly scopes: Set<string>
  /** The roles shown by `/oauth2/v1/clients/{id}/roles`; they say nothing about `permissions`. */
  roles: readonly RoleAssignment[]
}

/** An access token that the org gave the app. */
export interface AccessToken {
  readonly scopes: readonly string[]
  readonly endsAt: number
}

/** What an administrator of the org can change at run time. */
export interface Settings {
  /** The app must prove possession of a key; tokens are refused then. */
  dpopRequired: boolean
  appActive: boolean
  /** Life of access tokens given from now on. */
  tokenSeconds: number
  /** Whether the agents of Active Directory and LDAP answer. */
  directoryAgents: 'connected' | 'none' | 'silent'
  /**
   * How activation and deactivation go: done at once, still under way for the next read by id, or under way until
   * `endTransition`.
   */
  transitions: 'immediate' | 'one_read' | 'held'
  /** What calls answer that have nothing to say: no body, as the specification has it, or `{}`, as the older pages have it. */
  emptyAnswer: 'nothing' | 'object'
  /** Universal Logout is bought separately. */
  universalLogout: boolean
  /** Put into links to next pages in place of our own address. */
  nextLinkOrigin: string | undefined
  /** Longest search expression that is taken. */
  longestSearch: number
  /** By how much more may be called in a minute than in an ordinary org. */
  rateScale: number
  orgStatus: 'ACTIVE' | 'INACTIVE'
  /** How long each answer takes at least. */
  latencyMs: number
}

/** All that the org knows. Maps are changed in place, what they hold is replaced. */
export interface World {
  /** Known once the server listens. */
  url: string
  readonly org: { readonly id: string; readonly name: string; readonly createdAt: number }
  readonly settings: Settings
  readonly now: () => number
  readonly ids: Ids
  readonly people: Map<string, Person>
  /** What `search` sees. */
  readonly index: { readonly people: Map<string, Person>; held: boolean }
  readonly groups: Map<string, Group>
  readonly app: {
    readonly clientId: string
    /** Public keys by `kid`, as PEM. */
    readonly keys: Map<string, string>
    readonly rights: AppRights
  }
  readonly apiToken: {
    readonly value: string
    readonly ownerId: string
    readonly rights: Rights
    valid: boolean
  }
  readonly accessTokens: Map<string, AccessToken>
  /** `jti` of assertions that were used. */
  readonly usedAssertions: Set<string>
  /** Without secrets. */
  readonly calls: RecordedCall[]
  /** What a caller did wrong where Okta would only shrug: unknown parameters, and the like. */
  readonly complaints: string[]
}
