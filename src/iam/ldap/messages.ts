import type { ConnectorError } from '#src/errors.ts'
import type { LdapFilter } from '#src/iam/ldap/filter.ts'

/** A search. `base` reads one entry, `sub` looks below too. */
export interface LdapSearch {
  readonly base: string
  readonly scope: 'base' | 'sub'
  readonly filter?: LdapFilter
  readonly attributes: readonly string[]
  /** Attributes that are bytes, not text. */
  readonly binary?: readonly string[]
  /** The most entries to ask for; a server that has more answers that many. */
  readonly limit?: number
  readonly namesOnly?: boolean
}

/** One attribute's change within a modify. `replace` without values removes whatever is there. */
export interface LdapChange {
  readonly operation: 'add' | 'delete' | 'replace'
  readonly attribute: string
  readonly values: readonly string[]
}

/** How the password policy overlay answered a sign-in: not there, there without a word, or saying what is wrong. */
export type PolicyAnswer = 'absent' | 'silent' | 'locked' | 'must_change' | 'other'

/** How a sign-in ended. `refusal` is undefined for success, else what our own sign-in would fail with. */
export interface BindAnswer {
  readonly refusal: ConnectorError | undefined
  readonly policy: PolicyAnswer
  /** Seconds until the password ends, when the server warned of it. */
  readonly passwordEndsInS: number | undefined
}
