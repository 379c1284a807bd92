import { ResultCodeError } from 'ldapts'
import { ConnectorError, type ConnectorErrorFacts } from '#src/errors.ts'

/** What was being done when it failed. After a write that got no answer nobody knows whether it took place. */
export type Phase = 'bind' | 'read' | 'write'

/** The directory's own code, from an answer that was a refusal. Undefined for any other failure. */
export function resultCode(error: unknown): number | undefined {
  return error instanceof ResultCodeError ? error.code : undefined
}

/** Active Directory's codes in its diagnostic message: the leading eight hex digits and `data NNN`. Never its words. */
export function windowsCodes(message: string): {
  readonly code: string | undefined
  readonly data: string | undefined
} {
  return {
    code: /^([0-9A-F]{8})\b/i.exec(message)?.[1]?.toUpperCase(),
    data: /\bdata ([0-9a-f]+)\b/i.exec(message)?.[1]?.toLowerCase(),
  }
}

/** Sorts a refusal or a lost answer. Both directories' codes are in docs/connectors. */
export function failureOf(error: unknown, phase: Phase): ConnectorError {
  if (error instanceof ConnectorError) return error
  if (error instanceof ResultCodeError) return refusal(error, phase)
  return lost(phase, error)
}

/** The connection ended before the answer came. */
export function lost(phase: Phase, cause?: unknown): ConnectorError {
  const facts = { detail: 'connection_lost' }
  if (phase === 'write') return new ConnectorError('unknown_outcome', 'No answer to a write', facts, cause)
  return new ConnectorError('unavailable', 'The connection ended before the answer', facts, cause)
}

/** The answer did not come in time, or the caller gave up waiting. */
export function late(phase: Phase, cancelled: boolean): ConnectorError {
  const facts = { detail: cancelled ? 'cancelled' : 'no_answer' }
  if (phase === 'write') return new ConnectorError('unknown_outcome', 'No answer to a write in time', facts)
  return new ConnectorError('timed_out', 'No answer in time', facts)
}

/** The answer was not LDAP. */
export function malformed(phase: Phase, cause?: unknown): ConnectorError {
  const facts = { detail: 'not_ldap' }
  if (phase === 'write')
    return new ConnectorError('unknown_outcome', 'An unreadable answer to a write', facts, cause)
  return new ConnectorError('bad_response', 'The answer is not LDAP', facts, cause)
}

const ownSignIn: Readonly<Record<string, string>> = {
  '52e': 'wrong_password',
  '525': 'wrong_password',
  '530': 'not_at_this_time',
  '531': 'not_from_here',
  '532': 'password_expired',
  '533': 'account_disabled',
  '701': 'account_expired',
  '773': 'password_expired',
  '775': 'account_locked',
}

function refusal(error: ResultCodeError, phase: Phase): ConnectorError {
  const { code, data } = windowsCodes(error.message)
  const vendorCode = [String(error.code), code, data === undefined ? undefined : `data ${data}`]
    .filter((part) => part !== undefined)
    .join(' ')
  const make = (
    kind: ConstructorParameters<typeof ConnectorError>[0],
    detail: string | undefined,
    facts: ConnectorErrorFacts = {},
  ) => new ConnectorError(kind, error.message, { vendorCode, detail, ...facts }, error)
  switch (error.code) {
    case 1:
      return code === '00002020'
        ? make('unavailable', 'not_signed_in')
        : make('refused_by_vendor', 'operations_error')
    case 3:
    case 4:
    case 11:
      return make('refused_by_vendor', 'limit_exceeded')
    case 8:
    case 13:
      return make('misconfigured', 'tls_required')
    case 10:
      return make('misconfigured', 'referral')
    case 17:
      return make('refused_by_vendor', 'unknown_attribute')
    case 19:
      return make('refused_by_vendor', code === '0000052D' ? 'password_policy' : 'constraint')
    case 32:
      return phase === 'bind' ? make('bad_credentials', 'wrong_password') : make('not_found', 'no_such_entry')
    case 34:
      return phase === 'bind'
        ? make('misconfigured', 'bind_dn_not_a_name')
        : make('refused_by_vendor', 'not_a_name')
    case 48:
    case 49:
      return make('bad_credentials', ownSignIn[data ?? ''] ?? 'wrong_password')
    case 50:
      return make('not_permitted', undefined)
    case 51:
    case 52:
      return make('unavailable', 'busy')
    case 53:
      return make('refused_by_vendor', code === '0000052D' ? 'password_policy' : 'unwilling')
    default:
      return make('refused_by_vendor', undefined)
  }
}
