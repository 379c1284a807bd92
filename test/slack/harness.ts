import { type Slack, type SlackOptions, startSlack } from '#src/sandbox/slack/index.ts'
import { systemClock } from '#src/clock.ts'
import { findActor, type RoleLists } from '#src/people/roles.ts'
import { createSlackApp, type SlackApp, type SlackAppDeps, type SlackSettings } from '#src/slack/app.ts'
import { createSlackClients } from '#src/slack/clients.ts'
import type { LateAnswer, Log } from '#src/slack/context.ts'
import { definitionsFor, type Listener } from '#src/slack/define.ts'
import { createSlackPeople } from '#src/slack/people.ts'
import { secret } from '#src/secrets.ts'

/** What the listeners of a test may use: a note of what happened. */
export interface TestServices {
  readonly notes: unknown[]
}

export const {
  defineCommand,
  defineEvent,
  defineFormCommand,
  defineShortcut,
  defineModal,
  defineAction,
  defineFormAction,
} = definitionsFor<TestServices>()

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly facts: object
  readonly message: string
}

/** A log that keeps its lines. */
export function createLines(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const keep = (level: LogLine['level']) => (facts: object, message: string) =>
    void lines.push({ level, facts, message })
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') }
}

export interface Edge extends AsyncDisposable {
  readonly slack: Slack
  readonly app: SlackApp
  readonly services: TestServices
  readonly late: LateAnswer[]
  readonly log: ReturnType<typeof createLines>
  readonly rita: string
  readonly ana: string
  readonly channel: string
}

/** How the settings differ from Socket Mode with the right tokens. */
export interface SettingsChange {
  readonly mode?: 'http'
  readonly appToken?: string
}

/** A workspace with rita (responder), ana (approver) and nora (no role), and the edge connected to it. */
export async function startEdge(
  listeners: readonly Listener<TestServices>[],
  options: {
    readonly slack?: SlackOptions
    readonly limits?: SlackAppDeps<TestServices>['limits']
    readonly settings?: (slack: Slack) => SettingsChange
    readonly start?: boolean
  } = {},
): Promise<Edge> {
  const slack = await startSlack({ limits: { rateScale: Infinity }, ...options.slack })
  for (const name of ['rita', 'ana', 'nora']) slack.addUser({ id: `U0${name.toUpperCase()}`, name })
  const channel = slack.addChannel({ name: 'security' })
  const log = createLines()
  const notes: unknown[] = []
  const late: LateAnswer[] = []
  const seen = new Set<string>()
  const roleLists: RoleLists = {
    viewer: [],
    responder: ['U0RITA'],
    approver: ['U0ANA'],
    local_user_admin: [],
    owner: [],
  }
  const clients = createSlackClients({ botToken: slack.botToken, apiUrl: slack.apiUrl, log })
  const people = createSlackPeople({ call: clients.people, clock: systemClock, log })
  const app = createSlackApp<TestServices>({
    settings: settingsFor(slack, options.settings?.(slack)),
    listeners,
    services: { notes },
    findActor: (home) => (sender, how) => findActor({ people, home, roleLists }, sender.userId, how),
    later: async (answer) => void late.push(answer),
    refused: async () => {},
    firstSeen: async (key) => !seen.has(key) && seen.add(key) !== undefined,
    log,
    clock: systemClock,
    limits: { retryMs: 20, ...options.limits },
  })
  if (options.start !== false) {
    await app.start()
    const port = app.port()
    if (port !== undefined) slack.setRequestUrl(`http://127.0.0.1:${port}/slack/events`)
  }
  return {
    slack,
    app,
    services: { notes },
    late,
    log,
    rita: 'U0RITA',
    ana: 'U0ANA',
    channel: channel.id,
    [Symbol.asyncDispose]: async () => {
      slack.faults.clear()
      await app.stop(1000)
      await slack[Symbol.asyncDispose]()
    },
  }
}

function settingsFor(slack: Slack, change: SettingsChange = {}): SlackSettings {
  const common = { botToken: secret(slack.botToken), apiUrl: slack.apiUrl }
  if (change.mode === 'http')
    return { ...common, mode: 'http', signingSecret: secret(slack.signingSecret), port: 0, host: '127.0.0.1' }
  return { ...common, mode: 'socket', appToken: secret(change.appToken ?? slack.appToken) }
}
