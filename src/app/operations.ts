import { jobBacklog } from '#db/queries/jobs.ts'
import { outboxBacklog } from '#db/queries/outbox.ts'
import type { Store } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import type { Log } from '#src/log.ts'
import { createMetrics, type Metrics } from '#src/operations/metrics.ts'
import { createOperationsServer, type OperationsServer } from '#src/operations/server.ts'
import type { SlackHealth } from '#src/slack/app.ts'

/** What is told about the whole bot. */
interface Watched {
  readonly store: Store
  readonly slackHealth: () => SlackHealth
  readonly log: Log
}

/** Counts what waits in the database, and what runs as it is told. */
export function metricsOf(
  watched: Watched & { readonly clock: Clock; readonly systems: readonly string[] },
): Metrics {
  const { store, clock, slackHealth, systems, log } = watched
  return createMetrics(
    {
      jobsWaiting: async () => (await store.read((ctx) => jobBacklog(ctx, clock.now()))).unfinished,
      outboxLinesWaiting: async () => (await store.read((ctx) => outboxBacklog(ctx))).unsent,
      oldestWaitingSeconds: () => oldestWaitingSeconds(store, clock),
      slackConnections: () => slackHealth().open,
      systems,
    },
    log,
  )
}

/** Serves health, readiness and metrics. */
export function serveOperations(
  watched: Watched & {
    readonly metrics: Metrics
    readonly settings: { readonly host: string; readonly port: number }
  },
): Promise<OperationsServer> {
  const { store, slackHealth, metrics, settings, log } = watched
  const slackProblem = (): string | undefined => {
    const { isReady, problem } = slackHealth()
    return isReady ? undefined : (problem ?? 'not connected')
  }
  return createOperationsServer({
    ...settings,
    metrics,
    log,
    readiness: [
      { part: 'slack', reason: slackProblem },
      { part: 'database', reason: () => store.read(async () => undefined) },
    ],
  })
}

/** How long the oldest due job or undelivered line has been waiting. */
async function oldestWaitingSeconds(store: Store, clock: Clock): Promise<number> {
  const now = clock.now()
  const [job, line] = await store.read(async (ctx) => [
    (await jobBacklog(ctx, now)).oldestDueAt,
    (await outboxBacklog(ctx)).oldestAt,
  ])
  const oldest = Math.min(job?.getTime() ?? now.getTime(), line?.getTime() ?? now.getTime())
  return (now.getTime() - oldest) / 1000
}
