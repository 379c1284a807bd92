import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createFaultPlan } from '#src/sandbox/http/fault-plan.ts'
import type { RecordedCall } from '#src/sandbox/http/recorded-call.ts'
import { serve } from '#src/sandbox/http/serve.ts'
import { answerOkta } from '#src/sandbox/okta/answer.ts'
import type { Fault, OktaFaults } from '#src/sandbox/okta/faults.ts'
import { createIds } from '#src/sandbox/okta/ids.ts'
import { createRates } from '#src/sandbox/okta/rates.ts'
import {
  addGroup,
  addPerson,
  changePerson,
  mustBePerson,
  type NewPerson,
  type PersonChange,
  roleOf,
  type SignIn,
  signIn,
} from '#src/sandbox/okta/residents.ts'
import { rightsOfRole } from '#src/sandbox/okta/rights.ts'
import { effectOf, outgoing, scrub } from '#src/sandbox/okta/wire/outgoing.ts'
import type { Group, OktaRoleType, Person, Settings, World } from '#src/sandbox/okta/world.ts'

/** How the org is to be. */
export interface OktaOptions {
  readonly people?: readonly NewPerson[]
  readonly settings?: Partial<Settings>
  readonly port?: number
  /** Milliseconds since 1970; the machine's clock unless a test moves one by hand. */
  readonly now?: () => number
}

/** The service app of the tests, with one key. It begins with all it needs and no more. */
export interface OktaApp {
  readonly clientId: string
  readonly keyId: string
  /** PKCS 8. */
  readonly privateKeyPem: string
  /** Registers one more public key. */
  readonly addKey: (keyId: string, publicKey: KeyObject) => void
  /** Granted API scopes; a token holds those of the moment it was given. */
  readonly scopes: Set<string>
  /** What its custom role may do; counts at once. */
  readonly permissions: Set<string>
  /** Replaces its role and permissions by those of a standard role. */
  readonly giveStandardRole: (type: OktaRoleType) => void
  /** Whether it may change people who hold a role. */
  readonly setOverAdmins: (overAdmins: boolean) => void
}

