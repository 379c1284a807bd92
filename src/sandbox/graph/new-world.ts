import { randomBytes, randomUUID } from 'node:crypto'
import { type Permission, recommendedPermissions } from '#src/sandbox/graph/permissions.ts'
import type { Settings, World } from '#src/sandbox/graph/world.ts'

/** What a tenant begins with. */
export interface WorldOptions {
  readonly tenantId?: string
  readonly domain?: string
  readonly clientId?: string
  readonly clientSecret?: string
  readonly identityHeader?: string
  readonly permissions?: readonly Permission[]
  readonly settings?: Partial<Settings>
  readonly now?: () => number
}

/** A tenant without people, with one app that has the recommended permissions. The URLs are set when it is served. */
export function createWorld(options: WorldOptions): World {
  const world: World = {
    graphUrl: '',
    authorityUrl: '',
    tenant: {
      id: options.tenantId ?? randomUUID(),
      domain: options.domain ?? 'corp.example',
      displayName: 'Corp Example',
    },
    settings: { ...defaults(), ...options.settings },
    now: options.now ?? Date.now,
    people: new Map(),
    groups: new Map(),
    units: new Map(),
    roles: new Map(),
    index: undefined,
    stale: new Map(),
    app: {
      clientId: options.clientId ?? randomUUID(),
      secret: options.clientSecret ?? `sandbox~${randomBytes(24).toString('base64url')}`,
      identityHeader: options.identityHeader ?? randomBytes(16).toString('hex'),
      principalId: randomUUID(),
      certificates: [],
      permissions: new Set(options.permissions ?? recommendedPermissions),
      usedAssertions: new Set(),
    },
    tokens: new Map(),
    revokedTokens: new Set(),
    calls: [],
    authorityCalls: [],
    complaints: [],
  }
  return world
}

function defaults(): Settings {
  return {
    app: { enabled: true, secretExpired: false, blockedByConditionalAccess: false },
    tokenSeconds: undefined,
    opaqueTokens: false,
    replicaLag: { reads: 0, ms: 0 },
    addressesNeedAdvanced: false,
    joinedFilterRefused: false,
    revokeAnswer: 'value',
    revokingAdminsNeedsRole: false,
    privilegedRefusal: 'denied',
    passwordProfileReads: 'null',
    pageSize: 999,
    nextLinkOrigin: undefined,
    latencyMs: 0,
    organization: { onPremisesSyncEnabled: null, onPremisesLastSyncDateTime: null },
  }
}
