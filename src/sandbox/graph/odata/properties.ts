/** One property of a resource: what it is and how it may be filtered. */
export interface Property {
  readonly type: 'string' | 'boolean' | 'date' | 'strings' | 'object'
  /** Operators and functions that always work; for `strings` those inside of `any`. */
  readonly filters: readonly string[]
  /** Those that need the advanced parameters. */
  readonly advanced?: readonly string[]
  /** Comparable with `null` only. */
  readonly onlyNull?: boolean
  /** Compared with case. */
  readonly isExact?: boolean
  /** Shown without being selected. */
  readonly isDefault?: boolean
}

/** The properties of one type by name. */
export type Properties = Readonly<Record<string, Property>>

const text = ['eq', 'ge', 'le', 'in', 'startsWith']
const shown = { isDefault: true } as const
const words: Property = { type: 'string', filters: text, advanced: ['ne', 'endsWith'] }
const plain: Property = { type: 'string', filters: [] }
const flag: Property = { type: 'boolean', filters: ['eq', 'in'], advanced: ['ne'] }
const time: Property = { type: 'date', filters: ['eq', 'ge', 'le', 'in'], advanced: ['ne'] }
const addresses: Property = {
  type: 'strings',
  filters: ['eq', 'ge', 'le', 'startsWith'],
  advanced: ['endsWith'],
}

/** `user`, by the page "user resource type" and "Advanced query capabilities". */
export const userProperties: Properties = {
  id: { type: 'string', filters: ['eq', 'in'], advanced: ['ne'], ...shown },
  userPrincipalName: { ...words, ...shown },
  displayName: { ...words, advanced: ['ne'], ...shown },
  givenName: { ...words, advanced: ['ne'], ...shown },
  surname: { ...words, advanced: ['ne'], ...shown },
  jobTitle: { ...words, advanced: ['ne'], ...shown },
  mail: { ...words, ...shown },
  businessPhones: { type: 'strings', filters: ['eq', 'startsWith'], ...shown },
  mobilePhone: { ...plain, ...shown },
  officeLocation: { ...plain, ...shown },
  preferredLanguage: { ...plain, ...shown },
  mailNickname: { ...words, advanced: ['ne'] },
  otherMails: addresses,
  proxyAddresses: addresses,
  accountEnabled: flag,
  userType: { type: 'string', filters: ['eq', 'in'], advanced: ['ne'] },
  externalUserState: { type: 'string', filters: ['eq', 'in'], advanced: ['ne'] },
  createdDateTime: time,
  department: { ...words, advanced: ['ne'] },
  employeeId: { ...words, advanced: ['ne'] },
  employeeType: { ...words, advanced: ['ne'] },
  isManagementRestricted: { type: 'boolean', filters: [] },
  onPremisesSyncEnabled: flag,
  onPremisesImmutableId: {
    type: 'string',
    filters: ['eq', 'ge', 'le', 'in'],
    advanced: ['ne'],
    isExact: true,
  },
  onPremisesSecurityIdentifier: { type: 'string', filters: ['eq'], onlyNull: true },
  onPremisesSamAccountName: { type: 'string', filters: [], advanced: [...text, 'ne'] },
  onPremisesUserPrincipalName: { type: 'string', filters: [], advanced: [...text, 'ne'] },
  onPremisesDistinguishedName: plain,
  onPremisesDomainName: plain,
  onPremisesLastSyncDateTime: time,
  signInSessionsValidFromDateTime: { type: 'date', filters: [] },
  lastPasswordChangeDateTime: { type: 'date', filters: [] },
  passwordProfile: { type: 'object', filters: [] },
  passwordPolicies: plain,
  signInActivity: { type: 'object', filters: [] },
  identities: { type: 'object', filters: [] },
}

