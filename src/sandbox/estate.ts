import { domainPersonDn } from '#src/sandbox/directories/samba-data.ts'
import { type Samba, startSamba } from '#src/sandbox/directories/samba.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import { type AttributeChange, canBind, modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import type { DirectoryServer } from '#src/sandbox/directories/server.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { type Entra, startEntra } from '#src/sandbox/graph/start.ts'
import { type Okta, startOkta } from '#src/sandbox/okta/start.ts'

/** The IAM systems of one sandbox, those of them that run. */
export interface Estate {
  readonly entra?: Entra | undefined
  readonly okta?: Okta | undefined
  readonly slapd?: Slapd | undefined
  readonly samba?: Samba | undefined
}

/** The password of everybody in the sandbox. */
export const sandboxPassword = 'Correct-Horse-1'

const alice = {
  login: 'anguyen',
  displayName: 'Alice Nguyen',
  emails: ['alice@corp.example'],
  department: 'Finance',
  password: sandboxPassword,
}
const bob = {
  login: 'bstone',
  displayName: 'Bob Stone',
  emails: ['bob@corp.example'],
  password: sandboxPassword,
}
const admin = {
  login: 'boss',
  displayName: 'Bea Boss',
  emails: ['boss@corp.example'],
  password: sandboxPassword,
}
const people = [alice, bob, admin]

/** Starts the built-in Entra and Okta, and the real directory servers that are installed, all with the same people. */
export async function startEstate(options: {
  readonly withSlapd: boolean
  readonly withSamba: boolean
}): Promise<Estate & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const slapd = options.withSlapd ? stack.use(await startSlapd({ people, saysLocked: true })) : undefined
  const groups = [{ name: 'Domain Admins', members: [domainPersonDn(admin)], builtIn: true }]
  const samba = options.withSamba ? stack.use(await startSamba({ people, groups })) : undefined
  const entra = stack.use(await startEntra())
  const okta = stack.use(await startOkta())
  for (const { displayName, emails, password } of people) {
    const [mail = ''] = emails
    entra.addPerson({
      userPrincipalName: mail,
      mail,
      displayName,
      password,
      ...(await synced(samba, displayName)),
    })
    okta.addPerson({ login: mail, profile: { displayName } })
  }
  entra.giveRole('boss@corp.example', 'Global Administrator')
  const owned = stack.move()
  return { entra, okta, slapd, samba, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** What Entra Connect writes about somebody whom an Active Directory masters. */
async function synced(samba: Samba | undefined, displayName: string) {
  if (samba === undefined) return {}
  const entry = await readAsAdmin(samba.admin, domainPersonDn({ displayName }), ['objectGUID'])
  return { onPremisesSyncEnabled: true, onPremisesImmutableId: entry['objectGUID']?.[0] ?? null }
}

/** Whether Alice's password signs her in, by system. */
export async function signIns(
  estate: Estate,
): Promise<readonly (readonly [system: string, works: boolean])[]> {
  return await Promise.all(controlsOf(estate).map(async ({ id, signsIn }) => [id, await signsIn()] as const))
}

/** What the directory's own administrators, and accidents, can do with a system and with Alice's account there. */
export interface SystemControl {
  /** As the bot's configuration calls it. */
  readonly id: string
  readonly title: string
  /** Whether Alice's password signs her in right now. Throws when the system does not answer. */
  readonly signsIn: () => Promise<boolean>
  /** Enables Alice as an administrator of the system would, past Drawbridge. Throws when the system does not answer. */
  readonly enable: () => Promise<unknown>
  /** From now on the system answers nobody; nothing happens when it is so already. */
  readonly takeDown: () => Promise<unknown>
  readonly bringBack: () => Promise<unknown>
}

/** The systems of an estate that run. */
export function controlsOf({ entra, okta, slapd, samba }: Estate): readonly SystemControl[] {
  const [mail = ''] = alice.emails
  return [
    ...(samba === undefined
      ? []
      : [
          directoryControl('corp-ad', 'Active Directory (Samba)', samba, {
            dn: domainPersonDn(alice),
            enabled: [{ name: 'userAccountControl', values: [normalAccount] }],
          }),
        ]),
    ...(entra === undefined
      ? []
      : [
          {
            id: 'entra',
            title: 'Microsoft Entra ID (built in)',
            signsIn: async () => entra.signIn(mail, sandboxPassword).kind === 'signed_in',
            enable: async () => entra.setEnabled(mail, true),
            takeDown: () => Promise.all([entra.down('graph'), entra.down('authority')]),
            bringBack: () => Promise.all([entra.up('graph'), entra.up('authority')]),
          },
        ]),
    ...(okta === undefined
      ? []
      : [
          {
            id: 'okta',
            title: 'Okta (built in)',
            signsIn: async () => okta.person(mail).status === 'ACTIVE',
            enable: async () => okta.changePerson(mail, { status: 'ACTIVE' }),
            takeDown: okta.down,
            bringBack: okta.up,
          },
        ]),
    ...(slapd === undefined
      ? []
      : [
          directoryControl('unix-ldap', 'OpenLDAP (slapd)', slapd, {
            dn: personDn(alice.login),
            enabled: [
              { name: 'pwdAccountLockedTime', values: [] },
              { name: 'pwdEndTime', values: [] },
            ],
          }),
        ]),
  ]
}

// UF_NORMAL_ACCOUNT without UF_ACCOUNTDISABLE.
const normalAccount = '512'

function directoryControl(
  id: string,
  title: string,
  server: DirectoryServer,
  person: { readonly dn: string; readonly enabled: readonly AttributeChange[] },
): SystemControl {
  return {
    ...{ id, title },
    signsIn: () => canBind(server.admin, person.dn, sandboxPassword),
    enable: () => modifyAsAdmin(server.admin, person.dn, person.enabled),
    takeDown: () => server.stop(),
    bringBack: () => server.restart(),
  }
}
