import { jobBacklog } from '#db/queries/jobs.ts'
import { outboxBacklog } from '#db/queries/outbox.ts'
import { firstSeen } from '#db/queries/seen-requests.ts'
import { openStore, type Store } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { type Clock, systemClock } from '#src/clock.ts'
import { accessOf, channelsOf, jobRules, signInUrlOf, taskRules, webOf } from '#src/app-rules.ts'
import type { Config } from '#src/config.ts'
import { createConnectors } from '#src/iam/connectors.ts'
import type { IamConnector } from '#src/iam/connector.ts'
import { newId } from '#src/ids.ts'
import { jobKinds } from '#src/job-list.ts'
import { keepPauses } from '#src/jobs/pauses.ts'
import { createRunner, type Runner } from '#src/jobs/runner.ts'
import { createSchedules } from '#src/jobs/schedules.ts'
import type { Log } from '#src/log.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import { createMailing } from '#src/mail/mailing.ts'
import { OutboxMessage } from '#src/outbox/message.ts'
import { largestFile } from '#src/local-users/csv-file.ts'
import { createMetrics } from '#src/operations/metrics.ts'
import { createOperationsServer, type OperationsServer } from '#src/operations/server.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import { createRelay, type Relay } from '#src/outbox/relay.ts'
import { type Actor, type Role, SlackAwayError } from '#src/people/actor.ts'
import { createLastOwner } from '#src/people/owners.ts'
import { findActor } from '#src/people/roles.ts'
import { forgetOldJobKind } from '#src/retention.ts'
import { createStepUp } from '#src/sign-in/step-up.ts'
import { createSlackApp, type SlackApp } from '#src/slack/app.ts'
import { createSlackClients } from '#src/slack/clients.ts'
import type { LateAnswer, Refusal } from '#src/slack/context.ts'
import { createLineDelivery, limitsOf } from '#src/slack/deliver-line.ts'
import { createDownload } from '#src/slack/download.ts'
import { createSlackDelivery } from '#src/slack/deliver.ts'
import { listeners } from '#src/slack/listeners.ts'
import { createSlackPeople } from '#src/slack/people.ts'
import { tellGivenUp } from '#src/slack/tell-owners.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { startWeb } from '#src/web/start.ts'
import type { WebServer } from '#src/web/server.ts'

// Slack refuses requests older than five minutes; a replay is remembered for longer than that.
const replayMs = 15 * 60_000
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
  // Without mails nobody could enroll, so there are no local users then.
  const mailing = createMailing(config)
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
  const { slack: settings } = config
  const clients = createSlackClients({ botToken: settings.botToken.reveal(), apiUrl: settings.apiUrl, log })
  const people = createSlackPeople({ call: clients.people, clock, log })

  const actorOf = async (
    userId: string,
    how: { maxAgeMs: number; signal: AbortSignal; wanted?: readonly Role[] },
  ): Promise<Actor> => {
    const home = slack.home()
    if (home === undefined) throw new SlackAwayError('Slack has not told yet which workspace this is')
    return await findActor({ people, home, roleLists: config.roles }, userId, how)
  }
  const metrics = createMetrics(
    {
      jobsWaiting: async () => (await store.read((ctx) => jobBacklog(ctx, clock.now()))).unfinished,
      outboxLinesWaiting: async () => (await store.read((ctx) => outboxBacklog(ctx))).unsent,
      oldestWaitingSeconds: () => oldestWaitingSeconds(store, clock),
      slackConnections: () => slack.health().open,
      systems: connectors.map(({ system }) => system.id),
    },
    log,
  )
  const factors = config.web && { store, clock, web: config.web }
  const tasks: TaskDeps = {
    store,
    clock,
    log,
    rules,
    connectors,
    onEnforcementEnded: metrics.enforcementEnded,
    stepUp: factors && createStepUp(factors),
    lastOwner: createLastOwner({ people, home: () => slack.home(), owners: config.roles.owner, log }),
  }
  const fetchFile = createDownload({
    botToken: settings.botToken.reveal(),
    hosts: settings.fileHosts,
    allowPlain: settings.apiUrl.startsWith('http:'),
    largestBytes: largestFile,
  })
  const slack: SlackApp = createSlackApp({
    settings,
    listeners,
    services: {
      tasks,
      people,
      factors,
      access,
      findActor: actorOf,
      fetchFile,
      signInUrl: signInUrlOf(config),
    },
    findActor: (home) => (sender, how) =>
      findActor({ people, home, roleLists: config.roles }, sender.userId, how),
    later: (late) => keepAnswer(store, clock, late),
    refused: (refusal) => recordRefusal(store, clock, refusal),
    firstSeen: (key) => {
      const now = clock.now()
      return store.write((ctx) => firstSeen(ctx, key, new Date(now.getTime() + replayMs), now))
    },
    log,
    clock,
    clients,
  })
  const owners = config.roles.owner
  const delivery = createSlackDelivery({
    call: clients.delivery,
    clock,
    log,
    botId: () => slack.home()?.botId,
  })
  const runner = createRunner({
    store,
    clock,
    log,
    kinds: jobKinds({ ...tasks, ...jobRules(config), fetchFile, findActor: actorOf, mailing }),
    concurrency: concurrentJobs,
    lanes: connectors.map(({ system }) => ({
      name: system.id,
      concurrency: config.enforcement.callsPerSystem,
    })),
  })
  const relay = createRelay({
    store,
    clock,
    log,
    concurrency: concurrentLines,
    message: OutboxMessage,
    limitsOf: (line) => limitsOf(channelsOf(config), line),
    deliver: createLineDelivery({
      store,
      clock,
      slack: delivery,
      people,
      channels: channelsOf(config),
      owners,
      approval: rules.approval,
      systems: connectors.map(({ system }) => system),
      findActor: actorOf,
      fetchFile,
    }),
    onDead: (ctx, line, reason) => tellGivenUp(ctx, { clock, owners }, line, reason),
  })

  const schedules = createSchedules({
    store,
    clock,
    log,
    schedules: [{ kind: forgetOldJobKind, payload: {}, pattern: '17 3 * * *' }],
  })

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
      operations = await createOperationsServer({
        ...config.operations,
        metrics,
        log,
        readiness: [
          {
            part: 'slack',
            reason: () => (slack.health().isReady ? undefined : (slack.health().problem ?? 'not connected')),
          },
          { part: 'database', reason: () => store.read(async () => undefined) },
        ],
      })
      const pages = webOf(config)
      if (pages !== undefined)
        web = await startWeb({ ...pages, users: { store, clock }, access, owners, log })
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

/** An answer that Slack did not take in time goes the way of all messages. */
async function keepAnswer(store: Store, clock: Clock, late: LateAnswer): Promise<void> {
  await store.write((ctx) =>
    enqueueLine(ctx, clock, {
      stream: `answer:${newId()}`,
      lane: 'direct',
      message: {
        v: 1,
        kind: 'answer',
        responseUrl: late.responseUrl ?? null,
        endsAt: late.responseUrlEndsAt?.toISOString() ?? null,
        userId: late.userId,
        text: late.answer.text,
      },
    }),
  )
}

async function recordRefusal(store: Store, clock: Clock, refusal: Refusal): Promise<void> {
  const { userId: actor, taskId, tried, code } = refusal
  const event = {
    kind: 'refused',
    actor,
    facts: { tried, code },
    ...(taskId !== undefined && { taskId }),
  } as const
  await store.write((ctx) => record(ctx, clock.now(), event))
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
