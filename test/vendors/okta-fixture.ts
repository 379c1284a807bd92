import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FoundAccount, IamConnector } from '#src/iam/connector.ts'
import { createOktaConnector } from '#src/iam/okta/index.ts'
import type { OktaConnection, OktaOptions } from '#src/iam/okta/settings.ts'
import type { NewPerson } from '#src/sandbox/okta/residents.ts'
import { type Okta, startOkta as startOrg } from '#src/sandbox/okta/start.ts'
import type { OktaStatus, Settings } from '#src/sandbox/okta/world.ts'
import { secret } from '#src/secrets.ts'
import type { ConnectorFixture, FixturePerson } from '#test/contracts/connector.ts'
import { mustBeAsPublished } from '#test/helpers/vendor-schemas.ts'

export { oktaStatuses } from '#src/sandbox/okta/world.ts'
export type { OktaStatus } from '#src/sandbox/okta/world.ts'

/** How the connector proves itself: with the app's key, otherwise as given, or with the API token. */
type Credential = 'api_token' | Partial<Omit<OktaConnection, 'id' | 'kind' | 'url' | 'apiToken'>>

/** An org, a connector for it, and shorter words for what tests do and look at. */
export interface OktaFixture {
  readonly org: Okta
  /** As the app with its key. */
  readonly connector: IamConnector
  connect(options?: Partial<OktaOptions>, credential?: Credential): IamConnector
  /** Adds `NAME@corp.example`; answers the id. */
  add(name: string, person: Omit<NewPerson, 'login'> & { readonly login?: string }): string
  /** The id of a person that was added. */
  id(name: string): string
  status(id: string): OktaStatus
  setStatus(id: string, status: OktaStatus): void
  /** What a sign-out leaves. */
  open(person: string): {
    readonly sessions: number
    readonly tokens: number
    readonly devicesRemembered: boolean
  }
  /** The last parts of the paths of all calls that change something. */
  changes(): readonly string[]
  /** The forms that were sent to the token endpoint. */
  tokenRequests(): readonly URLSearchParams[]
  /** Stops the org. Throws when the connector sent something that is not as the vendor published it. */
  ended(): Promise<void>
}

/** Starts an org for one test. */
export async function startOkta(settings: Partial<Settings> = {}): Promise<OktaFixture> {
  const org = await startOrg({ settings })
  const folder = await mkdtemp(join(tmpdir(), 'okta-key-'))
  const privateKeyFile = join(folder, 'key.pem')
  await writeFile(privateKeyFile, org.app.privateKeyPem)
  const ids = new Map<string, string>()
  const connect = (options: Partial<OktaOptions> = {}, credential: Credential = {}): IamConnector => {
    const { clientId, keyId } = org.app
    const byKey = { clientId, keyId, privateKeyFile, apiToken: undefined }
    const byToken = { clientId: undefined, keyId: undefined, privateKeyFile: undefined }
    const proof =
      credential === 'api_token'
        ? { ...byToken, apiToken: secret(org.apiToken.value) }
        : { ...byKey, ...credential }
    return createOktaConnector(
      { id: 'okta', kind: 'okta', url: org.url, unsuspendable: 'report', ...proof },
      { callTimeoutMs: 10_000, protectedGroups: [], lookAgainAfterMs: [1, 1, 1], ...options },
    )
  }
  return {
    org,
    connector: connect(),
    connect,
    add: (name, person) => {
      const { id } = org.addPerson({ login: `${name}@corp.example`, ...person })
      ids.set(name, id)
      return id
    },
    id: (name) => ids.get(name) ?? '',
    status: (id) => org.person(id).status,
    setStatus: (id, status) => void org.changePerson(id, { status }),
    open: (id) => {
      const { sessions, oauthTokens, devicesRemembered } = org.person(id)
      return { sessions: sessions.length, tokens: oauthTokens.length, devicesRemembered }
    },
    changes: () =>
      org.calls
        .filter(({ method, path }) => method !== 'GET' && path.startsWith('/api/'))
        .map(({ path }) => path.split('/').at(-1) ?? ''),
    tokenRequests: () =>
      org.calls
        .filter(({ path }) => path === '/oauth2/v1/token')
        .map(({ requestBody }) => new URLSearchParams(requestBody)),
    ended: async () => {
      await org.close()
      await rm(folder, { recursive: true })
      await mustBeAsPublished({ okta: org })
    },
  }
}

