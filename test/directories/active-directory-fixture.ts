import { guidBytes } from '#src/iam/active-directory/ids.ts'
import { createActiveDirectoryConnector } from '#src/iam/active-directory/index.ts'
import type { FoundAccount } from '#src/iam/connector.ts'
import { canBind, readAsAdmin } from '#src/sandbox/directories/client.ts'
import { type DomainPerson, domainGroupDn, domainPersonDn } from '#src/sandbox/directories/samba-data.ts'
import { type Samba, type SambaOptions, startSamba } from '#src/sandbox/directories/samba.ts'
import type { ConnectorFixture, Scenario } from '#test/contracts/connector.ts'
import { activeDirectorySettings } from '#test/helpers/directory-settings.ts'
import { type Fault, startFaultProxy } from '#test/helpers/fault-proxy.ts'

/** Everybody's real password in these tests. */
export const password = 'Correct-Horse-1'

/** What Disable and Enable may touch, and what they must leave alone. */
export const watched = [
  'userAccountControl',
  'pwdLastSet',
  'accountExpires',
  'primaryGroupID',
  'mail',
  'adminCount',
]

/** This suite's people by a short name. */
export const domainPeople = {
  // DONT_EXPIRE_PASSWORD must survive.
  alice: person('anguyen', 'Alice Nguyen', { userAccountControl: 66_048, department: 'Finance' }),
  bob: person('bob', 'Bob Stone', {}),
  // Found by her mail, but her user principal name is another's login.
  eve: person('eve', 'Eve Moor', { userPrincipalName: 'bob@other.test', emails: ['eve@corp.example'] }),
  twin1: person('twin1', 'Twin One', { emails: ['twins@corp.example'] }),
  twin2: person('twin2', 'Twin Two', {
    proxyAddresses: ['SMTP:two@corp.example', 'smtp:twins@corp.example'],
  }),
  gone: person('gone', 'Gwen Gone', { userAccountControl: 514 }),
  vip: person('vip', 'Val Vip', {}),
  admin: person('adm-ray', 'Ray Admin', { adminProtected: true }),
} as const

function person(login: string, displayName: string, more: Partial<DomainPerson>): DomainPerson {
  return { login, displayName, emails: [`${login}@corp.example`], password, ...more }
}

const groups = [
  { name: 'Inner', members: [domainPersonDn(domainPeople.vip)] },
  { name: 'Guarded', members: [domainGroupDn({ name: 'Inner' })] },
  { name: 'Night Admins', members: [domainPersonDn(domainPeople.admin)] },
  { name: 'Domain Admins', builtIn: true, members: [domainGroupDn({ name: 'Night Admins' })] },
]

const faults: Partial<Record<Scenario, Fault>> = {
  silent: { kind: 'black_hole', at: 'bind' },
  malformed: { kind: 'garbage', at: 'search' },
  answer_lost: { kind: 'cut_after', at: 'modify', times: 1 },
}

/** Starts a domain controller with this suite's people and groups. */
export function startPeopledSamba(options: SambaOptions = {}): Promise<Samba> {
  return startSamba({ people: Object.values(domainPeople), groups, computers: ['PC1'], ...options })
}

/** The contract's fixture over a real Samba. */
export async function startActiveDirectoryFixture(): Promise<ConnectorFixture> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startPeopledSamba({ allowPlain: true }))
  const limited = stack.use(await startPeopledSamba({ delegated: [] }))
  const proxy = stack.use(await startFaultProxy({ host: server.address, port: 389 }))
  const owned = stack.move()
  const protectedGroups = [domainGroupDn({ name: 'Guarded' })]
  const proxied = { url: `ldap://127.0.0.1:${proxy.port}`, ca_file: undefined }
  const login = (who: DomainPerson) => ({ query: { kind: 'login', value: who.login } as const })
  const connect = async (scenario?: Scenario) => {
    proxy.fail(scenario === undefined ? undefined : faults[scenario])
    const options = { callTimeoutMs: scenario === 'silent' ? 300 : 10_000, protectedGroups }
    switch (scenario) {
      case undefined:
        return createActiveDirectoryConnector(activeDirectorySettings(server), options)
      case 'not_permitted':
        return createActiveDirectoryConnector(activeDirectorySettings(limited), options)
      case 'wrong_credentials':
        return createActiveDirectoryConnector(
          activeDirectorySettings(server, { bind_password: 'wrong' }),
          options,
        )
      case 'unavailable':
        return createActiveDirectoryConnector(
          activeDirectorySettings(server, { url: 'ldap://127.0.0.1:1' }),
          options,
        )
      case 'protection_unknown': {
        const unreadable = { ...options, protectedGroups: ['CN=Hidden,OU=Elsewhere,DC=example,DC=test'] }
        return createActiveDirectoryConnector(activeDirectorySettings(server), unreadable)
      }
      case 'silent':
      case 'malformed':
      case 'answer_lost':
      case 'rate_limited':
        return createActiveDirectoryConnector(activeDirectorySettings(server, proxied), options)
    }
  }
  const serverOf = async (account: FoundAccount) => ((await isOn(limited, account)) ? limited : server)
  return {
    people: {
      person: login(domainPeople.alice),
      other: login(domainPeople.bob),
      disabledBefore: login(domainPeople.gone),
      inProtectedGroup: login(domainPeople.vip),
      outOfReach: login(domainPeople.bob),
      privileged: login(domainPeople.admin),
      own: { query: { kind: 'login', value: 'svc-drawbridge' } },
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
  return `<SID=${account.sharedIds.objectSid ?? ''}>`
}

/** Both domains are copies of one template, so SIDs are the same in both; each person's GUID is of its own. */
async function isOn(server: Samba, account: FoundAccount): Promise<boolean> {
  const { objectGUID } = await readAsAdmin(server.admin, dnOf(account), ['objectGUID'])
  return objectGUID?.[0] === guidBytes(account.id)?.toString('base64')
}
