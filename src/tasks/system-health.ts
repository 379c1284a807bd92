import { z } from 'zod'
import { keepSystemHealths, systemHealths } from '#db/queries/system-health.ts'
import type { ReadContext, Store } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import type { IamConnector, SystemRef } from '#src/iam/connector.ts'
import { examineSystems, type SystemHealth } from '#src/iam/doctor.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { JobKind } from '#src/jobs/job.ts'
import type { Log } from '#src/log.ts'

/** What looking after the systems works with. */
export interface HealthDeps {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly connectors: readonly IamConnector[]
}

/** How one system was when it was looked at last; `unknown` before anybody did. */
export interface KnownHealth {
  readonly system: SystemRef
  readonly state: SystemHealth['state'] | 'unknown'
  readonly sinceAt: Date | undefined
  readonly lookedAt: Date | undefined
}

const kind = 'look_at_systems'
const limitMs = 30_000
// People look at their Home tab more often than systems like to be asked.
const freshMs = 5 * 60_000
const State = z.enum(['well', 'missing', 'refused', 'away'])

/** How all systems were when they were looked at last, in the order of the configuration. */
export async function knownHealths(
  ctx: ReadContext,
  systems: readonly SystemRef[],
): Promise<readonly KnownHealth[]> {
  const rows = new Map((await systemHealths(ctx)).map((row) => [row.systemId, row]))
  return systems.map((system) => {
    const row = rows.get(system.id)
    if (row === undefined) return { system, state: 'unknown', sinceAt: undefined, lookedAt: undefined }
    return { system, state: State.parse(row.state), sinceAt: row.sinceAt, lookedAt: row.lookedAt }
  })
}

/** Whether what is known of some system is missing or old. Pure. */
export function isStale(healths: readonly KnownHealth[], now: Date): boolean {
  return healths.some(
    ({ lookedAt }) => lookedAt === undefined || now.getTime() - lookedAt.getTime() > freshMs,
  )
}

/** Has the systems looked at in the background, once for everybody who asks meanwhile. */
export async function askToLook({ store, clock }: Pick<HealthDeps, 'store' | 'clock'>): Promise<void> {
  await store.write((ctx) => enqueue(ctx, clock, { kind, payload: {}, dedupeKey: kind }))
}

/** Keeps how the systems were seen. */
export async function keepHealths(
  { store, clock }: Pick<HealthDeps, 'store' | 'clock'>,
  healths: readonly SystemHealth[],
): Promise<void> {
  const seen = healths.map(({ system, state }) => ({ systemId: system.id, state }))
  await store.write((ctx) => keepSystemHealths(ctx, seen, clock.now()))
}

/** Looks at every system and keeps how it is. Changes nothing there. */
export function lookAtSystemsJob(deps: HealthDeps): JobKind<Record<string, never>> {
  return {
    kind,
    payload: z.object({}).strict(),
    maxAttempts: 1,
    async run(_payload, { signal }) {
      const healths = await examineSystems(deps.connectors, { ...deps, limitMs }, signal)
      const seen = healths.map(({ system, state }) => ({ systemId: system.id, state }))
      return { kind: 'completed', settle: (ctx) => keepSystemHealths(ctx, seen, deps.clock.now()) }
    },
    async givenUp() {},
  }
}
