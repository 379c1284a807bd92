import type { Clock } from '#src/clock.ts'
import type { SystemKind } from '#src/iam/connector.ts'
import type { OktaClient } from '#src/iam/okta/client.ts'
import type { OktaConnection } from '#src/iam/okta/settings.ts'

/** What every part of this connector is handed. */
export interface OktaDeps {
  readonly settings: OktaConnection
  readonly client: OktaClient
  readonly protectedGroups: readonly string[]
  readonly otherKinds: readonly SystemKind[]
  readonly lookAgainAfterMs: readonly number[]
  readonly clock: Clock
  /** The id of the person whose API token we use; undefined for an app, which is no person. */
  ownId(signal: AbortSignal): Promise<string | undefined>
}
