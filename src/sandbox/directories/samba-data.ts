import { type DirectoryPerson, escapeDnValue } from '#src/sandbox/directories/people.ts'
import { sambaDomain } from '#src/sandbox/directories/samba-template.ts'

/** A person of a Windows-like domain. */
export interface DomainPerson extends DirectoryPerson {
  /** Defaults to `<login>@example.test`; null gives the account none. */
  readonly userPrincipalName?: string | null
  /** The whole value, e.g. 66048; defaults to 512, or 544 (no password needed) without a password. */
  readonly userAccountControl?: number
  /** e.g. `SMTP:a@example.test`, `smtp:b@example.test`. */
  readonly proxyAddresses?: readonly string[]
  /** Below the domain; defaults to the delegated folder. */
  readonly folder?: string
  /** Windows' FILETIME as text. */
  readonly accountExpires?: string
  readonly noLogonHours?: boolean
  readonly mustChangePassword?: boolean
  /** Carries the descriptor and the mark that Windows gives to members of protected groups. */
  readonly adminProtected?: boolean
  /** RID of the primary group; the person must be a member of it. */
  readonly primaryGroupId?: number
}

/** A group of a Windows-like domain. One that the domain has by itself, e.g. `Domain Admins`, only gets members. */
export interface DomainGroup {
  readonly name: string
  readonly members: readonly string[]
  readonly builtIn?: boolean
  readonly distribution?: boolean
}

/** What is put into a domain before it starts. */
export interface DomainData {
  readonly people: readonly DomainPerson[]
  readonly groups: readonly DomainGroup[]
  readonly computers: readonly string[]
  /** Attributes of people that the service account may write. */
  readonly delegated: readonly string[]
}

/** The service account's name and password. */
export const domainService = {
  login: 'svc-drawbridge',
  dn: `CN=svc-drawbridge,${sambaDomain.service}`,
  password: 'Sandbox-Serv1ce!',
} as const

/** The distinguished name that a person gets. */
export function domainPersonDn(person: Pick<DomainPerson, 'displayName' | 'folder'>): string {
  return `CN=${escapeDnValue(person.displayName)},${person.folder ?? sambaDomain.staff}`
}

/** The distinguished name that a group gets. */
export function domainGroupDn(group: Pick<DomainGroup, 'name' | 'builtIn'>): string {
  return `CN=${escapeDnValue(group.name)},${group.builtIn === true ? `CN=Users,${sambaDomain.dn}` : sambaDomain.groups}`
}

const securityGroup = '-2147483646'
const distributionGroup = '2'

/** The wish list that fill-samba.py reads. */
export function fillList(data: DomainData, files: { configFile: string; database: string }): string {
  return JSON.stringify({
    ...files,
    folders: [sambaDomain.staff, sambaDomain.service, sambaDomain.groups],
    service: {
      login: domainService.login,
      commonName: domainService.login,
      password: domainService.password,
      attributes: {},
    },
    serviceFolder: sambaDomain.service,
    delegation: { folder: sambaDomain.staff, attributes: data.delegated },
    people: data.people.map(personWish),
    groups: data.groups.map((group) => ({
      name: group.name,
      members: group.members,
      folder: group.builtIn === true ? '' : sambaDomain.groups,
      type: group.distribution === true ? distributionGroup : securityGroup,
    })),
    computers: data.computers,
  })
}

function personWish(person: DomainPerson): object {
  const { login, password } = person
  const principal =
    person.userPrincipalName === undefined ? `${login}@example.test` : person.userPrincipalName
  const control = person.userAccountControl ?? (password === undefined ? 544 : 512)
  return {
    login,
    commonName: person.displayName,
    folder: person.folder ?? sambaDomain.staff,
    ...(password === undefined ? {} : { password }),
    attributes: {
      displayName: person.displayName,
      userAccountControl: password === undefined ? '544' : '512',
      ...(principal === null ? {} : { userPrincipalName: principal }),
      ...(person.emails[0] === undefined ? {} : { mail: person.emails[0] }),
      ...(person.department === undefined ? {} : { department: person.department }),
      ...(person.proxyAddresses === undefined ? {} : { proxyAddresses: person.proxyAddresses }),
    },
    after: {
      ...(person.mustChangePassword === true ? { pwdLastSet: '0' } : {}),
      ...(person.accountExpires === undefined ? {} : { accountExpires: person.accountExpires }),
      ...(person.noLogonHours === true ? { logonHours: { hex: '00'.repeat(21) } } : {}),
      userAccountControl: String(control),
    },
    protected: person.adminProtected ?? false,
    primaryGroupId: person.primaryGroupId === undefined ? '' : String(person.primaryGroupId),
  }
}
