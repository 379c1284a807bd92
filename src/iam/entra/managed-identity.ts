import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import { unlessStopped } from '#src/iam/entra/pause.ts'
import type { IssuedToken } from '#src/iam/entra/tokens.ts'

/**
 * A token from the host that we run on. Microsoft's library knows the kinds of hosts; it is large, so only who uses it
 * loads it. The library keeps tokens itself, and gives a kept one again for as long as it lives. Throws `misconfigured` on a
 * host without an identity, `bad_credentials` when the host refuses.
 */
export async function askManagedIdentity(wish: {
  readonly clientId: string | undefined
  readonly scope: string
  readonly timeoutMs: number
}): Promise<IssuedToken> {
  const { ManagedIdentityCredential } = await import('@azure/identity')
  const { clientId, scope, timeoutMs } = wish
  const credential = new ManagedIdentityCredential({
    ...(clientId !== undefined && { clientId }),
    // Once, for a connection that was kept open and is gone; after that who asked tries again, and knows for how long.
    retryOptions: { maxRetries: 1, retryDelayInMs: 100 },
  })
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
  const { name, cause } = Reason.safeParse(error).data ?? {}
  if (name === 'AuthenticationRequiredError' || refusals.has(cause?.status ?? 0))
    return new ConnectorError('bad_credentials', 'Refused', { detail: 'managed_identity_refused' }, error)
  // The library looks first whether there is a place to ask; without one there is nothing behind its error.
  if (name === 'CredentialUnavailableError' && cause === undefined)
    return new ConnectorError('misconfigured', 'No identity here', { detail: 'no_managed_identity' }, error)
  return new ConnectorError('unavailable', 'The host gave no token', { detail: 'managed_identity' }, error)
}

// The library calls everything unavailable; what the place answered stands behind that.
const Reason = z.object({ name: z.string(), cause: z.object({ status: z.number().optional() }).optional() })
// Not 404 and 410: an identity that was assigned a moment ago.
const refusals: ReadonlySet<number> = new Set([400, 401, 403])
