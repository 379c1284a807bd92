import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type BotProcess, startBot } from '#src/sandbox/bot.ts'
import { freePorts } from '#src/sandbox/directories/server-process.ts'
import { configureEstate } from '#src/sandbox/estate-config.ts'
import type { Estate } from '#src/sandbox/estate.ts'
import { type Slack, type SlackOptions, startSlack } from '#src/sandbox/slack/index.ts'

/** Ids of the people and places of the sandbox's workspace. */
export const cast = {
  responder: 'U0RITA',
  approver: 'U0ANA',
  secondApprover: 'U0ABEL',
  onCall: 'U0OMAR',
  owner: 'U0OLGA',
  localUserAdmin: 'U0LOU',
  approvers: 'S0APPROVERS',
  channel: 'C0SECURITY',
  localUsersChannel: 'C0LOCALUSERS',
} as const

/** The people of the sandbox's workspace, and what each may do. */
export const castMembers = [
  { id: cast.responder, name: 'rita', realName: 'Rita Responder', role: 'Responder', may: 'asks for tasks' },
  { id: cast.approver, name: 'ana', realName: 'Ana Approver', role: 'Approver', may: 'approves and rejects' },
  {
    id: cast.secondApprover,
    name: 'abel',
    realName: 'Abel Approver',
    role: 'Approver',
    may: 'approves and rejects',
  },
  { id: cast.onCall, name: 'omar', realName: 'Omar On-Call', role: 'Viewer', may: 'follows the tasks' },
  {
    id: cast.owner,
    name: 'olga',
    realName: 'Olga Owner',
    role: 'Owner',
    may: 'cancels any task, looks after systems and local users',
  },
  {
    id: cast.localUserAdmin,
    name: 'lou',
    realName: 'Lou Local-Users',
    role: 'Local user admin',
    may: 'manages local users',
  },
] as const

/** The workspace with its people, two channels and one user group. `tz` is everybody's zone, UTC if not given. */
export function startWorkspace({
  tz = 'Etc/UTC',
  ...options
}: SlackOptions & { readonly tz?: string } = {}): Promise<Slack> {
  const everybody = castMembers.map(({ id }) => id)
  return startSlack({
    users: castMembers.map(({ id, name, realName }) => ({
      id,
      name,
      realName,
      tz,
      email: `${name}@corp.example`,
    })),
    groups: [
      { id: cast.approvers, handle: 'identity-approvers', users: [cast.approver, cast.secondApprover] },
    ],
    channels: [
      { id: cast.channel, name: 'security', members: everybody, withBot: true },
      { id: cast.localUsersChannel, name: 'local-users', members: everybody, withBot: true },
    ],
    ...options,
  })
}

/** What the configuration file of a sandbox bot says beside where things are. */
export interface StageOptions {
  readonly slack: Slack
  readonly estate: Estate
  readonly databaseUrl?: string
  /** Merged over the top level of the file. */
  readonly changes?: Readonly<Record<string, unknown>>
}

/** A configuration on disk from which the bot can be started again and again. */
export interface Stage extends AsyncDisposable {
  readonly configFile: string
  readonly operationsUrl: string
  start(): BotProcess
}

/** Writes the configuration file for the servers that run. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const { slack, estate } = options
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-sandbox-'))
  const [port = 0] = await freePorts(1)
  const configFile = join(folder, 'drawbridge.yaml')
  const { systems, secrets } = await configureEstate(estate, folder)
  const config = {
    slack: {
      mode: 'socket',
      bot_token: '${SLACK_BOT_TOKEN}',
      app_token: '${SLACK_APP_TOKEN}',
      api_url: slack.apiUrl,
      file_hosts: ['127.0.0.1'],
      channels: { default: cast.channel, local_users: cast.localUsersChannel },
    },
    database: { url: options.databaseUrl ?? `sqlite:${join(folder, 'drawbridge.db')}` },
    operations: { port },
    iam_systems: systems,
    roles: {
      viewer: [cast.onCall],
      responder: [cast.responder],
      approver: [cast.approvers],
      local_user_admin: [cast.localUserAdmin, cast.owner],
      owner: [cast.owner],
    },
    ...options.changes,
  }
  await writeFile(configFile, stringify(config))
  const tokens = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken }
  return {
    configFile,
    operationsUrl: `http://127.0.0.1:${port}`,
    start: () => startBot({ configFile, secrets: { ...secrets, ...tokens } }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
