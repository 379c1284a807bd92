/** Codes of refusals that people see; tests and callers branch on these, never on the sentence. */
export type UserErrorCode =
  | 'not_allowed'
  | 'not_a_member'
  | 'nothing_typed'
  | 'not_understood'
  | 'nobody_found'
  | 'not_found'
  | 'ambiguous'
  | 'protected'
  | 'nothing_to_do'
  | 'already_running'
  | 'already_decided'
  | 'own_request'
  | 'about_you'
  | 'stale'
  | 'too_long'
  | 'missing'
  | 'not_confirmed'
  | 'not_disabled_here'
  | 'already_there'
  | 'over_limit'
  | 'slack_away'
  /** A one-time or recovery code, or a passkey, that is not good now. */
  | 'wrong_code'
  /** Too many wrong ones in a row: the sentence says until when to wait. */
  | 'too_many'
  /** A Slack person who is not linked to a local user. */
  | 'not_bound'
  /** Only right after a sign-in. */
  | 'sign_in_again'

/**
 * An expected refusal. The sentence is shown exactly as written: what is true now, then what to do.
 * `field` is the schema key of the form field it belongs under, where there is one; `waitMs` how long to wait with
 * `too_many`, where that is known.
 */
export class UserError extends Error {
  readonly code: UserErrorCode
  readonly field: string | undefined
  readonly waitMs: number | undefined
  constructor(code: UserErrorCode, sentence: string, field?: string, waitMs?: number) {
    super(sentence)
    this.name = 'UserError'
    this.code = code
    this.field = field
    this.waitMs = waitMs
  }
}

/** What went wrong between us and one IAM system. */
export const connectorErrorCodes = [
  'not_found',
  'not_permitted',
  'bad_credentials',
  'rate_limited',
  'unavailable',
  'timed_out',
  'unknown_outcome',
  'bad_response',
  'not_supported',
  'refused_by_vendor',
  'misconfigured',
] as const
export type ConnectorErrorCode = (typeof connectorErrorCodes)[number]

/** Facts behind a `ConnectorError`, from which sentences and retry plans are made. Plain JSON: it is stored. */
export interface ConnectorErrorFacts {
  /** The missing right as the vendor names it, e.g. `write userAccountControl`. */
  readonly permission?: string | undefined
  /** Who can grant it, e.g. "a domain administrator". */
  readonly grantedBy?: string | undefined
  /** Where, in words an administrator can follow, e.g. "on OU=Staff,DC=…". */
  readonly where?: string | undefined
  /** ISO time before which the vendor asked us not to come back. */
  readonly retryAt?: string | undefined
  /** The vendor's own code, e.g. `50` or `data 533`. */
  readonly vendorCode?: string | undefined
  readonly requestId?: string | undefined
  /** The account's state in the vendor's own word, where it explains the refusal, e.g. `PASSWORD_EXPIRED`. */
  readonly state?: string | undefined
  /** A short machine word that narrows the code down, e.g. `certificate_expired`, `account_changed_meanwhile`. */
  readonly detail?: string | undefined
}

/** A call to an IAM system that did not end as wanted. The message is for the log only. */
export class ConnectorError extends Error {
  readonly code: ConnectorErrorCode
  readonly facts: ConnectorErrorFacts
  constructor(code: ConnectorErrorCode, message: string, facts: ConnectorErrorFacts = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'ConnectorError'
    this.code = code
    this.facts = facts
  }
}
