import type { Clock } from '#src/clock.ts'
import type { ConnectionReport } from '#src/iam/connector.ts'
import type { LdapSession } from '#src/iam/ldap.ts'
import { type RootDse, readRootDse } from '#src/iam/ldap/root-dse.ts'

/** What the server says of itself, and how it answered. */
export interface ServerReport {
  readonly report: ConnectionReport
  readonly root: RootDse
}

/**
 * Asks the server about itself: how long it takes, its clock where it tells the time, its certificate's end, and the end
 * of our password where it warned us of it at the sign-in (draft-behera-ldap-password-policy, timeBeforeExpiration).
 */
export async function reportServer(session: LdapSession, clock: Clock): Promise<ServerReport> {
  const { connection, passwordEndsInS } = session
  const askedAt = clock.now().getTime()
  const begun = performance.now()
  const root = await readRootDse(connection)
  const latencyMs = performance.now() - begun
  const report = {
    address: connection.address.url,
    latencyMs,
    clockSkewMs: root.clockMs === undefined ? undefined : skew(root.clockMs, askedAt + latencyMs / 2),
    certificateEndsAt: connection.certificate?.expiresAt,
    credentialEndsAt: passwordEndsInS === undefined ? undefined : new Date(askedAt + passwordEndsInS * 1_000),
  }
  return { report, root }
}

/** Servers tell the time in whole seconds, cut off. */
function skew(theirsMs: number, oursMs: number): number {
  return theirsMs - Math.floor(oursMs / 1_000) * 1_000
}
