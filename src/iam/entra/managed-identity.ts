import { ConnectorError } from '#src/errors.ts'
import { unlessStopped } from '#src/iam/entra/pause.ts'
import type { IssuedToken } from '#src/iam/entra/tokens.ts'

/**
 * A token from the host that we run on. Microsoft's library knows the kinds of hosts; it is large, so only who uses it
 * loads it. Throws `misconfigured` on a host without an identity, `bad_credentials` when the host refuses.
 */
export async function askManagedIdentity(wish: {
  readonly clientId: string | undefined
  readonly scope: string
  readonly timeoutMs: number
}): Promise<IssuedToken> {
  const { ManagedIdentityCredential } = await import('@azure/identity')
  const { clientId, scope, timeoutMs } = wish
  const credential =
    clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId })
  const limit = AbortSignal.timeout(timeoutMs)
  const askedAtMs = performance.now()
  try {
    // The library does not look at the signal in every kind of host.
    const token = await unlessStopped(credential.getToken(scope, { abortSignal: limit }), limit)
    const askedAt = performance.timeOrigin + askedAtMs
    return { value: token.token, livesMs: token.expiresOnTimestamp - askedAt }
  } catch (error) {
    throw explain(error)
  }
}

function explain(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error
  const name = error instanceof Error ? error.name : ''
  if (name === 'CredentialUnavailableError')
    return new ConnectorError('misconfigured', 'No identity here', { detail: 'no_managed_identity' }, error)
  if (name === 'AuthenticationError' || name === 'AuthenticationRequiredError')
    return new ConnectorError('bad_credentials', 'Refused', { detail: 'managed_identity_refused' }, error)
  return new ConnectorError('unavailable', 'The host gave no token', { detail: 'managed_identity' }, error)
}
