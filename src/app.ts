import { openStore, type Store } from '#db/store.ts'
import { metricsOf, serveOperations } from '#src/app/operations.ts'
import { accessOf, channelsOf, jobRules, signInUrlOf, taskRules, webOf } from '#src/app/rules.ts'
import { slackApp, slackCalls } from '#src/app/slack.ts'
import { type Clock, systemClock } from '#src/clock.ts'
import { adviceOn, type Config } from '#src/config.ts'
import { createConnectors } from '#src/iam/connectors.ts'
import type { IamConnector } from '#src/iam/connector.ts'
import { jobKinds } from '#src/job-list.ts'
import { keepPauses } from '#src/jobs/pauses.ts'
import { createRunner, type Runner } from '#src/jobs/runner.ts'
import { createSchedules } from '#src/jobs/schedules.ts'
import type { Log } from '#src/log.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import { createMailing } from '#src/mail/mailing.ts'
import { createMailWatch } from '#src/mail/watch.ts'
import type { OperationsServer } from '#src/operations/server.ts'
import { OutboxMessage } from '#src/outbox/message.ts'
import { createRelay, type Relay } from '#src/outbox/relay.ts'
import { forgettingSchedules } from '#src/retention.ts'
import { createStepUp } from '#src/sign-in/step-up.ts'
import type { SlackApp } from '#src/slack/app.ts'
import { createLineDelivery, limitsOf } from '#src/slack/deliver-line.ts'
import { tellGivenUp } from '#src/slack/tell-owners.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { startWeb } from '#src/web/start.ts'
import type { WebServer } from '#src/web/server.ts'

const concurrentJobs = 32
const concurrentLines = 8

/** The whole bot, wired. */
export interface App {
  readonly store: Store
  readonly slack: SlackApp
  /** For tests, which step jobs and messages by hand. */
  readonly runner: Runner
  readonly relay: Relay
  readonly connectors: readonly IamConnector[]
  /** Where the pages are served; undefined before the start and without `web` in the configuration. */
  webPort(): number | undefined
  /** Connects to Slack, then works. Throws `StartUpError` for what waiting does not mend. */
  start(): Promise<void>
  /** Takes nothing new, lets what runs end within the grace, and closes the database. */
  stop(graceMs?: number): Promise<void>
}

/** The database could not be opened. The sentence is for the person who runs Drawbridge; `cause` is what the engine said. */
export class DatabaseError extends Error {
  constructor(cause: unknown) {
    const said = cause instanceof Error && cause.message !== '' ? cause.message : String(cause)
    super(`The database that database.url names cannot be opened: ${said}`, { cause })
    this.name = 'DatabaseError'
  }
}

/**
 * Wires everything for one configuration; the only place that knows everybody. Opens the database, contacts nothing else.
 * Throws `DatabaseError`.
 */
export async function createApp(options: {
  readonly config: Config
  readonly log: Log
  readonly clock?: Clock
}): Promise<App> {
  const { config, log } = options
  const clock = options.clock ?? systemClock
  const store = await openDatabase(config)
  const rules = taskRules(config)
  const access = accessOf(config)
  const channels = channelsOf(config)
  const owners = config.roles.owner
  // Without mails nobody could enroll, so there are no local users then.
  const mail = createMailWatch({ clock, log })
  const mailing = createMailing(config, mail)
  const connectors = createConnectors(config.iamSystems, {
    callTimeoutMs: rules.callTimeoutMs,
    protectedEntries: [...rules.protection.deny, ...rules.protection.twoApprovers],
    local: mailing && createLocalDirectory({ store, clock }),
    clock,
    guard: {
      log,
      callsPerSystem: config.enforcement.callsPerSystem,
      pauses: keepPauses(store, 'iam'),
      onAway: (id, isAway) => metrics.systemAway(id, isAway),
    },
  })
  const systems = connectors.map(({ system }) => system)
  const watched = { store, slackHealth: () => slack.health(), mail, log }
  const metrics = metricsOf({ ...watched, clock, systems: systems.map(({ id }) => id) })

  const calls = slackCalls({ config, clock, log, home: () => slack.home() })
  const { people, findActor, fetchFile } = calls
  const onLimit = metrics.limitMet
  const factors = config.web && { store, clock, onLimit, web: config.web }
  const tasks: TaskDeps = {
    ...{ store, clock, log, rules, connectors },
    onEnforcementEnded: metrics.enforcementEnded,
    stepUp: factors && createStepUp(factors),
    lastOwner: calls.lastOwner,
  }
  const services = { tasks, factors, access, signInUrl: signInUrlOf(config) }
  const slack: SlackApp = slackApp({ config, clock, log, store, calls, services })

  const runner = createRunner({
    ...{ store, clock, log },
    kinds: jobKinds({
      ...{ ...tasks, ...jobRules(config), fetchFile, findActor, mailing },
      peopleFirst: slack.answered,
    }),
    concurrency: concurrentJobs,
    lanes: systems.map(({ id }) => ({ name: id, concurrency: config.enforcement.callsPerSystem })),
  })
  const relay = createRelay({
    ...{ store, clock, log },
    concurrency: concurrentLines,
    message: OutboxMessage,
    limitsOf: (line) => limitsOf(channels, line),
    deliver: createLineDelivery({
      ...{ store, clock, slack: calls.delivery, people, channels, owners },
      ...{ approval: rules.approval, systems, findActor, fetchFile },
    }),
    onDead: (ctx, line, reason) => tellGivenUp(ctx, { clock, owners }, line, reason),
  })
  const schedules = createSchedules({ store, clock, log, schedules: forgettingSchedules })

  let operations: OperationsServer | undefined
  let web: WebServer | undefined
  return {
    store,
    slack,
    runner,
    relay,
    connectors,
    webPort: () => web?.port,
    async start() {
      for (const { path, sentence } of adviceOn(config)) log.warn({ setting: path }, sentence)
      operations = await serveOperations({ ...watched, metrics, settings: config.operations })
      const pages = webOf(config)
      if (pages !== undefined)
        web = await startWeb({ ...pages, users: { store, clock, onLimit }, access, owners, log })
      await slack.start()
      await runner.start()
      await relay.start()
      await schedules.start()
    },
    async stop(graceMs = 10_000) {
      await schedules.stop()
      await web?.[Symbol.asyncDispose]()
      await slack.stop(graceMs)
      await Promise.all([runner.stop(graceMs), relay.stop(graceMs)])
      await operations?.[Symbol.asyncDispose]()
      await mailing?.[Symbol.asyncDispose]()
      await store.close()
    },
  }
}

async function openDatabase(config: Config): Promise<Store> {
  try {
    return await openStore(config.database.url.reveal())
  } catch (error) {
    throw new DatabaseError(error)
  }
}
