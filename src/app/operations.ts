import { jobBacklog } from '#db/queries/jobs.ts'
import { mailBacklog } from '#db/queries/mails.ts'
import { outboxBacklog } from '#db/queries/outbox.ts'
import type { Store } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import type { Log } from '#src/log.ts'
import type { MailWatch } from '#src/mail/watch.ts'
import { createMetrics, type Metrics } from '#src/operations/metrics.ts'
import { createOperationsServer, type OperationsServer } from '#src/operations/server.ts'
import { limitNames } from '#src/limits.ts'
import type { SlackHealth } from '#src/slack/app.ts'

/** What is told about the whole bot. */
interface Watched {
  readonly store: Store
  readonly slackHealth: () => SlackHealth
  readonly mail: Pick<MailWatch, 'away' | 'lastFailureAt'>
  readonly log: Log
}

/** Counts what waits in the database, and what runs as it is told. */
export function metricsOf(
  watched: Watched & { readonly clock: Clock; readonly systems: readonly string[] },
): Metrics {
  const { store, clock, slackHealth, mail, systems, log } = watched
  return createMetrics(
    {
      jobsWaiting: async () => (await store.read((ctx) => jobBacklog(ctx, clock.now()))).unfinished,
      outboxLinesWaiting: async () => (await store.read((ctx) => outboxBacklog(ctx))).unsent,
      oldestWaitingSeconds: () => oldestWaitingSeconds(store, clock),
      slackConnections: () => slackHealth().open,
      mailsWaiting: async () => (await store.read(mailBacklog)).waiting,
      oldestMailSeconds: async () => secondsSince((await store.read(mailBacklog)).oldestAt, clock),
      isMailServerAway: () => mail.away() !== undefined,
      lastMailFailureSeconds: () => (mail.lastFailureAt()?.getTime() ?? 0) / 1000,
      systems,
      limits: limitNames,
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
  const { store, slackHealth, mail, metrics, settings, log } = watched
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
    // What the server said stays in the log: it may hold addresses.
    alsoTold: [{ part: 'mail', reason: () => mail.away() && 'the mail server is away' }],
  })
}

function secondsSince(at: Date | undefined, clock: Clock): number {
  return at === undefined ? 0 : (clock.now().getTime() - at.getTime()) / 1000
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
