import {
  type DirectoryGroup,
  type DirectoryPerson,
  escapeDnValue,
  ldifLine,
} from '#src/sandbox/directories/people.ts'
import { type PolicySetup, slapdTree } from '#src/sandbox/directories/slapd-config.ts'

/** The distinguished name that a person gets in the sandbox's tree. */
export function personDn(login: string): string {
  return `uid=${escapeDnValue(login)},${slapdTree.people}`
}

/** The distinguished name that a group gets in the sandbox's tree. */
export function groupDn(name: string): string {
  return `cn=${escapeDnValue(name)},${slapdTree.groups}`
}

type Line = readonly [name: string, value: string]

function entry(dn: string, lines: readonly Line[]): string {
  return [ldifLine('dn', dn), ...lines.map(([name, value]) => ldifLine(name, value)), ''].join('\n')
}

function folderEntry(dn: string): string {
  const name = dn.split(',')[0]?.split('=')[1] ?? ''
  return entry(dn, [
    ['objectClass', 'organizationalUnit'],
    ['ou', name],
  ])
}

function personEntry(person: DirectoryPerson): string {
  return entry(personDn(person.login), [
    ['objectClass', 'inetOrgPerson'],
    ['uid', person.login],
    ['cn', person.displayName],
    ['sn', person.displayName.split(' ').at(-1) ?? person.displayName],
    ['displayName', person.displayName],
    ...person.emails.map((email): Line => ['mail', email]),
    ...(person.department === undefined ? [] : [['departmentNumber', person.department] as const]),
    ...(person.password === undefined ? [] : [['userPassword', person.password] as const]),
  ])
}

function policyEntry(policy: PolicySetup, mustChange: boolean): string {
  return entry(slapdTree.policy, [
    ['objectClass', 'device'],
    ['objectClass', 'pwdPolicy'],
    ['cn', 'default'],
    ['pwdAttribute', 'userPassword'],
    ['pwdLockout', policy === 'lockout_off' ? 'FALSE' : 'TRUE'],
    ['pwdMaxFailure', '5'],
    ['pwdLockoutDuration', '1800'],
    ['pwdMustChange', mustChange ? 'TRUE' : 'FALSE'],
    ['pwdAllowUserChange', 'TRUE'],
  ])
}

/** The tree as LDIF for `slapadd -n 1`. */
export function slapdDataLdif(data: {
  readonly people: readonly DirectoryPerson[]
  readonly groups: readonly DirectoryGroup[]
  readonly policy: PolicySetup
  readonly mustChange: boolean
  readonly servicePassword: string
}): string {
  const { suffix, people, groups, service } = slapdTree
  return [
    entry(suffix, [
      ['objectClass', 'dcObject'],
      ['objectClass', 'organization'],
      ['dc', 'example'],
      ['o', 'Example'],
    ]),
    ...[people, groups, `ou=services,${suffix}`, `ou=policies,${suffix}`].map(folderEntry),
    entry(service, [
      ['objectClass', 'organizationalRole'],
      ['objectClass', 'simpleSecurityObject'],
      ['cn', 'drawbridge'],
      ['userPassword', data.servicePassword],
    ]),
    ...(data.policy === 'no_module' ? [] : [policyEntry(data.policy, data.mustChange)]),
    ...data.people.map(personEntry),
    ...data.groups.map((group) =>
      entry(groupDn(group.name), [
        ['objectClass', 'groupOfNames'],
        ['cn', group.name],
        ...group.members.map((member): Line => ['member', member]),
      ]),
    ),
  ].join('\n')
}
