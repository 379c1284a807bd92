import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DirectoryPerson } from '#src/sandbox/directories/people.ts'
import { type Samba, startSamba } from '#src/sandbox/directories/samba.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { packageReport, sambaPackages } from '#src/sandbox/packages.ts'
import type { Slack } from '#src/sandbox/slack/index.ts'
import type { BotProcess } from '#src/sandbox/bot.ts'
import type { Estate } from '#src/sandbox/estate.ts'
import { cast, setStage, startWorkspace } from '#src/sandbox/stage.ts'

/** Slack's own limits and times would be measured instead of the bot; both sides of a comparison are rid of them. */
const limits = { rateScale: Infinity, ackMs: 120_000, triggerMs: 120_000 }

/** The people's password in the directories. */
export const password = 'Correct-Horse-1'

/** A workspace whose limits and rates play no part, with `count` people who may request beside the cast. */
export async function startBenchSlack(count: number): Promise<{ slack: Slack; crowd: readonly string[] }> {
  const slack = await startWorkspace({
    limits,
    users: [],
    groups: [],
    channels: [],
  })
  const ids = Array.from({ length: count }, (_, index) => `U0CROWD${String(index).padStart(4, '0')}`)
  for (const id of Object.values(cast))
    if (id.startsWith('U')) slack.addUser({ id, name: id.slice(2).toLowerCase() })
  for (const id of ids) slack.addUser({ id, name: id.slice(2).toLowerCase() })
  slack.addUserGroup({ id: cast.approvers, handle: 'identity-approvers', users: [cast.approver] })
  slack.addUserGroup({ id: responders, handle: 'responders', users: [cast.responder, ...ids] })
  slack.addChannel({ id: cast.channel, name: 'security' })
  return { slack, crowd: ids }
}

const responders = 'S0RESPONDERS'

/** Somebody's name in the directories: `bot007`. */
export function login(name: string, index: number): string {
  return `${name}${String(index).padStart(3, '0')}`
}

/** Their e-mail address. */
export function address(name: string, index: number): string {
  return `${login(name, index)}@corp.example`
}

/** People for the directories. */
export function manyPeople(name: string, count: number): readonly DirectoryPerson[] {
  return Array.from({ length: count }, (_, index) => ({
    login: login(name, index),
    displayName: `Person ${login(name, index)}`,
    emails: [address(name, index)],
    password,
  }))
}

/** The directories of a bench. */
export interface Directories extends AsyncDisposable {
  readonly slapd: Slapd
  readonly samba: Samba | undefined
}

/** slapd with these people, and a Samba domain with the same where that is wanted and can be started. */
export async function startBenchDirectories(options: {
  readonly people: readonly DirectoryPerson[]
  readonly withSamba: boolean
  /** Who is in the domain instead of `people`. */
  readonly domainPeople?: readonly DirectoryPerson[]
}): Promise<Directories> {
  const { people, domainPeople = people } = options
  await using stack = new AsyncDisposableStack()
  const slapd: Slapd = stack.use(await startSlapd({ people, saysLocked: true }))
  const can = process.getuid?.() === 0 && (await packageReport(sambaPackages)).missing.length === 0
  const samba: Samba | undefined =
    options.withSamba && can ? stack.use(await startSamba({ people: domainPeople })) : undefined
  const owned = stack.move()
  return { slapd, samba, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** A bot that is connected. */
export interface RunningBot extends AsyncDisposable {
  readonly bot: BotProcess
  readonly databaseFile: string
}

/** Starts the bot as an operator does, in a process of its own with SQLite on disk, and waits until it is connected. */
export async function startBenchBot(
  slack: Slack,
  estate: Estate,
  changes: Readonly<Record<string, unknown>> = {},
  databaseUrl?: string,
): Promise<RunningBot> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const databaseFile = join(folder, 'drawbridge.db')
  const stage = stack.use(
    await setStage({
      slack,
      estate,
      databaseUrl: databaseUrl ?? `sqlite:${databaseFile}`,
      changes: {
        roles: { responder: [responders], approver: [cast.approvers], owner: [cast.owner] },
        ...changes,
      },
    }),
  )
  const bot = stack.use(stage.start())
  await Promise.race([
    slack.waitUntil(() => slack.sockets.count() >= 2, { what: 'the bot', timeoutMs: 60_000 }),
    bot.ended.then((code) => Promise.reject(new Error(`the bot ended with status ${code}: ${bot.output()}`))),
  ])
  const owned = stack.move()
  return { bot, databaseFile, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
