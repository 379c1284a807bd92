import { answerAuthority } from '#src/sandbox/graph/authority/authority.ts'
import { createSigningKey } from '#src/sandbox/graph/authority/issue.ts'
import { managedIdentityPath } from '#src/sandbox/graph/authority/managed-identity.ts'
import { type AppCertificate, makeAppCertificate } from '#src/sandbox/graph/certificate.ts'
import { answerGraph } from '#src/sandbox/graph/endpoints/graph.ts'
import type { EntraFaults } from '#src/sandbox/graph/faults.ts'
import { createWorld, type WorldOptions } from '#src/sandbox/graph/new-world.ts'
import {
  addGroup,
  addUnit,
  giveRole,
  type NewGroup,
  type NewUnit,
  type RoleGiven,
  type RoleTerms,
  takeRole,
} from '#src/sandbox/graph/people/holdings.ts'
import {
  addPerson,
  changePerson,
  mustBePerson,
  type NewPerson,
  type PersonChange,
} from '#src/sandbox/graph/people/people.ts'
import {
  choosePassword,
  openSession,
  type PersonSession,
  signIn,
  type SignIn,
  synchronize,
} from '#src/sandbox/graph/people/sessions.ts'
import type { Permission } from '#src/sandbox/graph/permissions.ts'
import { faultReply } from '#src/sandbox/graph/wire/fault-reply.ts'
import { scrub } from '#src/sandbox/graph/wire/scrub.ts'
import { type Listening, serve, type TlsPair } from '#src/sandbox/graph/wire/serve.ts'
import type { Group, Person, Settings, Unit, World } from '#src/sandbox/graph/world.ts'
import { createFaultPlan } from '#src/sandbox/http/fault-plan.ts'
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

/** Starts a stand-in of Microsoft Entra ID (token authority) and Microsoft Graph v1.0 on this machine. */
export async function startEntra(options: EntraOptions = {}): Promise<Entra> {
  const world = createWorld(options)
  const faults = createFaultPlan<Parameters<EntraFaults['whenever']>[1]>()
  const key = createSigningKey()
  const latencyMs = (method: string, path: string): number => {
    const { latencyMs: latency } = world.settings
    return typeof latency === 'number' ? latency : latency(method, path)
  }
  const common = { tls: options.tls, faults, now: world.now, latencyMs, scrub } as const
  const graph = await serve({
    ...common,
    port: options.graphPort,
    calls: world.calls,
    answer: (request) => answerGraph(world, request),
    faultReply: (fault, request) => faultReply(fault, request, world.now()),
  })
  const authority = await serve({
    ...common,
    port: options.authorityPort,
    calls: world.authorityCalls,
    answer: (request) => answerAuthority(world, key, request),
    faultReply: (fault, request) => faultReply(fault, request, world.now()),
  })
  world.graphUrl = graph.url
  world.authorityUrl = authority.url
  for (const person of options.people ?? []) addPerson(world, person)
  return {
    ...residents(world),
    ...servers(graph, authority, () => faults.clear()),
    graphUrl: graph.url,
    authorityUrl: authority.url,
    tenantId: world.tenant.id,
    app: appOf(world),
    rights: rightsOf(world),
    settings: world.settings,
    faults,
    calls: world.calls,
    authorityCalls: world.authorityCalls,
    complaints: world.complaints,
  }
}

function servers(graph: Listening, authority: Listening, calm: () => void) {
  const close = async (): Promise<void> => {
    calm()
    await Promise.all([graph.close(), authority.close()])
  }
  const one = (name: 'graph' | 'authority'): Listening => (name === 'graph' ? graph : authority)
  return {
    down: (name: 'graph' | 'authority') => one(name).close(),
    up: (name: 'graph' | 'authority') => one(name).reopen(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function residents(world: World) {
  return {
    addPerson: (person: NewPerson) => addPerson(world, person),
    person: (name: string) => mustBePerson(world, name),
    changePerson: (name: string, change: PersonChange) =>
      changePerson(world, mustBePerson(world, name), change),
    setEnabled: (name: string, enabled: boolean) => {
      changePerson(world, mustBePerson(world, name), { properties: { accountEnabled: enabled } })
    },
    removePerson: (name: string) => {
      world.people.delete(mustBePerson(world, name).id)
    },
    addGroup: (group: NewGroup) => addGroup(world, group),
    addUnit: (unit: NewUnit) => addUnit(world, unit),
    giveRole: (principal: string, role: RoleGiven, terms?: RoleTerms) =>
      giveRole(world, principal, role, terms),
    takeRole: (principal: string, role: RoleGiven) => takeRole(world, principal, role),
    openSession: (name: string) => openSession(world, name),
    signIn: (name: string, password: string) => signIn(world, name, password),
    choosePassword: (name: string, password: string) => choosePassword(world, name, password),
    synchronize: () => synchronize(world),
    revokeTokens: () => {
      for (const token of world.tokens.keys()) world.revokedTokens.add(token)
    },
    holdIndex: () => {
      const { people, groups, units, roles } = world
      world.index = {
        people: new Map(people),
        groups: new Map(groups),
        units: new Map(units),
        roles: new Map(roles),
      }
    },
    releaseIndex: () => {
      world.index = undefined
    },
  }
}

function appOf(world: World): App {
  const addCertificate = (pem: string): void => {
    world.app.certificates.push(pem)
  }
  return {
    clientId: world.app.clientId,
    get clientSecret() {
      return world.app.secret
    },
    principalId: world.app.principalId,
    managedIdentity: {
      endpoint: `${world.authorityUrl}${managedIdentityPath}`,
      header: world.app.identityHeader,
    },
    setSecret: (secret) => {
      world.app.secret = secret
    },
    addCertificate,
    makeCertificate: async (options = {}) => {
      const made = await makeAppCertificate(options)
      addCertificate(made.certificatePem)
      return made
    },
  }
}

function rightsOf(world: World): Rights {
  return {
    permissions: world.app.permissions,
    grant: (permission) => {
      world.app.permissions.add(permission)
    },
    revoke: (permission) => {
      world.app.permissions.delete(permission)
    },
    grantRole: (role, terms) => giveRole(world, world.app.principalId, role, terms),
    revokeRole: (role) => takeRole(world, world.app.principalId, role),
  }
}
