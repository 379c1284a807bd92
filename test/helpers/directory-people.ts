import { addAsAdmin, canBind, modifyAsAdmin, readAsAdmin } from '#src/sandbox/directories/client.ts'
import type { Samba } from '#src/sandbox/directories/samba.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import type { Slapd } from '#src/sandbox/directories/slapd.ts'

/** The password of everybody whom tests add. */
export const password = 'Correct-Horse-1'

/** Somebody whom a test added to a directory. */
export interface AddedPerson {
  readonly login: string
  readonly mail: string
  readonly name: string
  /** Whether the password signs in: what really counts. */
  canSignIn(): Promise<boolean>
  /** The lock as it stands. */
  lock(): Promise<readonly string[]>
  /** Sets the lock as an administrator would. */
  lockByHand(): Promise<void>
  /** Takes everything away that keeps the account from signing in, as an administrator would. */
  openByHand(): Promise<void>
}

let added = 0

/** Adds a person of one test alone, so that tests can share a server. */
export async function addPerson(
  slapd: Slapd,
  more: { readonly login?: string; readonly mails?: readonly string[]; readonly name?: string } = {},
): Promise<AddedPerson> {
  added += 1
  const login = more.login ?? `person${added}`
  const name = more.name ?? `Pat Person${added}`
  const mails = [...(more.mails ?? [`${login}@corp.example`])]
  const dn = personDn(login)
  await addAsAdmin(slapd.admin, dn, {
    objectClass: ['inetOrgPerson'],
    uid: [login],
    cn: [name],
    sn: [name],
    displayName: [name],
    ...(mails.length > 0 && { mail: mails }),
    userPassword: [password],
  })
  return {
    login,
    mail: mails[0] ?? login,
    name,
    canSignIn: () => canBind(slapd.admin, dn, password),
    lock: async () =>
      (await readAsAdmin(slapd.admin, dn, ['pwdAccountLockedTime']))['pwdAccountLockedTime'] ?? [],
    lockByHand: () =>
      modifyAsAdmin(slapd.admin, dn, [{ name: 'pwdAccountLockedTime', values: ['000001010000Z'] }]),
    openByHand: () =>
      modifyAsAdmin(slapd.admin, dn, [
        { name: 'pwdAccountLockedTime', values: [] },
        { name: 'pwdEndTime', values: [] },
      ]),
  }
}

/** An entry of `iam_systems` for the server. */
export function systemFor(slapd: Slapd, id = 'unix-ldap', changes: object = {}): object {
  return {
    id,
    kind: 'openldap',
    url: slapd.ldapsUrl,
    ca_file: slapd.caFile,
    bind_dn: slapd.service.dn,
    bind_password: '${LDAP_PASSWORD}',
    base_dn: slapd.baseDn,
    ...changes,
  }
}

/** An entry of `iam_systems` for the domain. */
export function domainSystemFor(samba: Samba): object {
  return {
    id: 'corp-ad',
    kind: 'active-directory',
    url: samba.ldapsUrl,
    ca_file: samba.caFile,
    bind_dn: samba.service.dn,
    bind_password: samba.service.password,
    base_dn: samba.baseDn,
  }
}
