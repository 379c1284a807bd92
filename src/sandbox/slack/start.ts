import { createChanges } from '#src/sandbox/slack/changes.ts'
import { createFaults, type Faults } from '#src/sandbox/slack/faults.ts'
import { createIds } from '#src/sandbox/slack/ids.ts'
import { type Limits, slackLimits } from '#src/sandbox/slack/limits.ts'
import { createHandlers } from '#src/sandbox/slack/methods/handlers.ts'
import { createRates } from '#src/sandbox/slack/rates.ts'
import {
  addChannel,
  addUser,
  slackbot,
  addUserGroup,
  type NewChannel,
  type NewUser,
  type NewUserGroup,
} from '#src/sandbox/slack/residents.ts'
import { observe, type Observation } from '#src/sandbox/slack/observe.ts'
import { type Person, personOf } from '#src/sandbox/slack/people/person.ts'
import type { Carrier } from '#src/sandbox/slack/wire/carrier.ts'
import { createEvents, type Events } from '#src/sandbox/slack/wire/events.ts'
import { createHttpMode, type HttpMode } from '#src/sandbox/slack/wire/http-mode.ts'
import { createApp, openServer } from '#src/sandbox/slack/wire/server.ts'
import { serveSockets, type Sockets } from '#src/sandbox/slack/wire/sockets.ts'
import { createWebApi } from '#src/sandbox/slack/wire/web-api.ts'
import type { Channel, Settings, SlackUser, UserGroup, World } from '#src/sandbox/slack/world.ts'

/** The scopes Drawbridge asks for (SECURITY.md says why). */
const defaultScopes: readonly string[] = [
  'commands',
  'chat:write',
  'users:read',
  'users:read.email',
  'usergroups:read',
  'im:write',
  'files:read',
  'files:write',
  'channels:history',
  'groups:history',
]

/** How the workspace is to be. */
export interface SlackOptions {
  readonly users?: readonly NewUser[]
  readonly channels?: readonly NewChannel[]
  readonly groups?: readonly NewUserGroup[]
  readonly scopes?: readonly string[]
  readonly limits?: Partial<Limits>
  /** How the app is reached; default: Socket Mode. The URL may be set later with `setRequestUrl`. */
  readonly mode?: 'socket' | { readonly requestUrl: string | undefined }
  /** The slash commands that exist; default: whatever is typed, with `should_escape`. */
  readonly commands?: readonly { readonly name: string; readonly shouldEscape?: boolean }[]
  /** The shortcuts that exist; default: whatever is used. */
  readonly shortcuts?: readonly { readonly id: string; readonly place: 'message' | 'global' }[]
  /** Event types the app subscribed to; default: `app_home_opened`. */
  readonly events?: readonly string[]
  readonly botName?: string
  /** Milliseconds; a test may move it by hand. Only what expires and refills goes by it, not the 3 s for an answer. */
  readonly now?: () => number
  readonly port?: number
}

/** A running workspace with one app in it. */
export interface Slack extends Observation, AsyncDisposable {
  /** For `slackApiUrl` of the clients. */
  readonly apiUrl: string
  readonly baseUrl: string
  readonly botToken: string
  readonly appToken: string
  readonly signingSecret: string
  readonly teamId: string
  readonly botUserId: string
  readonly appId: string
  readonly addUser: (user: NewUser) => SlackUser
  readonly updateUser: (id: string, change: Partial<Omit<SlackUser, 'id'>>) => void
  readonly addChannel: (channel: NewChannel) => Channel
  readonly updateChannel: (id: string, change: Partial<Omit<Channel, 'id'>>) => void
  readonly addUserGroup: (group: NewUserGroup) => UserGroup
  readonly updateUserGroup: (id: string, change: Partial<Omit<UserGroup, 'id'>>) => void
  /** Somebody at the keyboard; deactivated people too, for what they did just before. */
  readonly as: (userId: string) => Person
  /** The scopes granted; change them at run time. */
  readonly scopes: Set<string>
  readonly settings: Settings
  readonly faults: Faults & {
    /** Refuses all HTTP connections: the port is closed. Sockets that are open stay. */
    readonly closeApi: () => Promise<void>
    readonly reopenApi: () => Promise<void>
    /** Slack no longer takes a token. Undone with `acceptToken`. */
    readonly revokeToken: (
      token: string,
      error?: 'token_revoked' | 'invalid_auth' | 'account_inactive' | 'token_expired',
    ) => void
    readonly acceptToken: (token: string) => void
  }
  readonly sockets: Omit<Sockets, 'send' | 'ticketUrl' | typeof Symbol.asyncDispose>
  readonly http: Omit<HttpMode, 'send'>
  readonly setRequestUrl: (url: string) => void
  readonly events: Events
}

