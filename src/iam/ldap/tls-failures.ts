import { ConnectorError } from '#src/errors.ts'

const certificateDetails: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate_untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate_untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate_untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate_untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate_untrusted',
  CERT_SIGNATURE_FAILURE: 'certificate_untrusted',
  CERT_UNTRUSTED: 'certificate_untrusted',
  INVALID_CA: 'certificate_untrusted',
  INVALID_PURPOSE: 'certificate_untrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate_wrong_name',
  HOSTNAME_MISMATCH: 'certificate_wrong_name',
  CERT_HAS_EXPIRED: 'certificate_expired',
  CERT_NOT_YET_VALID: 'certificate_not_yet_valid',
  CERT_REVOKED: 'certificate_revoked',
}

const networkDetails: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection_refused',
  ENOTFOUND: 'host_name_not_found',
  EAI_AGAIN: 'host_name_not_found',
  EHOSTUNREACH: 'host_unreachable',
  ENETUNREACH: 'host_unreachable',
  ETIMEDOUT: 'host_unreachable',
}

/**
 * Sorts a failure to reach a server or to agree on TLS with it: nothing was asked yet. Wrong certificates don't get
 * right by waiting (`misconfigured`, with a `certificate_…` detail each); everything else may (`unavailable`).
 */
export function connectFailure(error: unknown, host: string): ConnectorError {
  if (error instanceof ConnectorError) return error
  const code = errorCode(error)
  const certificate = certificateDetails[code]
  if (certificate !== undefined)
    return new ConnectorError(
      'misconfigured',
      `TLS with ${host}: ${code}`,
      { detail: certificate, vendorCode: code, where: host },
      error,
    )
  if (code.startsWith('ERR_SSL') || code === 'EPROTO')
    return new ConnectorError(
      'misconfigured',
      `No TLS with ${host}: ${code}`,
      { detail: 'tls_not_spoken', vendorCode: code, where: host },
      error,
    )
  const detail = networkDetails[code] ?? 'connection_lost'
  return new ConnectorError(
    'unavailable',
    `No connection to ${host}: ${code}`,
    { detail, where: host },
    error,
  )
}

/** The machine-readable code of a system error, also of several tried addresses at once; `unknown` without one. */
function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  return error instanceof AggregateError && error.errors.length > 0 ? errorCode(error.errors[0]) : 'unknown'
}
