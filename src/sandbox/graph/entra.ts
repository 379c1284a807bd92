import type { AppCertificate } from '#src/sandbox/graph/certificate.ts'
import type { EntraFaults } from '#src/sandbox/graph/faults.ts'
import type { WorldOptions } from '#src/sandbox/graph/new-world.ts'
import type { NewGroup, NewUnit, RoleGiven, RoleTerms } from '#src/sandbox/graph/people/holdings.ts'
import type { NewPerson, PersonChange } from '#src/sandbox/graph/people/people.ts'
import type { PersonSession, SignIn } from '#src/sandbox/graph/people/sessions.ts'
import type { Permission } from '#src/sandbox/graph/permissions.ts'
import type { TlsPair } from '#src/sandbox/http/serve.ts'
import type { Group, Person, Settings, Unit } from '#src/sandbox/graph/world.ts'
import type { RecordedCall } from '#src/sandbox/http/recorded-call.ts'

/** How the tenant is to be. */
export interface EntraOptions extends WorldOptions {
  readonly people?: readonly NewPerson[]
  /** Serves https; left out: http, on this machine only. */
  readonly tls?: TlsPair
  readonly graphPort?: number
  readonly authorityPort?: number
}

/** What the app of the tests may do; changeable while everything runs. */
export interface Rights {
  /** Admin consent. A token holds the consent of the moment it was given. */
  readonly grant: (permission: Permission) => void
  readonly revoke: (permission: Permission) => void
  readonly permissions: ReadonlySet<string>
  /** Directory roles of the service principal; they count at once. */
  readonly grantRole: (role: RoleGiven, terms?: RoleTerms) => void
  readonly revokeRole: (role: RoleGiven) => void
}

/** The app registration. */
export interface App {
  readonly clientId: string
  /** The host's identity endpoint, for `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`: a token without any secret. */
  readonly managedIdentity: { readonly endpoint: string; readonly header: string }
  /** The secret that is accepted now. */
  readonly clientSecret: string
  /** Id of the service principal. */
  readonly principalId: string
  /** Replaces the secret. */
  readonly setSecret: (secret: string) => void
  /** Uploads a certificate (PEM). */
  readonly addCertificate: (pem: string) => void
  /** Makes a certificate and uploads it; negative `days`: it has ended. */
  readonly makeCertificate: (options?: { readonly days?: number }) => Promise<AppCertificate>
}

/** A running tenant with one app. */
export interface Entra extends AsyncDisposable {
  /** For `graph_url`, without version. */
  readonly graphUrl: string
  /** For `authority_url`, without tenant. */
  readonly authorityUrl: string
  readonly tenantId: string
  readonly app: App
  readonly rights: Rights
  readonly settings: Settings
  readonly faults: EntraFaults
  /** Answers the new person. */
  readonly addPerson: (person: NewPerson) => Person
  /** The truth about a person, by id or user principal name, whatever replicas and index say. */
  readonly person: (name: string) => Person
  /** Another administrator changes somebody. */
  readonly changePerson: (name: string, change: PersonChange) => Person
  readonly setEnabled: (name: string, enabled: boolean) => void
  readonly removePerson: (name: string) => void
  readonly addGroup: (group: NewGroup) => Group
  readonly addUnit: (unit: NewUnit) => Unit
  readonly giveRole: (principal: string, role: RoleGiven, terms?: RoleTerms) => void
  readonly takeRole: (principal: string, role: RoleGiven) => void
  readonly openSession: (name: string) => PersonSession
  readonly signIn: (name: string, password: string) => SignIn
  readonly choosePassword: (name: string, password: string) => void
  /** One cycle of Entra Connect. */
  readonly synchronize: () => void
  /** No token that was given before works any more (continuous access evaluation). */
  readonly revokeTokens: () => void
  /** From now on advanced queries see what is now; `releaseIndex` brings them up to date. */
  readonly holdIndex: () => void
  readonly releaseIndex: () => void
  /** Calls to Graph, without secrets. */
  readonly calls: readonly RecordedCall[]
  /** Calls to the authority, without secrets. */
  readonly authorityCalls: readonly RecordedCall[]
  /** What the app sent that no careful caller sends. */
  readonly complaints: readonly string[]
  /** Refuses all connections to one of the two servers. */
  readonly down: (server: 'graph' | 'authority') => Promise<void>
  readonly up: (server: 'graph' | 'authority') => Promise<void>
  readonly close: () => Promise<void>
}
