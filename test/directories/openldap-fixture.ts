import { createOpenLdapConnector } from '#src/iam/openldap/index.ts'
import type { FoundAccount } from '#src/iam/connector.ts'
import { canBind, modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { groupDn, personDn } from '#src/sandbox/directories/slapd-data.ts'
import { type Slapd, type SlapdOptions, startSlapd } from '#src/sandbox/directories/slapd.ts'
import type { ConnectorFixture, Scenario } from '#test/contracts/connector.ts'
import { openLdapSettings } from '#test/helpers/directory-settings.ts'
import { type Fault, type FaultProxy, startFaultProxy } from '#test/helpers/fault-proxy.ts'

/** Everybody's real password in these tests. */
export const password = 'Correct-Horse-1'

/** What Disable and Enable may touch, and what they must leave alone. */
export const watched = [
  'pwdAccountLockedTime',
  'pwdEndTime',
  'pwdStartTime',
  'pwdReset',
  'userPassword',
  'uid',
  'mail',
]

const people = [
  {
    login: 'anguyen',
    displayName: 'Alice Nguyen',
    emails: ['alice@corp.example'],
    department: 'Finance',
    password,
  },
  { login: 'bob', displayName: 'Bob Stone', emails: ['bob@corp.example'], password },
  { login: 'twin1', displayName: 'Twin One', emails: ['twins@corp.example'], password },
  { login: 'twin2', displayName: 'Twin Two', emails: ['twins@corp.example', 'two@corp.example'], password },
  { login: 'locked', displayName: 'Lou Locked', emails: ['lou@corp.example'], password },
  { login: 'vip', displayName: 'Val Vip', emails: ['val@corp.example'], password },
  { login: 'far', displayName: 'Far Away', emails: ['far@corp.example'], password },
  { login: 'svc-person', displayName: 'Service Person', emails: ['svc@corp.example'], password },
]

const groups = [
  { name: 'inner', members: [personDn('vip')] },
  { name: 'protected', members: [groupDn('inner')] },
  { name: 'plain', members: [personDn('anguyen')] },
]

const faults: Partial<Record<Scenario, Fault>> = {
  silent: { kind: 'black_hole', at: 'bind' },
  malformed: { kind: 'garbage', at: 'search' },
  answer_lost: { kind: 'cut_after', at: 'modify', times: 1 },
}

/** Starts a server with this suite's people and the usual rights. */
export function startPeopledSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  return startSlapd({ people, groups, saysLocked: true, ...options })
}

/** The contract's fixture over a real slapd. */
export async function startOpenLdapFixture(): Promise<ConnectorFixture> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startPeopledSlapd())
  const limited = stack.use(await startPeopledSlapd({ rights: 'no_lock' }))
  const proxy: FaultProxy = stack.use(await startFaultProxy({ host: '127.0.0.1', port: server.port }))
  await modifyAsAdmin(server.admin, personDn('locked'), [
    { name: 'pwdAccountLockedTime', values: ['000001010000Z'] },
  ])
  const owned = stack.move()
  const protectedGroups = [groupDn('protected')]
  const proxied = { url: `ldap://127.0.0.1:${proxy.port}`, ca_file: undefined }
  const canary = { canary_dn: personDn('svc-person'), canary_password: password }
  const login = (value: string) => ({ query: { kind: 'login', value } as const })
  const connect = async (scenario?: Scenario) => {
    proxy.fail(scenario === undefined ? undefined : faults[scenario])
    const options = { callTimeoutMs: scenario === 'silent' ? 300 : 10_000, protectedGroups }
    switch (scenario) {
      case undefined:
        return createOpenLdapConnector(openLdapSettings(server, canary), options)
      case 'not_permitted':
        return createOpenLdapConnector(openLdapSettings(limited), options)
      case 'wrong_credentials':
        return createOpenLdapConnector(openLdapSettings(server, { bind_password: 'wrong' }), options)
      case 'unavailable':
        return createOpenLdapConnector(openLdapSettings(server, { url: 'ldap://127.0.0.1:1' }), options)
      case 'protection_unknown': {
        const unreadable = { ...options, protectedGroups: ['cn=hidden,ou=elsewhere,dc=example,dc=com'] }
        return createOpenLdapConnector(openLdapSettings(server), unreadable)
      }
      case 'silent':
      case 'malformed':
      case 'answer_lost':
      case 'rate_limited':
        return createOpenLdapConnector(openLdapSettings(server, proxied), options)
    }
  }
  const serverOf = async (account: FoundAccount) => ((await isOn(limited, account)) ? limited : server)
  return {
    people: {
      person: login('anguyen'),
      other: login('bob'),
      disabledBefore: login('locked'),
      inProtectedGroup: login('vip'),
      outOfReach: login('far'),
      privileged: undefined,
      own: login('svc-person'),
    },
    sharedAddress: 'twins@corp.example',
    protectedGroups,
    unknownId: '00000000-0000-4000-8000-000000000000',
    connect,
    facts: async (account) => readAsAdmin((await serverOf(account)).admin, dnOf(account), watched),
    canSignIn: async (account) => canBind((await serverOf(account)).admin, dnOf(account), password),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function dnOf(account: FoundAccount): string {
  return personDn(account.logins[0] ?? '')
}

async function isOn(server: Slapd, account: FoundAccount): Promise<boolean> {
  const { entryUUID } = await readAsAdmin(server.admin, dnOf(account), ['entryUUID'])
  return entryUUID?.[0] === account.id
}
