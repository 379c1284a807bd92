import { ConnectorError } from '#src/errors.ts'
import type { ConnectionReport } from '#src/iam/connector.ts'
import { readCertificate } from '#src/iam/entra/certificate.ts'
import type { EntraDeps } from '#src/iam/entra/deps.ts'
import { graphRights } from '#src/iam/entra/permissions.ts'

/**
 * Signs in and reads one person: the cheapest call that the permissions allow. A refusal for want of a permission is an
 * answer, too; which one, `checkRights` says. Throws `ConnectorError`.
 */
export async function reportTenant(deps: EntraDeps, signal: AbortSignal): Promise<ConnectionReport> {
  const { client, clock, settings } = deps
  const { certificateFile } = settings
  const query = { $top: '1', $select: 'id' }
  const call = { method: 'GET', path: '/users', query, right: graphRights.readUsers } as const
  // The first one pays for the token and the connection.
  await unlessRefused(client.call(call, signal))
  const askedAt = clock.now().getTime()
  const begunAt = performance.now()
  const answer = await unlessRefused(client.call(call, signal))
  // Servers tell the time in whole seconds, cut off.
  const skewMs = Date.parse(answer?.headers.get('date') ?? '') - Math.floor(askedAt / 1_000) * 1_000
  return {
    address: settings.graphUrl,
    latencyMs: answer?.durationMs ?? performance.now() - begunAt,
    clockSkewMs: Number.isNaN(skewMs) ? undefined : skewMs,
    certificateEndsAt: undefined,
    // The end of a secret stands with the application, which we have no right to read.
    credentialEndsAt:
      certificateFile === undefined ? undefined : (await readCertificate(certificateFile)).endsAt,
  }
}

async function unlessRefused<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_permitted') return undefined
    throw error
  }
}
