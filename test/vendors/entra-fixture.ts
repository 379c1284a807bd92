import type { IamConnector } from '#src/iam/connector.ts'
import { createEntraConnector } from '#src/iam/entra/index.ts'
import type { EntraOptions, EntraSettings } from '#src/iam/entra/settings.ts'
import type { NewPerson } from '#src/sandbox/graph/people/people.ts'
import {
  type Entra,
  type EntraOptions as TenantOptions,
  startEntra as startTenant,
} from '#src/sandbox/graph/start.ts'
import { secret } from '#src/secrets.ts'
import type { ConnectorFixture, FixturePerson } from '#test/contracts/connector.ts'
import { mustBeAsPublished } from '#test/helpers/vendor-schemas.ts'

/** A tenant, a connector for it, and shorter words for what tests do and look at. */
export interface EntraFixture {
  readonly tenant: Entra
  /** As the app with its secret. */
  readonly connector: IamConnector
  connect(options?: Partial<EntraOptions>, settings?: Partial<EntraSettings>): IamConnector
  /** Adds `NAME@corp.example`; answers the id. */
  add(name: string, person?: NewPerson): string
  /** Methods and last parts of the paths of all calls that change something. */
  changes(): readonly string[]
  /** Stops the tenant. Throws when the connector sent something that is not as the vendor published it. */
  ended(): Promise<void>
}

/** Starts a tenant for one test. */
export async function startEntra(options: TenantOptions = {}): Promise<EntraFixture> {
  const tenant = await startTenant(options)
  const connect = (wishes: Partial<EntraOptions> = {}, settings: Partial<EntraSettings> = {}): IamConnector =>
    createEntraConnector(
      {
        ...{ id: 'entra', kind: 'entra', tenantId: tenant.tenantId, managedIdentity: false },
        ...{ clientId: tenant.app.clientId, clientSecret: secret(tenant.app.clientSecret) },
        ...{ graphUrl: tenant.graphUrl, authorityUrl: tenant.authorityUrl, resetRequiresMfa: false },
        ...settings,
      },
      { callTimeoutMs: 10_000, protectedGroups: [], readBackDelaysMs: [1, 1, 1], ...wishes },
    )
  return {
    tenant,
    connector: connect(),
    connect,
    add: (name, person = {}) => tenant.addPerson({ userPrincipalName: `${name}@corp.example`, ...person }).id,
    changes: () =>
      tenant.calls
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path, requestBody }) =>
          `${method} ${path.split('/').at(-1) ?? ''} ${requestBody}`.trim(),
        ),
    ended: async () => {
      await tenant.close()
      await mustBeAsPublished({ graph: tenant })
    },
  }
}

/** The contract's fixture: one tenant, and others for what goes wrong. */
export async function startEntraContract(): Promise<ConnectorFixture> {
  const [entra, limited, blind, broken] = await Promise.all([
    startEntra(),
    startEntra({ permissions: ['User.Read.All', 'GroupMember.Read.All', 'RoleManagement.Read.Directory'] }),
    startEntra({ permissions: ['User.Read.All', 'User.EnableDisableAccount.All'] }),
    startEntra(),
  ])
  const all = [entra, limited, blind, broken]
  for (const one of all) one.add('alice', { department: 'Finance', employeeId: '4711' })
  entra.add('bob')
  entra.add('lou', { accountEnabled: false })
  entra.add('val')
  entra.add('boss')
  entra.tenant.giveRole('boss@corp.example', 'Helpdesk Administrator')
  entra.add('twin1', { otherMails: ['twins@corp.example'] })
  entra.add('twin2', { otherMails: ['twins@corp.example'] })
  limited.add('far')
  const inner = entra.tenant.addGroup({ displayName: 'Board', members: ['val@corp.example'] }).id
  const group = entra.tenant.addGroup({ displayName: 'Leaders', members: [inner] }).id
  const homeOf = (login: string): Entra => (login.startsWith('far@') ? limited : entra).tenant
  return {
    people: {
      person: byAddress('alice'),
      other: byAddress('bob'),
      disabledBefore: byAddress('lou'),
      inProtectedGroup: byAddress('val'),
      outOfReach: byAddress('far'),
      privileged: byAddress('boss'),
      // The connector acts as an application, which is no person.
      own: undefined,
    },
    sharedAddress: 'twins@corp.example',
    protectedGroups: [group],
    unknownId: '00000000-0000-4000-8000-000000000000',
    connect: async (scenario) => {
      broken.tenant.faults.clear()
      const options = { callTimeoutMs: scenario === 'silent' ? 300 : 10_000 }
      switch (scenario) {
        case undefined:
          return entra.connect({ protectedGroups: [group] })
        case 'not_permitted':
          return limited.connect(options)
        case 'protection_unknown':
          return blind.connect(options)
        case 'answer_lost':
          entra.tenant.faults.whenever({ method: 'PATCH' }, { kind: 'lose_answer' }, { times: 1 })
          return entra.connect(options)
        case 'wrong_credentials':
        case 'rate_limited':
        case 'unavailable':
        case 'silent':
        case 'malformed':
          breakTenant(broken.tenant, scenario)
          return broken.connect(options)
      }
    },
    facts: async ({ login }) => {
      const { properties, password } = homeOf(login).person(login)
      const { signInSessionsValidFromDateTime: _, ...rest } = properties
      return { ...rest, password }
    },
    canSignIn: async ({ login }) =>
      homeOf(login).signIn(login, homeOf(login).person(login).password).kind === 'signed_in',
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map((one) => one.ended()))
    },
  }
}

function byAddress(name: string): FixturePerson {
  return { query: { kind: 'address', value: `${name}@corp.example` } }
}

function breakTenant(
  { faults, revokeTokens }: Entra,
  scenario: 'wrong_credentials' | 'rate_limited' | 'unavailable' | 'silent' | 'malformed',
): void {
  switch (scenario) {
    case 'wrong_credentials':
      revokeTokens()
      faults.whenever(
        { path: /token$/u },
        { kind: 'authority_error', status: 401, error: 'invalid_client', number: 7_000_215 },
      )
      return
    case 'rate_limited':
      faults.whenever({ path: /^\/v1\.0\// }, { kind: 'throttled', retryAfterSeconds: 3 })
      return
    case 'unavailable':
      faults.whenever({}, { kind: 'cut' })
      return
    case 'silent':
      faults.whenever({}, { kind: 'hang' })
      return
    case 'malformed':
      faults.whenever({}, { kind: 'garbage' })
  }
}
