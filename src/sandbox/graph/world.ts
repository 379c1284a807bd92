import type { RecordedCall } from '#src/sandbox/http/recorded-call.ts'

/** What Graph tells of a user; times are ISO 8601 in UTC to the second. */
export interface UserProperties {
  readonly id: string
  readonly userPrincipalName: string
  readonly displayName: string | null
  readonly givenName: string | null
  readonly surname: string | null
  readonly mail: string | null
  readonly mailNickname: string | null
  readonly otherMails: readonly string[]
  readonly proxyAddresses: readonly string[]
  readonly accountEnabled: boolean
  readonly userType: string | null
  readonly externalUserState: string | null
  readonly createdDateTime: string
  readonly department: string | null
  readonly jobTitle: string | null
  readonly employeeId: string | null
  readonly employeeType: string | null
  readonly onPremisesSyncEnabled: boolean | null
  readonly onPremisesImmutableId: string | null
  readonly onPremisesSecurityIdentifier: string | null
  readonly onPremisesSamAccountName: string | null
  readonly onPremisesUserPrincipalName: string | null
  readonly onPremisesDistinguishedName: string | null
  readonly onPremisesDomainName: string | null
  readonly onPremisesLastSyncDateTime: string | null
  readonly signInSessionsValidFromDateTime: string | null
  readonly lastPasswordChangeDateTime: string | null
}

/** A person of the tenant as they really are; replaced as a whole at every change, so one that was kept is what was. */
export interface Person {
  readonly id: string
  readonly properties: UserProperties
  readonly password: string
  /** At the next sign-in; `with_mfa`: only after a second factor. */
  readonly mustChangePassword: 'no' | 'yes' | 'with_mfa'
  /** How often sign-in sessions were revoked. */
  readonly revocations: number
  /** What the on-premises directory says; written back by the next synchronization. */
  readonly isEnabledOnPremises: boolean
}

/** A group. Members and owners are ids of people, groups and service principals. */
export interface Group {
  readonly id: string
  readonly displayName: string
  readonly isAssignableToRole: boolean
  readonly members: readonly string[]
  readonly owners: readonly string[]
}

/** An administrative unit; a restricted one shields its members from everybody without a role at its scope. */
export interface Unit {
  readonly id: string
  readonly displayName: string
  readonly isMemberManagementRestricted: boolean
  readonly members: readonly string[]
}

/** A role that a person, a group or a service principal holds, or may take at will (`isEligible`). */
export interface RoleHolding {
  readonly id: string
  readonly principalId: string
  /** The template id, or the id of a custom role. */
  readonly roleId: string
  readonly displayName: string
  /** `/` or `/administrativeUnits/{id}`. */
  readonly scope: string
  readonly isEligible: boolean
}

/** What an administrator of the tenant can change at run time, and how Graph behaves where its documentation is vague. */
export interface Settings {
  app: { enabled: boolean; secretExpired: boolean; blockedByConditionalAccess: boolean }
  /** Life of tokens given from now on; undefined: random between 60 and 90 minutes. */
  tokenSeconds: number | undefined
  /** Tokens are opaque by contract: then no claim can be read from them. */
  opaqueTokens: boolean
  /** After a change, so many reads, or so long, still show the old state. */
  replicaLag: { reads: number; ms: number }
  /** `proxyAddresses` and `otherMails` can only be searched with the advanced parameters. */
  addressesNeedAdvanced: boolean
  /** A filter that joins different properties with `or` is refused as unsupported. */
  joinedFilterRefused: boolean
  /** What `revokeSignInSessions` answers. */
  revokeAnswer: 'value' | 'without_value' | 'no_content'
  /** Whether ending the sessions of an administrator needs a directory role as well. */
  revokingAdminsNeedsRole: boolean
  /** How a change of somebody too privileged is refused: the usual 403, or the 400 that was seen instead. */
  privilegedRefusal: 'denied' | 'read_only_property'
  /** Whether `passwordProfile` shows its flags when it is read. */
  passwordProfileReads: 'null' | 'flags'
  /** Largest page. */
  pageSize: number
  /** Put into links to next pages in place of our own address. */
  nextLinkOrigin: string | undefined
  /** How long each call takes. */
  latencyMs: number | ((method: string, path: string) => number)
  organization: { onPremisesSyncEnabled: boolean | null; onPremisesLastSyncDateTime: string | null }
}

/** A token that the authority gave the app. */
export interface AccessToken {
  readonly permissions: readonly string[]
  readonly audience: string
  readonly endsAt: number
}

/** All that the tenant knows. Maps are changed in place, what they hold is replaced. */
export interface World {
  graphUrl: string
  authorityUrl: string
  readonly tenant: { readonly id: string; readonly domain: string; readonly displayName: string }
  readonly settings: Settings
  readonly now: () => number
  readonly people: Map<string, Person>
  readonly groups: Map<string, Group>
  readonly units: Map<string, Unit>
  readonly roles: Map<string, RoleHolding>
  /** What advanced queries see; undefined: the truth. */
  index: Index | undefined
  /** Old states that reads still show. */
  readonly stale: Map<string, { readonly person: Person; reads: number; readonly until: number }>
  readonly app: {
    readonly clientId: string
    secret: string
    /** What proves to the host's identity endpoint that the caller runs on it. */
    readonly identityHeader: string
    /** Id of the service principal in this tenant. */
    readonly principalId: string
    /** PEM certificates that were uploaded. */
    readonly certificates: string[]
    /** App roles with admin consent; a token holds those of its moment. */
    readonly permissions: Set<string>
    readonly usedAssertions: Set<string>
  }
  readonly tokens: Map<string, AccessToken>
  /** Tokens issued before were revoked (continuous access evaluation). */
  readonly revokedTokens: Set<string>
  /** Calls to Graph. */
  readonly calls: RecordedCall[]
  /** Calls to the authority. */
  readonly authorityCalls: RecordedCall[]
  /** What a caller did wrong: requests that the vendor refuses as malformed, and what its documentation advises against. */
  readonly complaints: string[]
}

/** A snapshot that lags behind. */
export type Index = Pick<World, 'people' | 'groups' | 'units' | 'roles'>