/** Starts a workspace on a free port of this machine. */
export async function startSlack(options: SlackOptions = {}): Promise<Slack> {
  const listening = await openServer(options.port)
  const world = createWorld(options, `http://127.0.0.1:${listening.port}`)
  const faults = createFaults()
  const sockets = serveSockets(world, listening.server)
  const webApi = createWebApi({
    world,
    faults,
    rates: createRates(world),
    handlers: createHandlers(sockets.ticketUrl),
  })
  listening.serve(createApp({ world, faults, webApi }).fetch)

  let requestUrl = typeof options.mode === 'object' ? options.mode.requestUrl : undefined
  const http = createHttpMode(world, () => requestUrl)
  const carrier: Carrier = typeof options.mode === 'object' ? http : sockets
  const ending = new AbortController()
  const events = createEvents(world, carrier, ending.signal)

  for (const user of options.users ?? []) addUser(world, user)
  for (const group of options.groups ?? []) addUserGroup(world, group)
  for (const channel of options.channels ?? []) addChannel(world, channel)

  return {
    ...observe(world),
    apiUrl: `${world.baseUrl}/api/`,
    baseUrl: world.baseUrl,
    botToken: world.app.botToken,
    appToken: world.app.appToken,
    signingSecret: world.app.signingSecret,
    teamId: world.team.id,
    botUserId: world.app.botUserId,
    appId: world.app.id,
    addUser: (user) => addUser(world, user),
    updateUser: (id, change) => update(world.users, id, change),
    addChannel: (channel) => addChannel(world, channel),
    updateChannel: (id, change) => update(world.channels, id, change),
    addUserGroup: (group) => addUserGroup(world, group),
    updateUserGroup: (id, change) => update(world.groups, id, change),
    as: (userId) => personOf({ world, carrier, events }, userId),
    scopes: world.scopes,
    settings: world.settings,
    faults: {
      whenever: faults.whenever,
      clear: faults.clear,
      closeApi: listening.close,
      reopenApi: listening.reopen,
      revokeToken: (token, error = 'token_revoked') => {
        world.settings.revoked = new Map([...world.settings.revoked, [token, error]])
      },
      acceptToken: (token) => {
        world.settings.revoked = new Map([...world.settings.revoked].filter(([each]) => each !== token))
      },
    },
    sockets,
    http,
    setRequestUrl: (url) => {
      requestUrl = url
    },
    events,
    [Symbol.asyncDispose]: async () => {
      ending.abort()
      faults.clear()
      await sockets[Symbol.asyncDispose]()
      await listening.close()
    },
  }
}

function update<T>(all: Map<string, T>, id: string, change: Partial<T>): void {
  const known = all.get(id)
  if (known === undefined) throw new Error(`${id} does not exist`)
  all.set(id, { ...known, ...change })
}

function createWorld(options: SlackOptions, baseUrl: string): World {
  const now = options.now ?? Date.now
  const ids = createIds(now)
  const world: World = {
    baseUrl,
    team: { id: ids.id('T'), domain: 'sandbox', name: 'Sandbox' },
    app: {
      id: ids.id('A'),
      botUserId: ids.id('U'),
      botId: ids.id('B'),
      botToken: `xoxb-${ids.word()}`,
      appToken: `xapp-1-${ids.word()}`,
      signingSecret: ids.word(),
      verificationToken: ids.word(),
    },
    settings: {
      paid: true,
      planBlocks: true,
      commands:
        options.commands &&
        new Map(options.commands.map(({ name, shouldEscape = true }) => [name, { shouldEscape }])),
      shortcuts: options.shortcuts && new Map(options.shortcuts.map(({ id, place }) => [id, place])),
      events: new Set(options.events ?? ['app_home_opened']),
      appScopes: new Set(['connections:write']),
      revoked: new Map(),
      socketMode: typeof options.mode !== 'object',
    },
    scopes: new Set(options.scopes ?? defaultScopes),
    limits: { ...slackLimits, ...options.limits },
    now,
    ids,
    changes: createChanges(),
    users: new Map(),
    groups: new Map(),
    channels: new Map(),
    messages: new Map(),
    ephemerals: [],
    views: new Map(),
    stacks: new Map(),
    homes: new Map(),
    triggers: new Map(),
    responseUrls: new Map(),
    files: new Map(),
    uploads: new Map(),
    calls: [],
    pings: [],
    complaints: [],
  }
  const name = options.botName ?? 'drawbridge'
  addUser(world, { id: world.app.botUserId, name, realName: 'Drawbridge', isBot: true })
  // Slack's own bot, which says of itself that it is none.
  addUser(world, { id: slackbot, name: 'slackbot', realName: 'Slackbot', email: undefined })
  return world
}
