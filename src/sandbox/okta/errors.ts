/** HTTP status and summary of the error codes that this org knows, from Okta's published list. */
export const oktaErrors = {
  E0000001: { status: 400, summary: 'Api validation failed' },
  E0000003: { status: 400, summary: 'The request body was not well-formed.' },
  E0000004: { status: 401, summary: 'Authentication failed' },
  E0000005: { status: 401, summary: 'Invalid session' },
  E0000006: { status: 403, summary: 'You do not have permission to perform the requested action' },
  E0000007: { status: 404, summary: 'Not found: Resource not found' },
  E0000008: { status: 404, summary: 'The requested path was not found' },
  E0000009: { status: 500, summary: 'Internal Server Error' },
  E0000011: { status: 401, summary: 'Invalid token provided' },
  E0000014: { status: 403, summary: 'Update of credentials failed' },
  E0000015: { status: 403, summary: 'You do not have permission to access the feature you are requesting' },
  E0000016: { status: 403, summary: 'Activation failed because the user is already active' },
  E0000021: {
    status: 415,
    summary: 'Bad request. Accept and/or Content-Type headers are likely not set to a supported value.',
  },
  E0000022: { status: 405, summary: 'The endpoint does not support the provided HTTP method' },
  E0000023: {
    status: 403,
    summary: 'Operation failed because user profile is mastered under another system',
  },
  E0000028: { status: 400, summary: 'The request is missing a required parameter.' },
  E0000031: { status: 400, summary: 'Invalid search criteria.' },
  E0000032: { status: 403, summary: 'Unlock is not allowed for this user.' },
  E0000034: { status: 403, summary: 'Forgot password not allowed on specified user.' },
  E0000038: { status: 403, summary: "This operation is not allowed in the user's current status." },
  E0000047: { status: 429, summary: 'API call exceeded rate limit due to too many requests.' },
  E0000080: {
    status: 403,
    summary: 'The password does meet the complexity requirements of the current password policy.',
  },
  E0000112: { status: 403, summary: 'Unable to update the user' },
  E0000236: { status: 502, summary: 'There are no connected agents.' },
  E0000237: { status: 504, summary: 'Timed out waiting for an agent' },
} as const
export type OktaErrorCode = keyof typeof oktaErrors

/** A refusal in Okta's own form, with its error code. */
export class OktaRefusal extends Error {
  readonly code: OktaErrorCode
  readonly causes: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  constructor(
    code: OktaErrorCode,
    causes: readonly string[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${code} ${oktaErrors[code].summary}`)
    this.name = 'OktaRefusal'
    this.code = code
    this.causes = causes
    this.headers = headers
  }
}

/** A refusal of the token endpoint, in the form of RFC 6749. */
export class OAuthRefusal extends Error {
  readonly status: number
  readonly error: string
  readonly headers: Readonly<Record<string, string>>
  constructor(
    status: number,
    error: string,
    description: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(description)
    this.name = 'OAuthRefusal'
    this.status = status
    this.error = error
    this.headers = headers
  }
}

/** The body of an error answer. */
export function errorBody(code: OktaErrorCode, errorId: string, causes: readonly string[] = []): unknown {
  const { summary } = oktaErrors[code]
  return {
    errorCode: code,
    errorSummary: causes.length === 0 || code !== 'E0000001' ? summary : `${summary}: ${causes.join(', ')}`,
    errorLink: code,
    errorId,
    errorCauses: causes.map((errorSummary) => ({ errorSummary })),
  }
}
