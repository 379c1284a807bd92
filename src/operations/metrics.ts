import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { Log } from '#src/log.ts'

/** What is looked at each time metrics are asked for. Counts are of this moment, over all replicas where the database counts. */
export interface MetricSources {
  /** Jobs that wait or run. */
  readonly jobsWaiting: () => Promise<number>
  /** Outbox lines that are not delivered yet. */
  readonly outboxLinesWaiting: () => Promise<number>
  /** How long the oldest job or line that is due has been waiting, in seconds; 0 when nothing waits. */
  readonly oldestWaitingSeconds: () => Promise<number>
  /** Open connections to Slack. */
  readonly slackConnections: () => number
  /** Mails that wait, and how long the oldest has, in seconds; 0 when none does. */
  readonly mailsWaiting: () => Promise<number>
  readonly oldestMailSeconds: () => Promise<number>
  /** Whether the mail server could not be asked when this process tried last. */
  readonly isMailServerAway: () => boolean
  /** When a try to send a mail last failed in this process, in seconds since 1970; 0 when none did. */
  readonly lastMailFailureSeconds: () => number
  /** Ids of the configured IAM systems. */
  readonly systems: readonly string[]
  /** Names of the limits of signing in. */
  readonly limits: readonly string[]
}

/** How an enforcement ended, for counting. No names of people or accounts. */
export interface EndedEnforcement {
  readonly systemId: string
  readonly action: string
  readonly result: 'successful' | 'unsuccessful' | 'skipped'
}

/** What is counted, and how it is told. */
export interface Metrics {
  /** Counts one enforcement; call it once its end is committed. */
  readonly enforcementEnded: (ended: EndedEnforcement) => void
  /** An IAM system is sent nothing for now because it does not answer, or answers again. */
  readonly systemAway: (systemId: string, isAway: boolean) => void
  /** A limit of signing in refused a request, or met `times` of them at once. */
  readonly limitMet: (limit: string, times?: number) => void
  readonly contentType: string
  /** All metrics as Prometheus text. A number that cannot be had is `NaN`; never throws for it. */
  readonly text: () => Promise<string>
}

/** The process's own metrics and those of Drawbridge, in a registry of their own. */
export function createMetrics(sources: MetricSources, log: Log): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    const metric = new Gauge({
      name,
      help,
      registers: [],
      async collect() {
        try {
          this.set(await read())
        } catch (error) {
          log.warn({ err: error, metric: name }, 'a metric could not be read')
          this.set(Number.NaN)
        }
      },
    })
    register.registerMetric(metric)
  }
  gauge('drawbridge_jobs_waiting', 'Jobs that wait or run', sources.jobsWaiting)
  gauge('drawbridge_outbox_lines_waiting', 'Messages not delivered yet', sources.outboxLinesWaiting)
  gauge(
    'drawbridge_oldest_waiting_seconds',
    'Age of the oldest job or message that is due',
    sources.oldestWaitingSeconds,
  )
  gauge('drawbridge_slack_connections', 'Open connections to Slack', sources.slackConnections)
  gauge('drawbridge_mails_waiting', 'Mails not sent yet', sources.mailsWaiting)
  gauge('drawbridge_oldest_mail_seconds', 'Age of the oldest mail not sent yet', sources.oldestMailSeconds)
  gauge('drawbridge_mail_server_away', '1 while this process cannot ask the mail server', () =>
    sources.isMailServerAway() ? 1 : 0,
  )
  gauge(
    'drawbridge_mail_last_failure_timestamp_seconds',
    'When a mail last could not be sent by this process; 0 for never',
    sources.lastMailFailureSeconds,
  )
  const enforcements = new Counter({
    name: 'drawbridge_enforcements_total',
    help: 'Enforcements that ended since the process started',
    labelNames: ['system', 'action', 'result'],
    registers: [register],
  })
  const away = new Gauge({
    name: 'drawbridge_iam_system_away',
    help: '1 while this process sends an IAM system nothing because it does not answer',
    labelNames: ['system'],
    registers: [register],
  })
  for (const system of sources.systems) away.set({ system }, 0)
  const limited = new Counter({
    name: 'drawbridge_limited_total',
    help: 'Requests of signing in that a limit refused in this process',
    labelNames: ['limit'],
    registers: [register],
  })
  // A rise from nothing is one too: what was never counted would not show it.
  for (const limit of sources.limits) limited.inc({ limit }, 0)
  return {
    systemAway: (system, isAway) => away.set({ system }, isAway ? 1 : 0),
    enforcementEnded: ({ systemId, action, result }) =>
      enforcements.inc({ system: systemId, action, result }),
    limitMet: (limit, times = 1) => limited.inc({ limit }, times),
    contentType: register.contentType,
    text: () => register.metrics(),
  }
}
