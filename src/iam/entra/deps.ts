import type { Clock } from '#src/clock.ts'
import type { GraphClient } from '#src/iam/entra/client.ts'
import type { EntraSettings } from '#src/iam/entra/settings.ts'

/** What every part of this connector is handed. */
export interface EntraDeps {
  readonly settings: EntraSettings
  readonly client: GraphClient
  readonly protectedGroups: readonly string[]
  /** How long it waits before each look at a change: writes spread through the directory for seconds. */
  readonly readBackDelaysMs: readonly number[]
  readonly clock: Clock
}
