import { type BotProcess } from '#src/sandbox/bot.ts'
import { slapdTree } from '#src/sandbox/directories/slapd-config.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import type { Slack } from '#src/sandbox/slack/index.ts'
import { sandboxPassword } from '#src/sandbox/estate.ts'
import { cast, setStage, type Stage, startWorkspace } from '#src/sandbox/stage.ts'
import { type CountingProxy, startCountingProxy } from '#test/faults/counting-proxy.ts'

/** Those who ask. */
export const responders = ['U0RITA', 'U0RAY', 'U0RUTH', 'U0ROB', 'U0RIA'] as const
/** Those who decide. */
export const approvers = ['U0ANA', 'U0ABEL', 'U0ADA'] as const
/** Nobody asks for anything about this person. */
export const bystander = 'bystander'

/** Everything around the bot: Slack with its people, a directory behind a counting proxy, a configuration. */
export interface Theatre extends AsyncDisposable {
  readonly slack: Slack
  readonly slapd: Slapd
  readonly proxy: CountingProxy
  /** A configuration for each replica; only the port for operations differs. */
  readonly stages: readonly Stage[]
  /** The logins of the people whom tasks are about: u00, u01, … */
  readonly logins: readonly string[]
  /** Starts a replica, for the first time or once more; all end with the theatre. */
  start(replica: number): BotProcess
  /** Asks all bots to stop; answers how each of them ended that was not killed before. */
  endAll(): Promise<readonly number[]>
  /** What all bots have printed. */
  output(): string
}

/** Sets everything up; no bot runs yet. */
export async function openTheatre(options: {
  readonly people: number
  readonly bots: number
  readonly databaseUrl: string
  readonly changes?: Readonly<Record<string, unknown>>
}): Promise<Theatre> {
  await using stack = new AsyncDisposableStack()
  const logins = Array.from({ length: options.people }, (_, index) => `u${String(index).padStart(2, '0')}`)
  const slapd = stack.use(await startSlapd({ people: [...logins, bystander].map(person), saysLocked: true }))
  const proxy = stack.use(await startCountingProxy({ host: '127.0.0.1', port: slapd.port }))
  // Slack's limits for one channel would make this a test of patience; they have tests of their own.
  const slack = stack.use(await startWorkspace({ limits: { rateScale: Infinity } }))
  addPeople(slack)
  const system = {
    id: 'unix-ldap',
    kind: 'openldap',
    url: `ldap://127.0.0.1:${proxy.port}`,
    bind_dn: slapd.service.dn,
    bind_password: '${LDAP_PASSWORD}',
    base_dn: slapdTree.people,
  }
  const stages: Stage[] = []
  for (let replica = 0; replica < options.bots; replica += 1)
    stages.push(
      stack.use(
        await setStage({
          slack,
          estate: { slapd },
          databaseUrl: options.databaseUrl,
          changes: {
            iam_systems: [system],
            roles: { responder: responders, approver: [cast.approvers], owner: [cast.owner] },
            ...options.changes,
          },
        }),
      ),
    )
  const bots: BotProcess[] = []
  stack.defer(async () => void (await Promise.all(bots.map((bot) => bot.kill()))))
  const owned = stack.move()
  return {
    slack,
    slapd,
    proxy,
    stages,
    logins,
    start: (replica) => {
      const bot = stages[replica]!.start()
      bots.push(bot)
      return bot
    },
    endAll: async () => {
      await Promise.all(bots.map((bot) => bot[Symbol.asyncDispose]()))
      return (await Promise.all(bots.map((bot) => bot.ended))).filter((code) => code !== 137)
    },
    output: () => bots.map((bot) => bot.output()).join('\n--- another process ---\n'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function person(login: string) {
  return {
    login,
    displayName: `Person ${login}`,
    emails: [`${login}@corp.example`],
    password: sandboxPassword,
  }
}

function addPeople(slack: Slack): void {
  const known = new Set<string>([cast.responder, cast.approver, cast.secondApprover])
  for (const id of [...responders, ...approvers])
    if (!known.has(id)) slack.addUser({ id, name: id.slice(2).toLowerCase() })
  slack.updateUserGroup(cast.approvers, { users: approvers })
  const members = [...responders, ...approvers, cast.onCall, cast.owner, slack.botUserId]
  slack.updateChannel(cast.channel, { members })
}
