import { setTimeout as wait } from 'node:timers/promises'
import { App, LogLevel } from '@slack/bolt'
import type { Clock } from '#src/clock.ts'
import { newReferenceCode } from '#src/ids.ts'
import type { HomeWorkspace } from '#src/people/actor.ts'
import {
  createSlackClients,
  type SlackClients,
  slackLibraryLogger,
  webClientOptions,
} from '#src/slack/clients.ts'
import type { FindActor, Later, Log, Refusal } from '#src/slack/context.ts'
import type { Listener } from '#src/slack/define.ts'
import { createHttpReceiver } from '#src/slack/http.ts'
import { listen } from '#src/slack/listening/dispatch.ts'
import { createIntake, type FirstSeen, type Intake } from '#src/slack/receiving.ts'
import { createSockets, type HealthyReceiver } from '#src/slack/sockets.ts'
import { type BotIdentity, identifyBot, StartUpError } from '#src/slack/start-up.ts'
import type { Secret } from '#src/secrets.ts'

/** The part of the configuration that says how Slack is reached. */
export type SlackSettings = {
  readonly botToken: Secret
  /** Ends in `/api/`. */
  readonly apiUrl: string
} & (
  | { readonly mode: 'socket'; readonly appToken: Secret; readonly connections?: number | undefined }
  | {
      readonly mode: 'http'
      readonly signingSecret: Secret
      readonly port: number
      readonly host?: string | undefined
    }
)

/** What the Slack edge is made of. */
export interface SlackAppDeps<S> {
  readonly settings: SlackSettings
  readonly listeners: readonly Listener<S>[]
  readonly services: S
  /** Handed the bot's own workspace, which is known only once Slack has been asked. */
  readonly findActor: (home: HomeWorkspace) => FindActor
  readonly later: Later
  /** Records that somebody was refused. */
  readonly refused: (refusal: Refusal) => Promise<void>
  readonly firstSeen: FirstSeen
  readonly log: Log
  readonly clock: Clock
  readonly clients?: SlackClients
  /** For tests; the defaults keep Slack's limit of 3 s. */
  readonly limits?: {
    readonly submitMs?: number
    readonly answerMs?: number
    readonly retryMs?: number
  }
}

/** How we stand with Slack. */
export interface SlackHealth {
  readonly isReady: boolean
  /** Connections open and wanted (1 of 1 in HTTP mode). */
  readonly open: number
  readonly wanted: number
  readonly since: Date
  readonly problem: string | undefined
}

/** The Slack edge while it lives. */
export interface SlackApp {
  /**
   * Connects. Throws `StartUpError` for what waiting does not mend; when Slack is away it returns and goes on trying in
   * the background, and `health` says so.
   */
  readonly start: () => Promise<void>
  /** Takes nothing new, waits for acks and for listeners that run (up to `limitMs`), then closes. */
  readonly stop: (limitMs?: number) => Promise<void>
  readonly health: () => SlackHealth
  /** Resolves when what people have asked for until now is answered, or after the time. */
  readonly answered: (limitMs: number) => Promise<void>
  /** The bot's workspace; undefined until Slack has told. */
  readonly home: () => BotIdentity | undefined
  /** The port in HTTP mode (for tests that ask for any). */
  readonly port: () => number | undefined
}

/** The Slack edge: receives, dispatches to the listeners, and keeps the connections. */
export function createSlackApp<S>(deps: SlackAppDeps<S>): SlackApp {
  const stopping = new AbortController()
  const clients =
    deps.clients ??
    createSlackClients({ ...deps.settings, botToken: deps.settings.botToken.reveal(), log: deps.log })
  const awaySince = deps.clock.now()
  let problem: string | undefined = 'not started'
  let running: { readonly me: BotIdentity; readonly receiver: Received; readonly intake: Intake } | undefined

  async function connect(): Promise<void> {
    const me = await identifyBot({ ...deps.settings, log: deps.log })
    running = build(deps, { me, clients, stopping: stopping.signal })
    await running.receiver.start()
    problem = undefined
  }

  async function keepTrying(failures: number): Promise<void> {
    const pauseMs = Math.min(60_000, (deps.limits?.retryMs ?? 1000) * 2 ** Math.min(failures, 10))
    await wait(pauseMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
    if (stopping.signal.aborted) return
    await connect().catch((error: unknown) => {
      problem = error instanceof StartUpError ? error.message : 'Slack cannot be reached'
      deps.log.error({ err: error }, `Not connected to Slack: ${problem}`)
      return keepTrying(failures + 1)
    })
  }

  return {
    start: async () => {
      try {
        await connect()
      } catch (error) {
        if (error instanceof StartUpError) throw error
        problem = 'Slack cannot be reached'
        deps.log.error({ err: error }, 'Slack cannot be reached; I go on trying')
        void keepTrying(0)
      }
    },
    stop: async (limitMs = 10_000) => {
      await running?.receiver.stop()
      await running?.intake.settle(limitMs)
      stopping.abort()
    },
    health: () => {
      const health = running?.receiver.health() ?? {
        open: 0,
        wanted: 1,
        since: awaySince,
        problem: undefined,
      }
      return {
        ...health,
        isReady: health.open > 0 && !stopping.signal.aborted,
        problem: problem ?? health.problem,
      }
    },
    answered: async (limitMs) => await running?.intake.settle(limitMs),
    home: () => running?.me,
    port: () => running?.receiver.port?.(),
  }
}

type Received = HealthyReceiver & { readonly port?: () => number }

function build<S>(
  deps: SlackAppDeps<S>,
  known: { readonly me: BotIdentity; readonly clients: SlackClients; readonly stopping: AbortSignal },
) {
  const { me, clients } = known
  const intake: Intake = createIntake({ app: () => app, firstSeen: deps.firstSeen, log: deps.log })
  const receiver = createReceiver(deps, intake)
  const clientOptions = webClientOptions({ ...deps.settings, log: deps.log, timeoutMs: 5000 })
  const app = new App({
    receiver,
    // Bolt's own client is not used; it is kept from retrying should a listener ever take it.
    clientOptions,
    // Bolt's memory of conversations is not used, and keeping it is much of what a payload costs before its ack.
    convoStore: false,
    logger: slackLibraryLogger(deps.log),
    logLevel: LogLevel.WARN,
    authorize: async () => ({
      botToken: deps.settings.botToken.reveal(),
      botId: me.botId,
      botUserId: me.botUserId,
    }),
  })
  app.error(async (error) => {
    deps.log.error({ err: error, reference: newReferenceCode() }, 'A listener let something through')
  })
  listen(
    app,
    {
      services: deps.services,
      findActor: deps.findActor(me),
      home: me,
      views: clients.views,
      later: deps.later,
      refused: deps.refused,
      log: deps.log,
      clock: deps.clock,
      newReference: newReferenceCode,
      stopping: known.stopping,
      submitDeadlineMs: deps.limits?.submitMs ?? 2000,
    },
    deps.listeners,
  )
  return { me, receiver, intake }
}

function createReceiver<S>(deps: SlackAppDeps<S>, intake: Intake): Received {
  const { settings, log, clock, firstSeen, limits } = deps
  if (settings.mode === 'http')
    return createHttpReceiver({
      signingSecret: settings.signingSecret,
      port: settings.port,
      host: settings.host,
      firstSeen,
      intake,
      clock,
      log,
      answerWithinMs: limits?.answerMs ?? 2500,
    })
  return createSockets({
    appToken: settings.appToken,
    apiUrl: settings.apiUrl,
    connections: Math.max(2, settings.connections ?? 2),
    log,
    clock,
    intake,
  })
}
