import { domainPersonDn } from '#src/sandbox/directories/samba-data.ts'
import { type Samba, startSamba } from '#src/sandbox/directories/samba.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import { canBind, readAsAdmin } from '#src/sandbox/directories/client.ts'
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
  const { entra, okta, slapd, samba } = estate
  const [mail = ''] = alice.emails
  const tried: (readonly [string, boolean | Promise<boolean>] | undefined)[] = [
    entra && ['entra', entra.signIn(mail, sandboxPassword).kind === 'signed_in'],
    okta && ['okta', okta.person(mail).status === 'ACTIVE'],
    samba && ['corp-ad', canBind(samba.admin, domainPersonDn(alice), sandboxPassword)],
    slapd && ['unix-ldap', canBind(slapd.admin, personDn(alice.login), sandboxPassword)],
  ]
  return await Promise.all(tried.flatMap((one) => (one === undefined ? [] : [settled(one[0], one[1])])))
}

async function settled(system: string, works: boolean | Promise<boolean>) {
  return [system, await works] as const
}