/** The contract's fixture: one org, and others for what goes wrong. */
export async function startOktaContract(kind: 'key' | 'api_token'): Promise<ConnectorFixture> {
  const credential = kind === 'key' ? {} : kind
  const [okta, limited, blind, broken] = await Promise.all([
    startOkta(),
    startOkta(),
    startOkta(),
    startOkta(),
  ])
  const all = [okta, limited, blind, broken]
  const group = okta.org.addGroup('Board').id
  for (const one of all) one.add('alice', { profile: { nickName: 'Ali' } })
  okta.add('bob', {})
  okta.add('lou', { status: 'SUSPENDED' })
  okta.add('val', { groups: [group] })
  okta.add('boss', { groups: [okta.org.addGroup('Helpers', ['HELP_DESK_ADMIN']).id] })
  okta.add('twin1', { email: 'twins@corp.example' })
  okta.add('twin2', { profile: { secondEmail: 'twins@corp.example' } })
  limited.add('far', {})
  withdraw(limited, 'okta.users.lifecycle.suspend')
  withdraw(blind, 'okta.iam.read')
  const homeOf = ({ login }: FoundAccount): Okta => (login.startsWith('far@') ? limited : okta).org
  return {
    people: {
      person: byLogin('alice'),
      other: byLogin('bob'),
      disabledBefore: byLogin('lou'),
      inProtectedGroup: byLogin('val'),
      outOfReach: byLogin('far'),
      privileged: byLogin('boss'),
      // An app is no person.
      own: kind === 'key' ? undefined : { query: { kind: 'id', value: okta.org.apiToken.ownerId } },
    },
    sharedAddress: 'twins@corp.example',
    protectedGroups: [group],
    unknownId: '00u000000000000000zz',
    connect: async (scenario) => {
      broken.org.faults.clear()
      const options = { callTimeoutMs: scenario === 'silent' ? 300 : 10_000 }
      switch (scenario) {
        case undefined:
          return okta.connect({ protectedGroups: [group] }, credential)
        case 'not_permitted':
          return limited.connect(options, credential)
        case 'protection_unknown':
          return blind.connect(options, credential)
        case 'answer_lost':
          okta.org.faults.whenever(
            { method: 'POST', path: /\/lifecycle\// },
            { kind: 'lose_answer' },
            { times: 1 },
          )
          return okta.connect(options, credential)
        case 'wrong_credentials':
        case 'rate_limited':
        case 'unavailable':
        case 'silent':
        case 'malformed':
          breakOrg(broken.org, scenario)
          return broken.connect(options, credential)
      }
    },
    facts: async (account) => {
      const { status, profile, provider, groups, roles, password, passwordExpired, applications } = homeOf(
        account,
      ).person(account.id)
      return { status, profile, provider, groups, roles, password, passwordExpired, applications }
    },
    canSignIn: async (account) => {
      const org = homeOf(account)
      return org.signIn(account.login, org.person(account.id).password ?? '').kind === 'signed_in'
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map((one) => one.ended()))
    },
  }
}

function byLogin(name: string): FixturePerson {
  return { query: { kind: 'login', value: `${name}@corp.example` } }
}

function withdraw({ org }: OktaFixture, permission: string): void {
  org.app.permissions.delete(permission)
  org.apiToken.permissions.delete(permission)
}

function breakOrg(
  org: Okta,
  scenario: 'wrong_credentials' | 'rate_limited' | 'unavailable' | 'silent' | 'malformed',
): void {
  const { faults } = org
  switch (scenario) {
    case 'wrong_credentials':
      org.revokeTokens()
      faults.whenever({ path: /token$/ }, { kind: 'oauth_error', status: 401, error: 'invalid_client' })
      return
    case 'rate_limited':
      faults.whenever({}, { kind: 'rate_limited', resetInSeconds: 3 })
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
