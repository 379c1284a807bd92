import type { ConnectionReport } from '#src/iam/connector.ts'
import type { OktaDeps } from '#src/iam/okta/deps.ts'
import { oktaRights } from '#src/iam/okta/permissions.ts'

/** Signs in and reads one person: the cheapest call that the rights of the app allow. Throws `ConnectorError`. */
export async function reportOrg(deps: OktaDeps, signal: AbortSignal): Promise<ConnectionReport> {
  const { client, clock, settings } = deps
  const askedAt = clock.now().getTime()
  const { headers, durationMs } = await client.call(
    { method: 'GET', path: '/api/v1/users', query: { limit: '1' }, right: oktaRights.readPeople },
    signal,
  )
  const theirMs = Date.parse(headers.get('date') ?? '')
  const skewMs = theirMs - wholeSeconds(askedAt)
  return {
    address: settings.url,
    latencyMs: durationMs,
    clockSkewMs: Number.isNaN(skewMs) ? undefined : skewMs,
    certificateEndsAt: undefined,
    credentialEndsAt: undefined,
  }
}

/** Servers tell the time in whole seconds, cut off. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000
}