/** `group`. */
export const groupProperties: Properties = {
  id: { type: 'string', filters: ['eq', 'in'], advanced: ['ne'], ...shown },
  displayName: { ...words, advanced: ['ne'], ...shown },
  description: { ...plain, ...shown },
  groupTypes: { type: 'strings', filters: ['eq'], ...shown },
  isAssignableToRole: { ...flag, ...shown },
  mail: { ...words, ...shown },
  mailEnabled: { ...flag, ...shown },
  mailNickname: { ...words, ...shown },
  onPremisesSyncEnabled: { ...flag, ...shown },
  proxyAddresses: { ...addresses, ...shown },
  securityEnabled: { ...flag, ...shown },
  securityIdentifier: { ...plain, ...shown },
  visibility: { ...plain, ...shown },
  isManagementRestricted: { type: 'boolean', filters: [] },
}

/** `directoryRole`. */
export const directoryRoleProperties: Properties = {
  id: { type: 'string', filters: [], ...shown },
  displayName: { type: 'string', filters: ['eq'], ...shown },
  description: { ...plain, ...shown },
  roleTemplateId: { type: 'string', filters: ['eq'], ...shown },
}

/** What all directory objects have: all that a list of different ones can be asked for. */
export const directoryObjectProperties: Properties = {
  id: { type: 'string', filters: ['eq', 'in'], ...shown },
  displayName: { type: 'string', filters: ['eq', 'startsWith'], ...shown },
  description: { ...plain, ...shown },
  roleTemplateId: { ...plain, ...shown },
  isAssignableToRole: { type: 'boolean', filters: [], ...shown },
  securityEnabled: { type: 'boolean', filters: [], ...shown },
}

/** `unifiedRoleAssignment`, and the eligible ones. */
export const roleAssignmentProperties: Properties = {
  id: { type: 'string', filters: [], ...shown },
  principalId: { type: 'string', filters: ['eq', 'in'], ...shown },
  roleDefinitionId: { type: 'string', filters: ['eq'], ...shown },
  directoryScopeId: { type: 'string', filters: ['eq'], ...shown },
  appScopeId: { ...plain, ...shown },
  memberType: { ...plain },
  startDateTime: { type: 'date', filters: [] },
  endDateTime: { type: 'date', filters: [] },
  status: plain,
}

/** `unifiedRoleDefinition`. */
export const roleDefinitionProperties: Properties = {
  id: { type: 'string', filters: ['eq'], ...shown },
  displayName: { type: 'string', filters: ['eq'], ...shown },
  description: { ...plain, ...shown },
  isBuiltIn: { type: 'boolean', filters: ['eq'], ...shown },
  isEnabled: { type: 'boolean', filters: [], ...shown },
  templateId: { ...plain, ...shown },
  resourceScopes: { type: 'strings', filters: [], ...shown },
}

/** `servicePrincipal`. */
export const servicePrincipalProperties: Properties = {
  id: { type: 'string', filters: ['eq', 'in'], advanced: ['ne'], ...shown },
  appId: { type: 'string', filters: ['eq', 'in'], advanced: ['ne'], ...shown },
  displayName: { ...words, advanced: ['ne'], ...shown },
  appDisplayName: { ...plain, ...shown },
  accountEnabled: { ...flag, ...shown },
  appOwnerOrganizationId: { ...plain, ...shown },
  appRoles: { type: 'object', filters: [], ...shown },
  keyCredentials: { type: 'object', filters: [], ...shown },
  passwordCredentials: { type: 'object', filters: [], ...shown },
  servicePrincipalNames: { type: 'strings', filters: ['eq'], ...shown },
  servicePrincipalType: { ...plain, ...shown },
}

/** `appRoleAssignment`. */
export const appRoleAssignmentProperties: Properties = Object.fromEntries(
  [
    'id',
    'appRoleId',
    'createdDateTime',
    'principalDisplayName',
    'principalId',
    'principalType',
    'resourceDisplayName',
    'resourceId',
  ].map((name): [string, Property] => [name, { ...plain, ...shown }]),
)

/** `organization`. */
export const organizationProperties: Properties = {
  id: { ...plain, ...shown },
  displayName: { ...plain, ...shown },
  onPremisesSyncEnabled: { type: 'boolean', filters: [], ...shown },
  onPremisesLastSyncDateTime: { type: 'date', filters: [], ...shown },
  tenantType: { ...plain, ...shown },
  verifiedDomains: { type: 'object', filters: [], ...shown },
}