/** A running org with one service app and one API token. */
export interface Okta extends AsyncDisposable {
  readonly url: string
  readonly app: OktaApp
  /** An API token and its owner, who may do what the app may do at first. */
  readonly apiToken: { readonly value: string; readonly ownerId: string; readonly permissions: Set<string> }
  readonly settings: Settings
  readonly faults: OktaFaults
  readonly addPerson: (person: NewPerson) => Person
  /** The truth about a person, by id or login, whatever the index says. Throws when there is none. */
  readonly person: (name: string) => Person
  /** Another administrator changes somebody, by id or login. */
  readonly changePerson: (name: string, change: PersonChange) => Person
  /** Somebody types login and password on the org's page. */
  readonly signIn: (login: string, password: string) => SignIn
  readonly addGroup: (name: string, roles?: readonly OktaRoleType[]) => Group
  /** No access token and no API token that was given before works any more. */
  readonly revokeTokens: () => void
  /** From now on searches see what is now; `releaseIndex` brings them up to date. */
  readonly holdIndex: () => void
  readonly releaseIndex: () => void
  /** Without secrets. */
  readonly calls: readonly RecordedCall[]
  /** What the caller sent that no careful caller sends. */
  readonly complaints: readonly string[]
  /** Refuses all connections. */
  readonly down: () => Promise<void>
  readonly up: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Starts a stand-in of an Okta org's management API and token endpoint on this machine. */
export async function startOkta(options: OktaOptions = {}): Promise<Okta> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const world = createWorld(options)
  world.app.keys.set(keyId, pemOf(publicKey))
  const faults = createFaultPlan<Fault>()
  const rates = createRates(world)
  const server = await serve({
    port: options.port,
    faults,
    calls: world.calls,
    now: world.now,
    latencyMs: () => world.settings.latencyMs,
    answer: (request) => outgoing(world, answerOkta(world, rates, request)),
    effectOf: (fault) => effectOf(world, fault),
    scrub,
  })
  world.url = server.url
  for (const person of options.people ?? []) addPerson(world, person)
  const close = async (): Promise<void> => {
    faults.clear()
    await server.close()
  }
  return {
    ...residents(world),
    url: server.url,
    app: appOf(world, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    apiToken: { ...world.apiToken, permissions: world.apiToken.rights.permissions },
    settings: world.settings,
    faults,
    calls: world.calls,
    complaints: world.complaints,
    down: server.close,
    up: server.reopen,
    close,
    [Symbol.asyncDispose]: close,
  }
}

const keyId = 'sandbox-key-1'

const usualPermissions = [
  'okta.users.read',
  'okta.groups.read',
  'okta.iam.read',
  'okta.users.lifecycle.suspend',
  'okta.users.lifecycle.unsuspend',
  'okta.users.lifecycle.deactivate',
  'okta.users.lifecycle.activate',
  'okta.users.lifecycle.unlock',
  'okta.users.lifecycle.clearSessions',
  'okta.users.credentials.expirePassword',
]
const usualScopes = ['okta.users.read', 'okta.users.manage', 'okta.roles.read', 'okta.groups.read']

function createWorld({ settings, now = () => Date.now() }: OktaOptions): World {
  const ids = createIds()
  const world: World = {
    url: '',
    org: { id: ids.id('00o'), name: 'corp', createdAt: now() },
    settings: {
      dpopRequired: false,
      appActive: true,
      tokenSeconds: 3600,
      directoryAgents: 'connected',
      transitions: 'immediate',
      emptyAnswer: 'nothing',
      universalLogout: false,
      nextLinkOrigin: undefined,
      longestSearch: 2000,
      orgStatus: 'ACTIVE',
      latencyMs: 0,
      rateScale: 1,
      ...settings,
    },
    now,
    ids,
    people: new Map(),
    index: { people: new Map(), held: false },
    groups: new Map(),
    app: {
      clientId: ids.id('0oa'),
      keys: new Map(),
      rights: {
        permissions: new Set(usualPermissions),
        overAdmins: false,
        scopes: new Set(usualScopes),
        roles: [],
      },
    },
    apiToken: {
      value: ids.secret(),
      ownerId: ids.id('00u'),
      rights: { permissions: new Set(usualPermissions), overAdmins: false },
      valid: true,
    },
    accessTokens: new Map(),
    usedAssertions: new Set(),
    calls: [],
    complaints: [],
  }
  world.app.rights.roles = [roleOf(world, 'CUSTOM')]
  addPerson(world, { login: 'drawbridge.api@corp.example', roles: ['CUSTOM'] }, world.apiToken.ownerId)
  return world
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

function appOf(world: World, privateKeyPem: string): OktaApp {
  const { rights, keys, clientId } = world.app
  return {
    clientId,
    keyId,
    privateKeyPem,
    addKey: (id, publicKey) => {
      keys.set(id, pemOf(publicKey))
    },
    scopes: rights.scopes,
    permissions: rights.permissions,
    giveStandardRole: (type) => {
      const { permissions, overAdmins } = rightsOfRole(type)
      rights.permissions.clear()
      for (const permission of permissions) rights.permissions.add(permission)
      rights.overAdmins = overAdmins
      rights.roles = [roleOf(world, type)]
    },
    setOverAdmins: (overAdmins) => {
      rights.overAdmins = overAdmins
    },
  }
}

function residents(world: World) {
  return {
    addPerson: (person: NewPerson) => addPerson(world, person),
    person: (name: string) => mustBePerson(world, name),
    changePerson: (name: string, wish: PersonChange) => changePerson(world, mustBePerson(world, name), wish),
    signIn: (login: string, password: string) => signIn(world, login, password),
    addGroup: (name: string, roles?: readonly OktaRoleType[]) => addGroup(world, name, roles),
    revokeTokens: () => {
      world.accessTokens.clear()
      world.apiToken.valid = false
    },
    holdIndex: () => {
      world.index.held = true
    },
    releaseIndex: () => {
      world.index.held = false
      world.index.people.clear()
      for (const [id, person] of world.people) world.index.people.set(id, person)
    },
  }
}
