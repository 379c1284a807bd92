import type { ServerCertificate } from '#src/sandbox/directories/certificates.ts'

/**
 * How password policies are set up. Only `enforced` makes a lock bite; the other four accept the lock attribute or
 * not, and enforce it partly or not at all.
 */
export type PolicySetup = 'enforced' | 'lockout_off' | 'no_policy' | 'module_only' | 'no_module'

/** The names in the sandbox's tree. */
export const slapdTree = {
  suffix: 'dc=example,dc=com',
  people: 'ou=people,dc=example,dc=com',
  groups: 'ou=groups,dc=example,dc=com',
  service: 'cn=drawbridge,ou=services,dc=example,dc=com',
  admin: 'cn=admin,dc=example,dc=com',
  configAdmin: 'cn=admin,cn=config',
  policy: 'cn=default,ou=policies,dc=example,dc=com',
} as const

/** What `cn=config` is written from. */
export interface SlapdConfig {
  readonly folder: string
  readonly adminPassword: string
  readonly policy: PolicySetup
  /** Whether the policy lets an administrator demand a new password (`pwdMustChange`). */
  readonly mustChange: boolean
  /** Whether a refused sign-in of a locked account says so (`ppolicy_use_lockout`). */
  readonly saysLocked: boolean
  /** Which of the documented rights the service account has. */
  readonly rights: 'documented' | 'no_lock' | 'no_failures' | 'none'
  /** Attributes that the documented rules leave out. */
  readonly hidden: readonly string[]
  readonly certificate: ServerCertificate & { readonly caFile: string }
  readonly idleTimeoutS: number
  /** SASL mechanisms that the server claims to offer. */
  readonly offers: readonly string[]
  /** Access rules of the site's own, e.g. one that keeps people with a certain attribute out. */
  readonly ownRules: readonly string[]
}

/** The access rules that docs/connectors/openldap.md tells the operator to add, in their order. */
export function documentedAccess(
  suffix: string,
  people: string,
  service: string,
): { readonly lock: string; readonly policy: string; readonly read: string } {
  const policyNames =
    'pwdFailureTime,pwdPolicySubentry,pwdStartTime,pwdLockoutDuration,pwdMustChange,pwdAllowUserChange'
  const person = 'entryUUID,uid,cn,displayName,departmentNumber,mail'
  const readable = `entry,children,objectClass,${person},member,uniqueMember,memberUid,ref`
  const by = (right: string) => `by dn.exact="${service}" ${right} by * break`
  return {
    lock: `to dn.subtree="${people}" attrs=pwdAccountLockedTime,pwdEndTime,pwdReset ${by('write')}`,
    policy: `to dn.subtree="${suffix}" attrs=${policyNames} ${by('read')}`,
    read: `to dn.subtree="${suffix}" attrs=${readable} ${by('read')}`,
  }
}

function access(config: SlapdConfig): readonly string[] {
  const { suffix, people, service } = slapdTree
  const documented = documentedAccess(suffix, people, service)
  const hasSchema = config.policy !== 'no_module'
  const last = [
    'to attrs=userPassword by self =xw by anonymous auth by * none',
    'to * by self read by * none',
  ]
  if (config.rights === 'none') return last
  const hidden = config.rights === 'no_failures' ? ['pwdFailureTime', ...config.hidden] : config.hidden
  return [
    ...(hasSchema && config.rights !== 'no_lock' ? [without(hidden, documented.lock)] : []),
    ...(hasSchema ? [without(hidden, documented.policy)] : []),
    without(hidden, documented.read),
    ...config.ownRules,
    ...last,
  ]
}

function without(hidden: readonly string[], rule: string): string {
  return rule.replace(/attrs=(\S+)/, (_, names: string) => {
    const rest = names.split(',').filter((name) => !hidden.includes(name))
    return `attrs=${rest.join(',')}`
  })
}

function modules(config: SlapdConfig): readonly string[] {
  return config.policy === 'no_module' ? ['back_mdb'] : ['back_mdb', 'ppolicy']
}

function overlay(config: SlapdConfig): readonly string[] {
  if (config.policy === 'no_module' || config.policy === 'module_only') return []
  const policy = config.policy === 'no_policy' ? [] : [`olcPPolicyDefault: ${slapdTree.policy}`]
  return [
    'dn: olcOverlay={0}ppolicy,olcDatabase={1}mdb,cn=config',
    'objectClass: olcOverlayConfig',
    'objectClass: olcPPolicyConfig',
    'olcOverlay: {0}ppolicy',
    ...policy,
    'olcPPolicyHashCleartext: TRUE',
    `olcPPolicyUseLockout: ${config.saysLocked ? 'TRUE' : 'FALSE'}`,
    '',
  ]
}

/** `cn=config` as LDIF for `slapadd -n 0`. */
export function slapdConfigLdif(config: SlapdConfig): string {
  const { folder, certificate } = config
  return [
    'dn: cn=config',
    'objectClass: olcGlobal',
    'cn: config',
    `olcPidFile: ${folder}/slapd.pid`,
    `olcTLSCACertificateFile: ${certificate.caFile}`,
    `olcTLSCertificateFile: ${certificate.certificateFile}`,
    `olcTLSCertificateKeyFile: ${certificate.keyFile}`,
    ...(config.idleTimeoutS > 0 ? [`olcIdleTimeout: ${config.idleTimeoutS}`] : []),
    ...(config.offers.length > 0 ? [`olcRootDSE: ${folder}/root-dse.ldif`] : []),
    '',
    'dn: cn=module{0},cn=config',
    'objectClass: olcModuleList',
    'cn: module{0}',
    'olcModulePath: /usr/lib/ldap',
    ...modules(config).map((name) => `olcModuleLoad: ${name}`),
    '',
    'dn: cn=schema,cn=config',
    'objectClass: olcSchemaConfig',
    'cn: schema',
    '',
    ...['core', 'cosine', 'inetorgperson', 'nis'].map(
      (name) => `include: file:///etc/ldap/schema/${name}.ldif\n`,
    ),
    'dn: olcDatabase={0}config,cn=config',
    'objectClass: olcDatabaseConfig',
    'olcDatabase: {0}config',
    `olcRootDN: ${slapdTree.configAdmin}`,
    `olcRootPW: ${config.adminPassword}`,
    '',
    'dn: olcDatabase={1}mdb,cn=config',
    'objectClass: olcDatabaseConfig',
    'objectClass: olcMdbConfig',
    'olcDatabase: {1}mdb',
    `olcDbDirectory: ${folder}/data`,
    `olcSuffix: ${slapdTree.suffix}`,
    `olcRootDN: ${slapdTree.admin}`,
    `olcRootPW: ${config.adminPassword}`,
    'olcDbNoSync: TRUE',
    'olcDbMaxSize: 268435456',
    ...['objectClass', 'uid', 'mail', 'entryUUID', 'member'].map((name) => `olcDbIndex: ${name} eq`),
    ...access(config).map((rule, index) => `olcAccess: {${index}}${rule}`),
    '',
    ...overlay(config),
  ].join('\n')
}
