import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type BotProcess, startBot } from '#src/sandbox/bot.ts'
import { freePorts } from '#src/sandbox/directories/server-process.ts'
import { domainPersonDn } from '#src/sandbox/directories/samba-data.ts'
import { type Samba, startSamba } from '#src/sandbox/directories/samba.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { type Slack, type SlackOptions, startSlack } from '#src/sandbox/slack/index.ts'

/** Ids of the people and places of the sandbox's workspace. */
export const cast = {
  responder: 'U0RITA',
  approver: 'U0ANA',
  secondApprover: 'U0ABEL',
  onCall: 'U0OMAR',
  owner: 'U0OLGA',
  approvers: 'S0APPROVERS',
  channel: 'C0SECURITY',
} as const

/** The password of everybody in the sandbox's directories. */
export const sandboxPassword = 'Correct-Horse-1'

const users = [
  { id: cast.responder, name: 'rita', realName: 'Rita Responder', email: 'rita@corp.example' },
  { id: cast.approver, name: 'ana', realName: 'Ana Approver', email: 'ana@corp.example' },
  { id: cast.secondApprover, name: 'abel', realName: 'Abel Approver', email: 'abel@corp.example' },
  { id: cast.onCall, name: 'omar', realName: 'Omar On-Call', email: 'omar@corp.example' },
  { id: cast.owner, name: 'olga', realName: 'Olga Owner', email: 'olga@corp.example' },
]

const alice = {
  login: 'anguyen',
  displayName: 'Alice Nguyen',
  emails: ['alice@corp.example'],
  department: 'Finance',
  password: sandboxPassword,
}
const bob = {
  login: 'bstone',
  displayName: 'Bob Stone',
  emails: ['bob@corp.example'],
  password: sandboxPassword,
}
const admin = {
  login: 'boss',
  displayName: 'Bea Boss',
  emails: ['boss@corp.example'],
  password: sandboxPassword,
}

/** The workspace with its three people, one channel and one user group. */
export function startWorkspace(options: SlackOptions = {}): Promise<Slack> {
  const everybody = users.map((user) => user.id)
  return startSlack({
    users,
    groups: [
      { id: cast.approvers, handle: 'identity-approvers', users: [cast.approver, cast.secondApprover] },
    ],
    channels: [{ id: cast.channel, name: 'security', members: everybody, withBot: true }],
    ...options,
  })
}

/** The two real directories with the same people; Samba only where it can be started. */
export interface Directories extends AsyncDisposable {
  readonly slapd: Slapd
  readonly samba: Samba | undefined
}

/** Starts slapd, and Samba unless told not to. */
export async function startDirectories(options: { readonly withSamba: boolean }): Promise<Directories> {
  await using stack = new AsyncDisposableStack()
  const people = [alice, bob, admin]
  const slapd = stack.use(await startSlapd({ people, saysLocked: true }))
  const groups = [{ name: 'Domain Admins', members: [domainPersonDn(admin)], builtIn: true }]
  const samba = options.withSamba ? stack.use(await startSamba({ people, groups })) : undefined
  const owned = stack.move()
  return { slapd, samba, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** What the configuration file of a sandbox bot says beside where things are. */
export interface StageOptions {
  readonly slack: Slack
  readonly directories: Directories
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
  const { slack, directories } = options
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-sandbox-'))
  const [port = 0] = await freePorts(1)
  const configFile = join(folder, 'drawbridge.yaml')
  const systems = [...(directories.samba === undefined ? [] : [directories.samba]), directories.slapd]
  const config = {
    slack: {
      mode: 'socket',
      bot_token: '${SLACK_BOT_TOKEN}',
      app_token: '${SLACK_APP_TOKEN}',
      api_url: slack.apiUrl,
      file_hosts: ['127.0.0.1'],
      channels: { default: cast.channel },
    },
    database: { url: options.databaseUrl ?? `sqlite:${join(folder, 'drawbridge.db')}` },
    operations: { port },
    iam_systems: systems.map((server) => ({
      ...(server === directories.slapd
        ? { id: 'unix-ldap', kind: 'openldap' }
        : { id: 'corp-ad', kind: 'active-directory' }),
      url: server.ldapsUrl,
      ca_file: server.caFile,
      bind_dn: server.service.dn,
      bind_password: server === directories.slapd ? '${LDAP_PASSWORD}' : '${CORP_AD_PASSWORD}',
      base_dn: server.baseDn,
    })),
    roles: {
      viewer: [cast.onCall],
      responder: [cast.responder],
      approver: [cast.approvers],
      owner: [cast.owner],
    },
    ...options.changes,
  }
  await writeFile(configFile, stringify(config))
  const secrets = {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    LDAP_PASSWORD: directories.slapd.service.password,
    CORP_AD_PASSWORD: directories.samba?.service.password ?? 'unused',
  }
  return {
    configFile,
    operationsUrl: `http://127.0.0.1:${port}`,
    start: () => startBot({ configFile, secrets }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
